/**
 * What the core wants done. `server/executor.ts` carries effects out in their order.
 *
 * How effects are returned: what other folders call (the methods of `Hub` and `Replica`) returns a new list. Everything below appends to that list, which is its last parameter, `effects`. So a call makes one
 * list, and nothing copies it. A function that builds a single effect returns it.
 */
import type { Close } from '../protocol/errors.ts'
import type { Refusal } from '../protocol/refusal.ts'
import type { Entry } from './entry.ts'

export type Effect =
  | { readonly type: 'send'; readonly socketId: string; readonly frame: string }
  /** A ping control frame, for clients that send control frames themselves. */
  | { readonly type: 'ping'; readonly socketId: string }
  /** Ends a connection, which is sent nothing more. The core has already removed the socket. */
  | { readonly type: 'close'; readonly socketId: string; readonly close: Close }
  | { readonly type: 'subscribe'; readonly socketId: string; readonly topic: string }
  | { readonly type: 'unsubscribe'; readonly socketId: string; readonly topic: string }
  | Broadcast
  /** Sends the other nodes an entry of this one. */
  | { readonly type: 'replicate'; readonly entry: Entry }
  /** Terminates the connections of a user on the other nodes. */
  | { readonly type: 'terminate'; readonly appId: string; readonly userId: string }
  /** Informs the listeners of the application, and the log. No client is sent anything. */
  | { readonly type: 'notify'; readonly notice: Notice }
  | Refused

/** Something was refused or dropped, which is counted and logged. The client is answered by another effect. */
export type Refused = {
  readonly type: 'refused'
  readonly refusal: Refusal
  /** Undefined where the client names an app that does not exist. */
  readonly appId: string | undefined
  /** What a log may show, as the client sent it: an origin, a key, the name of a channel; or nothing. */
  readonly about: string
  /** How many times; once where it is undefined. */
  readonly times?: number
}

/** Sends a frame to all subscribers of a topic, except one socket. */
export type Broadcast = {
  readonly type: 'broadcast'
  readonly topic: string
  readonly frame: string
  readonly exceptSocketId: string | undefined
  /** Whether the subscribers of other nodes are sent it too. */
  readonly scope: 'cluster' | 'node'
}

export type Notice = ChannelNotice | PrunedNotice

export type ChannelNotice = {
  readonly event: 'channel_created' | 'channel_removed'
  readonly appId: string
  readonly channel: string
}

type PrunedNotice = {
  readonly event: 'connection_pruned'
  readonly appId: string
  readonly socketId: string
  readonly lastSeenMs: number
}
