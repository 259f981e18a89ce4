/** stdout as a pipe to the parent: lines, and whether the pipe has taken them. */

type Stream = {
  readonly write: (text: string) => boolean
  readonly once: (event: 'drain', resume: () => void) => unknown
}

export class Output {
  private full: Promise<void> | undefined

  constructor(private readonly stream: Stream) {}

  /** False when the pipe is full: the line waits in this process. */
  write(line: string): boolean {
    if (this.stream.write(`${line}\n`)) return true
    this.full ??= new Promise(resolve =>
      this.stream.once('drain', () => {
        this.full = undefined
        resolve()
      }),
    )
    return false
  }

  /** Resolves once the pipe has taken every line: those that it has not are lost with the process. */
  async taken(): Promise<void> {
    while (this.full !== undefined) await this.full
  }
}
