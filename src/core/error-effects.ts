/** What a client is sent when something is refused: `pusher:error`, and the close after it where the connection ends. */
import { type Close, PusherError, SubscriptionError } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import type { MessageRefusal } from '../protocol/refusal.ts'
import type { Effect, Refused } from './effect.ts'
import type { Socket } from './socket.ts'

/** `pusher:error` with the code of a close, which it goes in front of. It reaches `bind_global`, and SDKs that hide close codes. */
export function closeError(socketId: string, { code, reason }: Close): Effect {
  return { type: 'send', socketId, frame: frames.error(code, reason) }
}

/** A client that is not let in: nothing is kept of it. */
export function refuse(socketId: string, close: Close, refused: Omit<Refused, 'type'>): Effect[] {
  return [{ type: 'refused', ...refused }, closeError(socketId, close), { type: 'close', socketId, close }]
}

/** The answer to a message that a client may not send. @throws whatever else the error is: the server's own */
export function complaint({ id, app }: Pick<Socket, 'id' | 'app'>, error: unknown): Effect[] {
  const send = (frame: string): Effect => ({ type: 'send', socketId: id, frame })
  const refused = ({ refusal }: PusherError, about: string): Effect => ({ type: 'refused', refusal, appId: app.id, about })
  if (error instanceof PusherError) return [refused(error, error.about), send(frames.error(error.code, error.message))]
  if (!(error instanceof SubscriptionError)) throw error
  return [
    refused(error.cause, error.channel),
    send(frames.error(error.cause.code, error.message)),
    send(frames.subscriptionError(error.channel, error.message, error.status)),
  ]
}

/** A refusal of which the client was informed shortly before: it is counted, and not answered again. */
export function unanswered({ app }: Pick<Socket, 'app'>, refusal: MessageRefusal, about = ''): Refused {
  return { type: 'refused', refusal, appId: app.id, about }
}
