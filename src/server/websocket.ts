/** Bun's WebSocket callbacks, each one call into the core. */
import { type Allowance, spend } from '../core/allowance.ts'
import type { Refused } from '../core/effect.ts'
import type { Hub } from '../core/hub.ts'
import { Backlog } from './backlog.ts'
import type { Executor, QueueBounds, SocketData, WebSocket } from './effects.ts'
import type { Watcher } from './watch.ts'

export type WebSocketOptions = {
  readonly hub: Hub
  readonly executor: Executor
  readonly watchers: readonly Watcher[]
  readonly nowMs: () => number
  /** The largest message that any app takes. */
  readonly maxMessageBytes: number
  readonly queueBounds: QueueBounds
  /** What one client may send. */
  readonly allowance: Allowance
  readonly refused: (refused: Omit<Refused, 'type'>) => void
  /** Something that nobody foresaw; the socket it happened on is closed. */
  readonly unexpected: (error: unknown, socketId: string) => void
}

/** The code of a connection that ended without a close frame: also where Bun ends it because too much waits for its client. */
const lost = 1006

/** With it, the reason that Bun gives where a message is longer than `maxPayloadLength`. */
const oversize = 'Received too big message'

/** The server's own failure: clients come back. */
const internalError = { code: 1011, reason: 'Internal server error' }

export function webSocketCallbacks(options: WebSocketOptions): Bun.WebSocketHandler<SocketData> {
  const { maxMessageBytes, queueBounds } = options
  const clients = new Clients(options)
  return {
    // A message of up to twice the limit reaches the core, which can report why it closes; on a larger one Bun closes by itself.
    maxPayloadLength: 2 * maxMessageBytes,
    backpressureLimit: Math.min(queueBounds.maxQueuedBytes, queueBounds.maxTotalQueuedBytes),
    closeOnBackpressureLimit: true,
    // Liveness is the core's: Bun's timer never fires for a dead client that is being sent to.
    idleTimeout: 0,
    sendPings: false,
    perMessageDeflate: false,

    open: socket => clients.guarded(socket, () => clients.opened(socket)),
    message: (socket, message) => clients.guarded(socket, () => clients.received(socket, message)),
    ping: (socket, payload) => clients.guarded(socket, () => clients.control(socket, payload)),
    pong: (socket, payload) => clients.guarded(socket, () => clients.control(socket, payload)),
    close: (socket, code, reason) => clients.guarded(socket, () => clients.ended(socket, code, reason)),
  }
}

class Clients {
  private readonly backlog: Backlog

  constructor(private readonly options: WebSocketOptions) {
    this.backlog = new Backlog({
      handle: (socket, text) => this.guarded(socket, () => this.handle(socket, text, options.nowMs())),
      giveUp: socket => this.closeFlooding(socket),
      nowMs: options.nowMs,
      defer: turn => void setImmediate(turn),
    })
  }

  /** An unexpected error closes the connection on which it occurred, and no other. */
  guarded(socket: WebSocket, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.options.unexpected(error, socket.data.socketId)
      socket.close(internalError.code, internalError.reason)
    }
  }

  opened(socket: WebSocket): void {
    const { hub, executor, watchers, nowMs } = this.options
    const { socketId } = socket.data
    const { appKey, origin, protocol } = socket.data.asked!
    socket.data.asked = undefined
    executor.sockets.set(socketId, socket)
    const effects = hub.open(socketId, appKey, origin, nowMs(), protocol)
    if (watchers.length > 0) this.watchOpened(socket, origin)
    executor.apply(effects)
  }

  received(socket: WebSocket, message: string | Buffer): void {
    const { allowance, nowMs } = this.options
    const now = nowMs()
    const verdict = spend(socket.data, allowance, Buffer.byteLength(message), now)
    const text = typeof message === 'string' ? message : message.toString()
    if (verdict === 'over') this.closeFlooding(socket)
    else if (verdict === 'now' && socket.data.waiting === undefined) this.handle(socket, text, now)
    else this.backlog.add(socket, text)
  }

  /** A ping or a pong of the client. */
  control(socket: WebSocket, payload: Buffer): void {
    const { hub, allowance, nowMs } = this.options
    const now = nowMs()
    if (spend(socket.data, allowance, payload.byteLength, now) === 'over') this.closeFlooding(socket)
    else hub.control(socket.data.socketId, now)
  }

  /** Messages that a client sent before it disconnected are still handled; those of one that the server has disconnected are not. */
  ended(socket: WebSocket, code: number, reason: string): void {
    this.countEnded(socket, code, reason)
    if (!this.options.hub.state.sockets.has(socket.data.socketId)) this.backlog.drop(socket)
    this.backlog.end(socket, () => this.guarded(socket, () => this.closed(socket, code, reason)))
  }

  private handle(socket: WebSocket, text: string, now: number): void {
    const { hub, executor, watchers } = this.options
    if (watchers.length > 0) this.watchReceived(socket, text)
    executor.apply(hub.message(socket.data.socketId, text, now))
  }

  /** Bun delivers no more messages of a connection that is closed: the rest of a flood costs no more than reading it. */
  private closeFlooding(socket: WebSocket): void {
    const { hub, executor, nowMs } = this.options
    this.backlog.drop(socket)
    executor.apply(hub.flooded(socket.data.socketId, nowMs()))
  }

  /** Counts a connection that Bun itself has closed, or that the executor has; one that the network has lost is no refusal. */
  private countEnded(socket: WebSocket, code: number, reason: string): void {
    const { hub, executor, refused } = this.options
    const slow = executor.ended(socket, code === lost && reason === '')
    const refusal = code === lost && reason === oversize ? 'message-too-large' : slow
    if (refusal !== undefined) refused({ refusal, appId: hub.state.sockets.get(socket.data.socketId)?.app.id, about: '' })
  }

  private closed(socket: WebSocket, code: number, reason: string): void {
    const { hub, executor, nowMs } = this.options
    if (socket.data.seen !== undefined) this.watchClosed(socket, code, reason)
    executor.apply(hub.closed(socket.data.socketId, nowMs()))
  }

  private watchOpened({ data }: WebSocket, origin: string | null): void {
    const { hub, executor, watchers, nowMs } = this.options
    data.seen = { origin, appId: hub.state.sockets.get(data.socketId)?.app.id, openedAtMs: nowMs() }
    const socket = executor.watched(data.socketId)
    if (socket !== undefined) for (const watcher of watchers) watcher.opened(socket)
  }

  /** The client may have disconnected since: its origin is kept with the socket. */
  private watchReceived({ data }: WebSocket, text: string): void {
    const { executor, watchers, nowMs } = this.options
    const socket = executor.watched(data.socketId)
    if (socket === undefined) return
    const seen = { ...socket, origin: data.seen!.origin, lastSeenMs: nowMs(), isPinged: false }
    for (const watcher of watchers) watcher.received(seen, text)
  }

  private watchClosed({ data: { socketId, seen } }: WebSocket, code: number, reason: string): void {
    const { appId, openedAtMs } = seen!
    const seconds = Math.round((this.options.nowMs() - openedAtMs) / 100) / 10
    for (const watcher of this.options.watchers) watcher.closed({ appId, socketId, code, reason, seconds })
  }
}
