/** What a client is sent when something is refused: `pusher:error`, and the close after it where the connection ends. */
import { type Close, PusherError, SubscriptionError } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import type { Refusal } from '../protocol/refusal.ts'
import type { Effect, Refused } from './effect.ts'
import type { Socket } from './socket.ts'

/** `pusher:error` with the code of the close that follows it. Clients find it with `bind_global`, and in SDKs that hide close codes. */
export function closeError(socketId: string, { code, reason }: Close): Effect {
  return { type: 'send', socketId, frame: frames.error(code, reason) }
}

/** Refuses a connection that is not in the state yet. */
export function refuseConnection(socketId: string, close: Close, refused: Omit<Refused, 'type'>, effects: Effect[]): void {
  effects.push({ type: 'refused', ...refused }, closeError(socketId, close), { type: 'close', socketId, close })
}

/** Answers a message that was refused. @throws an error that is not of the protocol, which is a fault of the server */
export function rejectMessage({ id, app }: Pick<Socket, 'id' | 'app'>, error: unknown, effects: Effect[]): void {
  const send = (frame: string): Effect => ({ type: 'send', socketId: id, frame })
  if (error instanceof PusherError) {
    effects.push(refusalOf({ app }, error.refusal, error.about), send(frames.error(error.code, error.message)))
    return
  }
  if (!(error instanceof SubscriptionError)) throw error
  effects.push(
    refusalOf({ app }, error.cause.refusal, error.channel),
    send(frames.error(error.cause.code, error.message)),
    send(frames.subscriptionError(error.channel, error.message, error.status)),
  )
}

/** Counts a refusal. By itself, it sends the client nothing. */
export function refusalOf({ app }: Pick<Socket, 'app'>, refusal: Refusal, about = ''): Refused {
  return { type: 'refused', refusal, appId: app.id, about }
}
