/** Looks at the resident memory of a process until it is disposed of. */
import { rssBytes } from 'revurb-bench/machine/process.ts'

const everyMs = 100

export class MemoryWatch implements Disposable {
  most = 0
  private readonly timer = setInterval(() => this.look(), everyMs)

  constructor(private readonly pid: number) {
    this.look()
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer)
  }

  private look(): void {
    this.most = Math.max(this.most, rssBytes(this.pid))
  }
}
