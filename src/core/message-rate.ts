/** `rate_limiting` of an app: how many messages one client may send. */
import { rateLimited } from '../protocol/errors.ts'
import type { Effect } from './effect.ts'
import { refusalOf, rejectMessage } from './error-effects.ts'
import { admit, isFirstRefusal, newWindow } from './rate-limit.ts'
import type { Socket } from './socket.ts'

/** Counts a message, and returns whether it exceeds the limit. Of those that do, the first one in a window is answered. */
export function exceedsRate(socket: Socket, nowMs: number, effects: Effect[]): boolean {
  const { rateLimit } = socket.app
  if (rateLimit === null) return false
  socket.rate ??= newWindow()
  if (admit(socket.rate, rateLimit, nowMs)) return false
  if (isFirstRefusal(socket.rate)) rejectMessage(socket, rateLimited(), effects)
  else effects.push(refusalOf(socket, 'message-rate'))
  return true
}
