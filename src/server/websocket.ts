/** Bun's WebSocket callbacks, each one call into the core. */
import type { Hub } from '../core/hub.ts'
import type { Executor, SocketData, WebSocket } from './effects.ts'
import type { Watcher } from './watch.ts'

export type WebSocketOptions = {
  readonly hub: Hub
  readonly executor: Executor
  readonly watchers: readonly Watcher[]
  readonly nowMs: () => number
  /** The largest message that any app takes. */
  readonly maxMessageBytes: number
  readonly maxQueuedBytes: number
  /** Something that nobody foresaw; the socket it happened on is closed. */
  readonly unexpected: (error: unknown, socketId: string) => void
}

/** The server's own failure: clients come back. */
const internalError = { code: 1011, reason: 'Internal server error' }

export function webSocketCallbacks(options: WebSocketOptions): Bun.WebSocketHandler<SocketData> {
  const { hub, executor, watchers, nowMs } = options

  function guarded(socket: WebSocket, act: () => void): void {
    try {
      act()
    } catch (error) {
      options.unexpected(error, socket.data.socketId)
      socket.close(internalError.code, internalError.reason)
    }
  }

  function watchReceived(socketId: string, text: string): void {
    const socket = executor.watched(socketId)
    if (socket === undefined) return
    const seen = { ...socket, lastSeenMs: nowMs(), isPinged: false }
    for (const watcher of watchers) watcher.received(seen, text)
  }

  return {
    // Twice the limit reaches the core, which can say why it closes; what is larger still Bun cuts off by itself.
    maxPayloadLength: 2 * options.maxMessageBytes,
    backpressureLimit: options.maxQueuedBytes,
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
        if (watchers.length > 0) socket.data.origin = origin
        executor.sockets.set(socketId, socket)
        executor.apply(hub.open(socketId, appKey, origin, nowMs(), protocol))
      }),
    message: (socket, message) =>
      guarded(socket, () => {
        const { socketId } = socket.data
        const text = typeof message === 'string' ? message : message.toString()
        if (watchers.length > 0) watchReceived(socketId, text)
        executor.apply(hub.message(socketId, text, nowMs()))
      }),
    ping: socket => guarded(socket, () => hub.control(socket.data.socketId, nowMs())),
    pong: socket => guarded(socket, () => hub.control(socket.data.socketId, nowMs())),
    close: socket =>
      guarded(socket, () => {
        const effects = hub.closed(socket.data.socketId, nowMs())
        executor.sockets.delete(socket.data.socketId)
        executor.apply(effects)
      }),
  }
}
