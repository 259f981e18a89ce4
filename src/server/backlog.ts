/**
 * Messages of clients that are ahead of their allowance. They are handled in their order, one of each client in turn and for a few
 * milliseconds at a time, between which the event loop serves everybody else.
 */
import type { WebSocket } from './effects.ts'

/** For how long messages are handled before the event loop goes on: a ping of another client waits twice as long at most. */
const turnMs = 2
/** After so many messages of a connection their memory is given back, also where others keep coming. */
const compactAt = 100
/** Of all connections together, in characters. */
const maxWaiting = 64 * 1024 * 1024

type Options = {
  readonly handle: (socket: WebSocket, text: string) => void
  readonly nowMs: () => number
  /** Has something done in the next turn of the event loop. */
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

  /** Whether there is room for it. */
  add(socket: WebSocket, text: string): boolean {
    if (this.waiting + text.length > this.limit) return false
    this.waiting += text.length
    socket.data.waiting ??= { texts: [], next: 0, end: undefined }
    socket.data.waiting.texts.push(text)
    this.sockets.add(socket)
    this.deferTurn()
    return true
  }

  /** Forgets the messages of a connection. */
  drop(socket: WebSocket): void {
    const { waiting } = socket.data
    if (waiting === undefined) return
    for (let i = waiting.next; i < waiting.texts.length; i++) this.waiting -= waiting.texts[i]!.length
    socket.data.waiting = undefined
    this.sockets.delete(socket)
  }

  /** Does what the end of a connection asks for, after its last message. */
  end(socket: WebSocket, act: () => void): void {
    if (socket.data.waiting === undefined) act()
    else socket.data.waiting.end = act
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
    if (waiting.next === compactAt) waiting.texts.splice(0, waiting.next)
    waiting.next %= compactAt
    const isLast = waiting.next === waiting.texts.length
    this.sockets.delete(socket)
    if (isLast) socket.data.waiting = undefined
    else this.sockets.add(socket)
    this.options.handle(socket, text)
    if (isLast) waiting.end?.()
  }
}
