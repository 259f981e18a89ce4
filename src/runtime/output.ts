/**
 * stdout as a pipe to the parent. While the parent does not read, lines that the pipe has not accepted are queued here, within bounds,
 * so that they neither block the server nor fill its memory.
 */

type Stream = {
  readonly write: (text: string) => boolean
  readonly once: (event: 'drain', resume: () => void) => unknown
}

/** Bytes of UTF-8 of the lines that `write` and `offer` may keep waiting. Events have their own bound: see `EventStream`. */
export const maxWaitingBytes = 262_144

type Waiting = { readonly text: string; readonly bytes: number }

export class Output {
  private readonly waiting: Waiting[] = []
  private waitingBytes = 0
  private dropped = 0
  private full: Promise<void> | undefined

  /** @param droppedLine the line that reports how many were dropped */
  constructor(
    private readonly stream: Stream,
    private readonly droppedLine: (count: number) => string,
  ) {}

  /** A line that is dropped and counted where the queue is full: a log line. */
  write(line: string): void {
    if (!this.offer(line)) this.dropped++
  }

  /** A line that the caller offers again later where the queue is full. Returns whether it was accepted. */
  offer(line: string): boolean {
    const text = `${line}\n`
    const bytes = this.full === undefined ? 0 : Buffer.byteLength(text)
    if (this.dropped > 0 || this.waitingBytes + bytes > maxWaitingBytes) return false
    this.put(text, bytes)
    return true
  }

  /** A line that the parent relies on, of which the caller keeps few. */
  send(line: string): void {
    this.put(`${line}\n`, 0)
  }

  /** Resolves once the pipe has taken every line: those that it has not are lost with the process. */
  async taken(): Promise<void> {
    while (this.full !== undefined) await this.full
  }

  /** The stream is given a line when it has accepted the one before, because its own buffer has no bound. */
  private put(text: string, bytes: number): void {
    if (this.full === undefined) this.hand(text)
    else {
      this.waiting.push({ text, bytes })
      this.waitingBytes += bytes
    }
  }

  private hand(text: string): void {
    if (this.stream.write(text)) return
    this.full = new Promise(resolve =>
      this.stream.once('drain', () => {
        this.full = undefined
        this.resume()
        resolve()
      }),
    )
  }

  private resume(): void {
    while (this.full === undefined && this.waiting.length > 0) {
      const { text, bytes } = this.waiting.shift()!
      this.waitingBytes -= bytes
      this.hand(text)
    }
    if (this.full !== undefined || this.dropped === 0) return
    const line = this.droppedLine(this.dropped)
    this.dropped = 0
    this.hand(`${line}\n`)
  }
}
