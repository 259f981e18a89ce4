/**
 * Writes lines to stdout, a pipe to the parent. While the parent does not read, lines are queued here, within bounds, so that they
 * neither block the server nor fill its memory.
 */

type Stream = {
  readonly write: (text: string) => boolean
  readonly once: (event: 'drain', resume: () => void) => unknown
}

/** How many bytes of lines from `write` and `offer` may be queued. Events have a bound of their own: see `EventStream`. */
export const maxWaitingBytes = 262_144

type Waiting = { readonly text: string; readonly bytes: number }

export class Output {
  private readonly waiting: Waiting[] = []
  private waitingBytes = 0
  private dropped = 0
  private full: Promise<void> | undefined

  /** @param droppedLine returns the line that reports how many were dropped */
  constructor(
    private readonly stream: Stream,
    private readonly droppedLine: (count: number) => string,
  ) {}

  /** Writes a line of the log, which is dropped and counted where the queue is full. */
  write(line: string): void {
    if (!this.offer(line)) this.dropped++
  }

  /** Writes a line where the queue has room for it. Returns whether it has: otherwise the caller tries again later. */
  offer(line: string): boolean {
    const text = `${line}\n`
    const bytes = this.full === undefined ? 0 : Buffer.byteLength(text)
    if (this.dropped > 0 || this.waitingBytes + bytes > maxWaitingBytes) return false
    this.enqueue(text, bytes)
    return true
  }

  /** Writes a line that is never dropped, because the parent relies on it. The caller bounds how many there are. */
  send(line: string): void {
    this.enqueue(`${line}\n`, 0)
  }

  /** Resolves once the pipe has accepted every line: the others would be lost with the process. */
  async taken(): Promise<void> {
    while (this.full !== undefined) await this.full
  }

  /** Gives the stream a line only when it has accepted the one before, because its own buffer has no bound. */
  private enqueue(text: string, bytes: number): void {
    if (this.full === undefined) this.writeNow(text)
    else {
      this.waiting.push({ text, bytes })
      this.waitingBytes += bytes
    }
  }

  private writeNow(text: string): void {
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
      this.writeNow(text)
    }
    if (this.full !== undefined || this.dropped === 0) return
    const line = this.droppedLine(this.dropped)
    this.dropped = 0
    this.writeNow(`${line}\n`)
  }
}
