/**
 * Queues messages of clients that have used up their allowance. They are handled in order, one of each client in turn and for a
 * millisecond at a time: in between the event loop serves the other connections.
 */
import { Queue } from '../cluster/queue.ts'
import { bytesInMemory } from '../protocol/bytes.ts'
import type { WebSocket } from './socket-data.ts'

/** How long messages are handled before the event loop continues: a ping of another client waits twice as long at most. */
const turnMs = 1
/** How much memory all messages may take: as much as 34 clients need that subscribe to 5,000 channels at once, in 400 bytes each. */
const maxBytes = 80 * 1024 * 1024
/** The memory of a message beside its characters. Without it, 22 million messages of three characters would fit, which take 1.3 GB. */
const messageBytes = 64

type Options = {
  readonly handle: (socket: WebSocket, text: string) => void
  /** Closes a connection whose messages have no room. */
  readonly close: (socket: WebSocket) => void
  readonly nowMs: () => number
  /** Runs a function in the next turn of the event loop. */
  readonly defer: (turn: () => void) => void
}

export class Backlog {
  private readonly sockets = new Set<WebSocket>()
  private bytes = 0
  private isDeferred = false

  constructor(
    private readonly options: Options,
    private readonly limit = maxBytes,
  ) {}

  /** Where there is no room, the connections with the longest backlogs are closed, so that a flood does not close other clients. */
  add(socket: WebSocket, text: string): void {
    const bytes = sizeOf(text)
    while (this.bytes + bytes > this.limit) {
      const largest = this.largest(socket, bytes)
      this.closeWaiting(largest)
      if (largest === socket) return
    }
    this.bytes += bytes
    socket.data.waiting ??= { texts: new Queue(), bytes: 0, afterLast: undefined }
    socket.data.waiting.texts.push(text)
    socket.data.waiting.bytes += bytes
    this.sockets.add(socket)
    this.deferTurn()
  }

  /** Discards the messages of a connection. */
  drop(socket: WebSocket): void {
    const { waiting } = socket.data
    if (waiting === undefined) return
    this.bytes -= waiting.bytes
    socket.data.waiting = undefined
    this.sockets.delete(socket)
  }

  /** Runs `act` after the last waiting message of a closed connection, or at once where none waits. */
  afterLast(socket: WebSocket, act: () => void): void {
    if (socket.data.waiting === undefined) act()
    else socket.data.waiting.afterLast = act
  }

  /** Returns the connection with the longest backlog, counting so many more bytes for this one. */
  private largest(socket: WebSocket, more: number): WebSocket {
    let largest = socket
    let most = (socket.data.waiting?.bytes ?? 0) + more
    for (const other of this.sockets) {
      const { bytes } = other.data.waiting!
      if (bytes > most) [largest, most] = [other, bytes]
    }
    return largest
  }

  private closeWaiting(socket: WebSocket): void {
    const afterLast = socket.data.waiting?.afterLast
    this.drop(socket)
    this.options.close(socket)
    afterLast?.()
  }

  private deferTurn(): void {
    if (this.isDeferred || this.sockets.size === 0) return
    this.isDeferred = true
    this.options.defer(this.turn)
  }

  private readonly turn = (): void => {
    this.isDeferred = false
    const { nowMs } = this.options
    const endMs = nowMs() + turnMs
    for (const socket of this.sockets) {
      this.handleNext(socket)
      if (nowMs() >= endMs) break
    }
    this.deferTurn()
  }

  private handleNext(socket: WebSocket): void {
    const waiting = socket.data.waiting!
    const text = waiting.texts.shift()!
    const bytes = sizeOf(text)
    this.bytes -= bytes
    waiting.bytes -= bytes
    const isLast = waiting.texts.length === 0
    this.sockets.delete(socket)
    if (isLast) socket.data.waiting = undefined
    else this.sockets.add(socket)
    this.options.handle(socket, text)
    if (isLast) waiting.afterLast?.()
  }
}

function sizeOf(text: string): number {
  return messageBytes + bytesInMemory(text)
}
