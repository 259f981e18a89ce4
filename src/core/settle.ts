/** Carries out what was deferred. Called every 100 ms, as clients wait for it; takes time in proportion to what is due. */
import type { Effect } from './effect.ts'
import { settleMembers } from './presence.ts'
import { settleUsers } from './signin.ts'
import type { State } from './state.ts'
import { subscribeLate } from './subscribe.ts'

/** Announces the joins and leaves that were held, and completes the subscriptions that were delayed. */
export function settle(state: State, nowMs: number): Effect[] {
  const effects: Effect[] = []
  settleMembers(state, nowMs, effects)
  settleUsers(state, nowMs, effects)
  subscribeLate(state, nowMs, effects)
  state.resubscriptions.expire(nowMs)
  return effects
}
