/**
 * All errors that a WebSocket client can be sent, and all codes with which its connection can be closed.
 *
 * pusher-js acts on the code of a close frame: after 4000–4099 (except 4000) and 4300–4999 it never reconnects, after 4100–4199 it
 * reconnects in a second, after 4200–4299 at once. So a temporary reason never closes with 40xx or 43xx.
 *
 * When an attempt to reconnect is refused, pusher-js makes the next one 15 s later. So a server closes with 4200 only where another one
 * accepts the client at once, and otherwise with 1001, after which clients reconnect like this:
 * - pusher-js 8.6 (and with it Laravel Echo) after 1 s; 1000 and 1001 are the only codes that raise no `error` event.
 * - pusher-websocket-java 2.4 after 1, 4, 9 … s, pusher-websocket-swift 10.1 after 0, 1, 4 … s: both after any code but 40xx,
 *   and only the one for Swift reconnects at once after 42xx. Pusher's SDKs for Flutter and React Native are these two.
 * - pusher-websocket-dotnet 2.3 after 1, 2, 3 … s and dart_pusher_channels 1.2 after 1 s, whatever the code.
 */

import type { MessageRefusal } from './refusal.ts'

export type PusherErrorCode = 4001 | 4003 | 4004 | 4009 | 4100 | 4200 | 4201 | 4301 | 4302

/** Codes that close a connection, with the reason in the close frame. */
export const closes = {
  unknownApp: { code: 4001, reason: 'Application does not exist' },
  disabled: { code: 4003, reason: 'Application disabled' },
  overQuota: { code: 4004, reason: 'Application is over connection quota' },
  invalidVersion: { code: 4006, reason: 'Invalid version string format' },
  unsupportedVersion: { code: 4007, reason: 'Unsupported protocol version' },
  noVersion: { code: 4008, reason: 'No protocol version supplied' },
  unauthorized: { code: 4009, reason: 'Origin not allowed' },
  terminated: { code: 4009, reason: 'Connection terminated by the application' },
  overCapacity: { code: 4100, reason: 'Over capacity' },
  unreachable: { code: 4100, reason: 'Applications cannot be looked up at the moment' },
  flooded: { code: 4100, reason: 'Too many messages or bytes a second' },
  rateLimited: { code: 4100, reason: 'Rate limit exceeded' },
  restart: { code: 4200, reason: 'Server is going away, please reconnect' },
  stopped: { code: 1001, reason: 'Server is stopping' },
  disconnected: { code: 4200, reason: 'Disconnected by the application' },
  noPong: { code: 4201, reason: 'Pong reply not received in time' },
  tooLarge: { code: 1009, reason: 'Maximum message size exceeded' },
} as const satisfies Record<string, Close>

export type Close = { readonly code: number; readonly reason: string }

/** A message that is refused; its client is sent `pusher:error`. */
export class PusherError extends Error {
  override readonly name = 'PusherError'

  /** @param about what a log may show: the name of a channel, or nothing */
  constructor(
    readonly code: PusherErrorCode,
    readonly refusal: MessageRefusal,
    message: string,
    readonly about = '',
  ) {
    super(message)
  }
}

/** The status of a subscription that is malformed, not authorized, or exceeds a limit. */
export type SubscriptionStatus = 400 | 401 | 403

/** A subscription that is refused: the client is also sent an error on the channel, so that Echo's `.error()` is called. */
export class SubscriptionError extends Error {
  override readonly name = 'SubscriptionError'

  constructor(
    override readonly cause: PusherError,
    readonly channel: string,
    /** An HTTP status, as pusher-js expects. */
    readonly status: SubscriptionStatus,
  ) {
    super(cause.message)
  }
}

/** The text is not a message of the protocol. */
export const invalidMessage = (refusal: MessageRefusal = 'message-invalid') =>
  new PusherError(4200, refusal, 'Invalid message format')
export const unauthorized = (refusal: MessageRefusal) => new PusherError(4009, refusal, 'Connection is unauthorized')
export const rateLimited = () => new PusherError(4301, 'message-rate', 'Rate limit exceeded')
export const clientEventsOff = (channel: string) =>
  new PusherError(4301, 'client-events-off', 'The app does not have client messaging enabled.', channel)
export const notAMember = (channel: string) =>
  new PusherError(4009, 'client-event-not-subscribed', 'The client is not a member of the specified channel.', channel)
export const clientEventsOfUsersOff = (channel: string) => {
  const message = "Client event rejected: only the application publishes to a user's own channel."
  return new PusherError(4301, 'client-event-user-channel', message, channel)
}
export const clientEventNameTooLong = (limit: number, channel: string) => {
  const message = `Client event rejected: its name is longer than ${limit} characters.`
  return new PusherError(4301, 'client-event-name', message, channel)
}
export const tooManyClientEvents = (limit: number, channel: string) => {
  const message = `Client event rejected due to rate limit: more than ${limit} a second.`
  return new PusherError(4301, 'client-event-rate', message, channel)
}
export const otherUser = () => new PusherError(4009, 'signin-other-user', 'The connection is already signed in as another user.')
export const watchlistTooLong = (limit: number) =>
  new PusherError(4302, 'watchlist-too-long', `The watchlist is over its limit of ${limit} users: no online status is sent.`)

/** A subscription that would exceed a limit of the app, or the bound of one connection. */
export const overLimit = (message: string, channel: string, refusal: MessageRefusal = 'subscription-limit') =>
  new SubscriptionError(new PusherError(4301, refusal, message), channel, 403)
