/** `rate_limiting` of an app: how many messages it takes from one client. */
import { rateLimited } from '../protocol/errors.ts'
import type { Effect } from './effect.ts'
import { complaint, unanswered } from './error-effects.ts'
import { admit, isFirstRefusal, newWindow } from './rate-limit.ts'
import type { Socket } from './socket.ts'

/** Counts a message; undefined where it is within the limit. Of those over it the first one of a window is answered. */
export function refuseTooFast(socket: Socket, nowMs: number): Effect[] | undefined {
  const { rateLimit } = socket.app
  if (rateLimit === null) return undefined
  socket.rate ??= newWindow()
  if (admit(socket.rate, rateLimit, nowMs)) return undefined
  return isFirstRefusal(socket.rate) ? complaint(socket, rateLimited()) : [unanswered(socket, 'message-rate')]
}
