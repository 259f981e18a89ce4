/**
 * Messages of clients that are ahead of their allowance. They are handled in their order, one of each client in turn and for a
 * millisecond at a time, between which the event loop serves the other connections.
 */
import type { WebSocket } from './effects.ts'

/** For how long messages are handled before the event loop goes on: a ping of another client waits twice as long at most. */
const turnMs = 1
/** After so many handled messages of a connection their memory is released, also while more arrive. */
const compactAt = 100
/** Of all connections together, in characters. */
const maxWaiting = 64 * 1024 * 1024

type Options = {
  readonly handle: (socket: WebSocket, text: string) => void
  /** Closes a connection for whose messages there is no room. */
  readonly giveUp: (socket: WebSocket) => void
  readonly nowMs: () => number
  /** Runs a function in the next turn of the event loop. */
  readonly defer: (turn: () => void) => void
}

export class Backlog {
  private readonly sockets = new Set<WebSocket>()
  private waiting = 0
  private isDeferred = false

  constructor(
    private readonly options: Options,
    private readonly limit = maxWaiting,
  ) {}

  /** Where there is no room, the connections with the longest backlogs are closed, so that a flood does not close other clients. */
  add(socket: WebSocket, text: string): void {
    while (this.waiting + text.length > this.limit) {
      const largest = this.largest(socket, text)
      this.giveUp(largest)
      if (largest === socket) return
    }
    this.waiting += text.length
    socket.data.waiting ??= { texts: [], next: 0, characters: 0, end: undefined }
    socket.data.waiting.texts.push(text)
    socket.data.waiting.characters += text.length
    this.sockets.add(socket)
    this.deferTurn()
  }

  /** Discards the messages of a connection. */
  drop(socket: WebSocket): void {
    const { waiting } = socket.data
    if (waiting === undefined) return
    this.waiting -= waiting.characters
    socket.data.waiting = undefined
    this.sockets.delete(socket)
  }

  /** Runs `act` after the last waiting message of a closed connection, or at once where none waits. */
  end(socket: WebSocket, act: () => void): void {
    if (socket.data.waiting === undefined) act()
    else socket.data.waiting.end = act
  }

  /** The connection with the longest backlog, where this one has one more message. */
  private largest(socket: WebSocket, text: string): WebSocket {
    let largest = socket
    let most = (socket.data.waiting?.characters ?? 0) + text.length
    for (const other of this.sockets) {
      const { characters } = other.data.waiting!
      if (characters > most) [largest, most] = [other, characters]
    }
    return largest
  }

  private giveUp(socket: WebSocket): void {
    const end = socket.data.waiting?.end
    this.drop(socket)
    this.options.giveUp(socket)
    end?.()
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
    const text = waiting.texts[waiting.next++]!
    this.waiting -= text.length
    waiting.characters -= text.length
    if (waiting.next === compactAt) {
      waiting.texts.splice(0, compactAt)
      waiting.next = 0
    }
    const isLast = waiting.next === waiting.texts.length
    this.sockets.delete(socket)
    if (isLast) socket.data.waiting = undefined
    else this.sockets.add(socket)
    this.options.handle(socket, text)
    if (isLast) waiting.end?.()
  }
}
