/** Samples the resident memory of a process until it is disposed of. */
import { rssBytes } from 'revurb-bench/machine/process.ts'

const everyMs = 100

export class MemoryWatch implements Disposable {
  /** The largest sample in bytes. */
  peak = 0
  private readonly timer = setInterval(() => this.sample(), everyMs)

  constructor(private readonly pid: number) {
    this.sample()
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer)
  }

  private sample(): void {
    this.peak = Math.max(this.peak, rssBytes(this.pid))
  }
}
