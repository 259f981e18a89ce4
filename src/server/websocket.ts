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
  const { hub, executor, watchers, nowMs, allowance } = options
  const handleLater = (socket: WebSocket, text: string) => guarded(socket, () => handle(socket, text, nowMs()))
  const backlog = new Backlog({ handle: handleLater, giveUp: closeFlooding, nowMs, defer: turn => void setImmediate(turn) })

  function guarded(socket: WebSocket, act: () => void): void {
    try {
      act()
    } catch (error) {
      options.unexpected(error, socket.data.socketId)
      socket.close(internalError.code, internalError.reason)
    }
  }

  /** The client may have disconnected since: its origin is kept with the socket. */
  function watchReceived({ data }: WebSocket, text: string): void {
    const socket = executor.watched(data.socketId)
    if (socket === undefined) return
    const seen = { ...socket, origin: data.seen!.origin, lastSeenMs: nowMs(), isPinged: false }
    for (const watcher of watchers) watcher.received(seen, text)
  }

  function watchOpened({ data }: WebSocket, origin: string | null): void {
    data.seen = { origin, appId: hub.state.sockets.get(data.socketId)?.app.id, openedAtMs: nowMs() }
    const socket = executor.watched(data.socketId)
    if (socket !== undefined) for (const watcher of watchers) watcher.opened(socket)
  }

  function watchClosed({ data: { socketId, seen } }: WebSocket, code: number, reason: string): void {
    const { appId, openedAtMs } = seen!
    const seconds = Math.round((nowMs() - openedAtMs) / 100) / 10
    for (const watcher of watchers) watcher.closed({ appId, socketId, code, reason, seconds })
  }

  /** Counts a connection that Bun itself has closed, or that the executor has; one that the network has lost is no refusal. */
  function countEnded(socket: WebSocket, code: number, reason: string): void {
    const slow = executor.ended(socket, code === lost && reason === '')
    const refusal = code === lost && reason === oversize ? 'message-too-large' : slow
    if (refusal !== undefined) options.refused({ refusal, appId: hub.state.sockets.get(socket.data.socketId)?.app.id, about: '' })
  }

  function handle(socket: WebSocket, text: string, now: number): void {
    if (watchers.length > 0) watchReceived(socket, text)
    executor.apply(hub.message(socket.data.socketId, text, now))
  }

  /** Bun delivers no more messages of a connection that is closed: the rest of a flood costs no more than reading it. */
  function closeFlooding(socket: WebSocket): void {
    backlog.drop(socket)
    executor.apply(hub.flooded(socket.data.socketId, nowMs()))
  }

  function received(socket: WebSocket, message: string | Buffer): void {
    const now = nowMs()
    const verdict = spend(socket.data, allowance, Buffer.byteLength(message), now)
    const text = typeof message === 'string' ? message : message.toString()
    if (verdict === 'over') closeFlooding(socket)
    else if (verdict === 'now' && socket.data.waiting === undefined) handle(socket, text, now)
    else backlog.add(socket, text)
  }

  /** A ping or pong control frame. */
  function control(socket: WebSocket, payload: Buffer): void {
    const now = nowMs()
    if (spend(socket.data, allowance, payload.byteLength, now) === 'over') closeFlooding(socket)
    else hub.control(socket.data.socketId, now)
  }

  function closed(socket: WebSocket, code: number, reason: string): void {
    const { socketId, seen } = socket.data
    if (seen !== undefined) watchClosed(socket, code, reason)
    executor.apply(hub.closed(socketId, nowMs()))
  }

  return {
    // Twice the limit reaches the core, which can say why it closes; what is larger still Bun cuts off by itself.
    maxPayloadLength: 2 * options.maxMessageBytes,
    backpressureLimit: Math.min(options.queueBounds.maxQueuedBytes, options.queueBounds.maxTotalQueuedBytes),
    closeOnBackpressureLimit: true,
    // Liveness is the core's: Bun's timer never fires for a dead client that is being sent to.
    idleTimeout: 0,
    sendPings: false,
    perMessageDeflate: false,

    open: socket =>
      guarded(socket, () => {
        const { socketId } = socket.data
        const { appKey, origin, protocol } = socket.data.asked!
        socket.data.asked = undefined
        executor.sockets.set(socketId, socket)
        const effects = hub.open(socketId, appKey, origin, nowMs(), protocol)
        if (watchers.length > 0) watchOpened(socket, origin)
        executor.apply(effects)
      }),
    message: (socket, message) => guarded(socket, () => received(socket, message)),
    ping: (socket, payload) => guarded(socket, () => control(socket, payload)),
    pong: (socket, payload) => guarded(socket, () => control(socket, payload)),
    close: (socket, code, reason) =>
      guarded(socket, () => {
        countEnded(socket, code, reason)
        // Messages that a client sent before it disconnected are still handled; those of one that the server has disconnected are not.
        if (!hub.state.sockets.has(socket.data.socketId)) backlog.drop(socket)
        backlog.end(socket, () => guarded(socket, () => closed(socket, code, reason)))
      }),
  }
}
