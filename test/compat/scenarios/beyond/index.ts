/** What Revurb does beyond Reverb: there is nothing to record it from, so every transcript was read before it became one. */
import auth from './auth.ts'
import cacheKept from './cache-kept.ts'
import http from './http.ts'
import idempotency from './idempotency.ts'
import limits from './limits.ts'
import signin from './signin.ts'
import subscriptionCount from './subscription-count.ts'
import terminate from './terminate.ts'
import watchlist from './watchlist.ts'

export const groups = [auth, signin, watchlist, terminate, subscriptionCount, cacheKept, limits, http, idempotency]
