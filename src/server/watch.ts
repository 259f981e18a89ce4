/** Whoever wants to see what passes through the server, for logs and for the application's own listeners. */
import type { ChannelNotice } from '../core/effect.ts'

/** A socket at the moment of what is watched. */
export type WatchedSocket = {
  readonly appId: string
  readonly socketId: string
  /** As in the header of that name; null without one. */
  readonly origin: string | null
  /** When the last frame came from the client, by the server's own clock. */
  readonly lastSeenMs: number
  /** A ping was sent, and nothing has come since. */
  readonly isPinged: boolean
}

/** A connection at its end. */
type ClosedSocket = {
  /** Undefined where the app did not let it in. */
  readonly appId: string | undefined
  readonly socketId: string
  /** Of the close frame, from either side; 1006 where none came. */
  readonly code: number
  readonly reason: string
  readonly seconds: number
}

export type Watcher = {
  readonly opened: (socket: WatchedSocket) => void
  readonly closed: (socket: ClosedSocket) => void
  readonly received: (socket: WatchedSocket, text: string) => void
  readonly sent: (socket: WatchedSocket, frame: string) => void
  readonly channel: (notice: ChannelNotice) => void
  readonly pruned: (socket: WatchedSocket) => void
}
