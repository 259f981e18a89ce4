/** The port for those who observe connections, messages and channels: the debug log, and listeners in the application. */
import type { ChannelNotice } from '../core/effect.ts'

/** A socket at the moment of what is observed. */
export type ObservedSocket = {
  readonly appId: string
  readonly socketId: string
  /** The Origin header of its handshake; null without one. */
  readonly origin: string | null
  /** When the server received the last frame of the client, by its own clock. */
  readonly lastSeenMs: number
  /** Whether a ping was sent, and nothing was received since. */
  readonly isPinged: boolean
}

/** A connection that has ended. */
type ClosedSocket = {
  /** Undefined where the connection was refused. */
  readonly appId: string | undefined
  readonly socketId: string
  /** The code of the close frame, from either side; 1006 where there was none. */
  readonly code: number
  readonly reason: string
  readonly seconds: number
}

export type Observer = {
  readonly opened: (socket: ObservedSocket) => void
  readonly closed: (socket: ClosedSocket) => void
  readonly received: (socket: ObservedSocket, text: string) => void
  readonly sent: (socket: ObservedSocket, frame: string) => void
  readonly channel: (notice: ChannelNotice) => void
  readonly pruned: (socket: ObservedSocket) => void
}
