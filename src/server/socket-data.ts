/** What is kept with each of Bun's WebSockets. */
import type { Queue } from '../cluster/queue.ts'
import type { Usage } from '../core/allowance.ts'

export type SocketData = Usage & {
  readonly socketId: string
  /** Kept until the socket is open and the core has decided on it. */
  handshake: { readonly appKey: string; readonly origin: string | null; readonly protocol: string | null } | undefined
  /** Kept for observers only: a server without them spends no memory on this. */
  seen: Seen | undefined
  /** Messages beyond the client's allowance, which are handled later; undefined where there are none. */
  waiting: Waiting | undefined
}

/** See `Backlog`. */
type Waiting = {
  readonly texts: Queue<string>
  /** How much memory these messages take. */
  bytes: number
  /** Runs after the last of them, where the client has closed its connection meanwhile. */
  afterLast: (() => void) | undefined
}

/** What observers receive about a connection when it ends. */
type Seen = { readonly origin: string | null; readonly appId: string | undefined; readonly openedAtMs: number }

export type WebSocket = Bun.ServerWebSocket<SocketData>
