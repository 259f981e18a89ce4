/**
 * Hands the parser of ioredis what comes, in turns: it emits everything that one piece of data holds at once, and a burst of megabytes
 * would keep everybody else waiting. Meanwhile no more is read, so that TCP slows Redis down.
 *
 * And ends a connection on which something else than Redis's protocol comes. The parser throws then, out of reach of whoever uses the
 * client, and the connection stays, with a parser that is in the midst of something.
 */

export type Defer = (act: () => void) => void
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

type Connects = {
  readonly stream: Stream
  on(event: 'connect', listener: () => void): unknown
}

/** Texts of 250 bytes, of which so many fit in here, are verified and carried out in about 5 ms. */
const turnBytes = 65_536

/**
 * @param client of one server; where it connects anew, that connection too
 * @param defer runs a function soon, in another turn of the event loop
 */
export function readInTurns(client: object, defer: Defer): void {
  const connects = client as Connects
  // Once it is connected, the parser listens.
  connects.on('connect', () => {
    const { stream } = connects
    for (const parse of stream.listeners('data') as Reader[]) {
      stream.off('data', parse)
      const turns = new Turns(stream, parse, defer)
      stream.on('data', data => turns.take(data))
    }
  })
}

class Turns {
  /** What comes while the stream is paused: it may still have something to hand out. */
  private readonly unread: Uint8Array[] = []
  private isWaiting = false

  constructor(
    private readonly stream: Stream,
    private readonly parse: Reader,
    private readonly defer: Defer,
  ) {}

  take(data: Uint8Array): void {
    this.unread.push(data)
    if (!this.isWaiting) this.read()
  }

  private read(): void {
    const data = this.unread.shift()
    if (data === undefined) return
    if (data.length > turnBytes) this.unread.unshift(data.subarray(turnBytes))
    this.try(data.subarray(0, turnBytes))
    // What is left of a connection that has ended must not reach the next one of its client.
    if (this.stream.destroyed) this.unread.length = 0
    if (this.unread.length > 0) this.wait()
    else if (this.isWaiting) this.goOn()
  }

  private wait(): void {
    if (!this.isWaiting) this.stream.pause()
    this.isWaiting = true
    this.defer(() => {
      if (this.stream.destroyed) this.unread.length = 0
      this.read()
    })
  }

  private goOn(): void {
    this.isWaiting = false
    this.stream.resume()
  }

  private try(data: Uint8Array): void {
    try {
      this.parse(data)
    } catch (error) {
      this.stream.destroy(new Error(`it does not answer as Redis does: ${(error as Error).message}`))
    }
  }
}
