/** Passes what happens on Bun's WebSockets to the core: each callback is one call. */
import { type Allowance, spend } from '../core/allowance.ts'
import type { Refused } from '../core/effect.ts'
import type { Hub } from '../core/hub.ts'
import { Backlog } from './backlog.ts'
import type { Executor, QueueBounds } from './executor.ts'
import type { Observer } from './observer.ts'
import type { SocketData, WebSocket } from './socket-data.ts'

export type WebSocketOptions = {
  readonly hub: Hub
  readonly executor: Executor
  readonly observers: readonly Observer[]
  readonly nowMs: () => number
  /** The largest message that any app allows. */
  readonly maxMessageBytes: number
  readonly queueBounds: QueueBounds
  /** How much one client may send in a second. */
  readonly allowance: Allowance
  readonly refused: (refused: Omit<Refused, 'type'>) => void
  /** An unexpected error, and the socket on which it occurred, which is closed. */
  readonly unexpected: (error: unknown, socketId: string) => void
}

/** The code of a connection that ended without a close frame, including one that Bun ends because too much waits for its client. */
const abnormalClosure = 1006

/** The reason that Bun gives with that code where a message is longer than `maxPayloadLength`. */
const oversizeReason = 'Received too big message'

/** Closes a connection after an unexpected error: clients reconnect. */
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
      close: socket => this.closeFlooding(socket),
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
    const { hub, executor, observers, nowMs } = this.options
    const { socketId } = socket.data
    const { appKey, origin, protocol } = socket.data.handshake!
    socket.data.handshake = undefined
    executor.opened(socket)
    const effects = hub.open(socketId, appKey, origin, nowMs(), protocol)
    if (observers.length > 0) this.observeOpened(socket, origin)
    executor.apply(effects)
  }

  received(socket: WebSocket, message: string | Buffer): void {
    const { allowance, nowMs } = this.options
    const now = nowMs()
    const throttling = spend(socket.data, allowance, Buffer.byteLength(message), now)
    const text = typeof message === 'string' ? message : message.toString()
    if (throttling === 'over') this.closeFlooding(socket)
    else if (throttling === 'now' && socket.data.waiting === undefined) this.handle(socket, text, now)
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
    if (!this.options.hub.queries.isOpen(socket.data.socketId)) this.backlog.drop(socket)
    this.backlog.afterLast(socket, () => this.guarded(socket, () => this.closed(socket, code, reason)))
  }

  private handle(socket: WebSocket, text: string, now: number): void {
    const { hub, executor, observers } = this.options
    if (observers.length > 0) this.observeReceived(socket, text)
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
    const slow = executor.closed(socket, code === abnormalClosure && reason === '')
    const refusal = code === abnormalClosure && reason === oversizeReason ? 'message-too-large' : slow
    if (refusal !== undefined) refused({ refusal, appId: hub.queries.socket(socket.data.socketId)?.appId, about: '' })
  }

  private closed(socket: WebSocket, code: number, reason: string): void {
    const { hub, executor, nowMs } = this.options
    if (socket.data.seen !== undefined) this.observeClosed(socket, code, reason)
    executor.apply(hub.closed(socket.data.socketId, nowMs()))
  }

  private observeOpened({ data }: WebSocket, origin: string | null): void {
    const { hub, executor, observers, nowMs } = this.options
    data.seen = { origin, appId: hub.queries.socket(data.socketId)?.appId, openedAtMs: nowMs() }
    const socket = executor.observed(data.socketId)
    if (socket !== undefined) for (const observer of observers) observer.opened(socket)
  }

  /** The client may have disconnected since: its origin is kept with the socket. */
  private observeReceived({ data }: WebSocket, text: string): void {
    const { executor, observers, nowMs } = this.options
    const socket = executor.observed(data.socketId)
    if (socket === undefined) return
    const seen = { ...socket, origin: data.seen!.origin, lastSeenMs: nowMs(), isPinged: false }
    for (const observer of observers) observer.received(seen, text)
  }

  private observeClosed({ data: { socketId, seen } }: WebSocket, code: number, reason: string): void {
    const { appId, openedAtMs } = seen!
    const seconds = Math.round((this.options.nowMs() - openedAtMs) / 100) / 10
    for (const observer of this.options.observers) observer.closed({ appId, socketId, code, reason, seconds })
  }
}
