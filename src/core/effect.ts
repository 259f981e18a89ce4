/** What the core wants done. The edge carries effects out in their order. */
import type { Close } from '../protocol/errors.ts'
import type { Refusal } from '../protocol/refusal.ts'
import type { Entry } from './entry.ts'

export type Effect =
  | { readonly type: 'send'; readonly socketId: string; readonly frame: string }
  /** A ping control frame, for clients that speak in control frames. */
  | { readonly type: 'ping'; readonly socketId: string }
  /** Nothing more goes to that socket, and it is on no topic any more; the core has already forgotten it. */
  | { readonly type: 'close'; readonly socketId: string; readonly close: Close }
  | { readonly type: 'join'; readonly socketId: string; readonly topic: string }
  | { readonly type: 'leave'; readonly socketId: string; readonly topic: string }
  | Broadcast
  /** For the other nodes. */
  | { readonly type: 'replicate'; readonly entry: Entry }
  /** For whoever watches from outside; clients hear nothing of it. */
  | { readonly type: 'notify'; readonly notice: Notice }
  | Refused

/** Something was refused, or dropped: for logs and counters. Clients are answered by effects of their own. */
export type Refused = {
  readonly type: 'refused'
  readonly refusal: Refusal
  /** Undefined where the client names no app that there is. */
  readonly appId: string | undefined
  /** What a log may show of it, as the client sent it: an origin, a key, the name of a channel; or nothing. */
  readonly about: string
  /** How often at once; undefined: once. */
  readonly times?: number
}

/** To everybody on the topic, apart from one. */
export type Broadcast = {
  readonly type: 'broadcast'
  readonly topic: string
  readonly frame: string
  readonly exceptSocketId: string | undefined
  /** To the sockets of other nodes too, and not to this one's only. */
  readonly everywhere: boolean
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
