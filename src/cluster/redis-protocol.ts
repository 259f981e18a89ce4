/**
 * Passes received data to the parser of ioredis in turns of the event loop. The parser emits every message of one piece of data at once,
 * so that a burst of megabytes would delay all clients. Until the last turn the socket is paused, so that TCP slows Redis down.
 *
 * It also ends a connection on which the server does not speak Redis's protocol. The parser throws then, where no user of the client can
 * catch it, and the connection would stay open with a parser in the middle of a reply.
 */
import type { Defer } from './backplane.ts'

type Reader = (data: Uint8Array) => void

type Stream = {
  readonly destroyed: boolean
  listeners(event: 'data'): unknown[]
  on(event: 'data', listener: Reader): unknown
  off(event: 'data', listener: Reader): unknown
  pause(): unknown
  resume(): unknown
  destroy(error: Error): unknown
}

type ConnectingClient = {
  readonly stream: Stream
  on(event: 'connect', listener: () => void): unknown
}

/** To verify and deliver this much in messages of 250 bytes takes about 5 ms. */
const turnBytes = 65_536

/** @param client a client of one server: each of its connections is read in turns */
export function readInTurns(client: object, defer: Defer): void {
  const connecting = client as ConnectingClient
  // ioredis adds the listener of its parser before it emits this event.
  connecting.on('connect', () => {
    const { stream } = connecting
    for (const parse of stream.listeners('data') as Reader[]) {
      stream.off('data', parse)
      const reader = new TurnReader(stream, parse, defer)
      stream.on('data', data => reader.add(data))
    }
  })
}

class TurnReader {
  /** Data for later turns. A paused stream may still emit some that it has received before. */
  private readonly unread: Uint8Array[] = []
  private isPaused = false

  constructor(
    private readonly stream: Stream,
    private readonly parse: Reader,
    private readonly defer: Defer,
  ) {}

  add(data: Uint8Array): void {
    this.unread.push(data)
    if (!this.isPaused) this.read()
  }

  private read(): void {
    const data = this.unread.shift()
    if (data === undefined) return
    if (data.length > turnBytes) this.unread.unshift(data.subarray(turnBytes))
    this.parseOrDestroy(data.subarray(0, turnBytes))
    // The rest of a connection that has ended must not reach the parser of the client's next one.
    if (this.stream.destroyed) this.unread.length = 0
    if (this.unread.length > 0) this.pause()
    else if (this.isPaused) this.resume()
  }

  private pause(): void {
    if (!this.isPaused) this.stream.pause()
    this.isPaused = true
    this.defer(() => {
      if (this.stream.destroyed) this.unread.length = 0
      this.read()
    })
  }

  private resume(): void {
    this.isPaused = false
    this.stream.resume()
  }

  private parseOrDestroy(data: Uint8Array): void {
    try {
      this.parse(data)
    } catch (error) {
      this.stream.destroy(new Error(`the server does not speak the protocol of Redis: ${(error as Error).message}`))
    }
  }
}
