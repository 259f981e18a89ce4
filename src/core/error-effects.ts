/** What a client is sent when something is refused: `pusher:error`, and the close after it where the connection ends. */
import { type Close, PusherError, SubscriptionError } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import type { Effect } from './effect.ts'

/** `pusher:error` with the code of a close, which it goes in front of. It reaches `bind_global`, and SDKs that hide close codes. */
export function closeError(socketId: string, { code, reason }: Close): Effect {
  return { type: 'send', socketId, frame: frames.error(code, reason) }
}

/** A client that is not let in: nothing is kept of it. */
export function refuse(socketId: string, close: Close): Effect[] {
  return [closeError(socketId, close), { type: 'close', socketId, close }]
}

/** The answer to a message that a client may not send. @throws whatever else the error is: the server's own */
export function complaint(socketId: string, error: unknown): Effect[] {
  const send = (frame: string): Effect => ({ type: 'send', socketId, frame })
  if (error instanceof PusherError) return [send(frames.error(error.code, error.message))]
  if (!(error instanceof SubscriptionError)) throw error
  return [
    send(frames.error(error.cause.code, error.message)),
    send(frames.subscriptionError(error.channel, error.message, error.status)),
  ]
}
