/** Progress on stderr: on a terminal one line that is overwritten, elsewhere a line for each step. */
import { duration } from './report/format.ts'

export class Progress {
  private done = 0
  private readonly began = performance.now()

  constructor(private readonly total: number) {}

  step(what: string): void {
    const elapsed = (performance.now() - this.began) / 1000
    const left = this.done === 0 ? '' : `, about ${duration((elapsed / this.done) * (this.total - this.done))} left`
    const line = `[${this.done + 1}/${this.total}] ${what} (${duration(elapsed)}${left})`
    this.done++
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line.slice(0, process.stderr.columns - 1)}` : `${line}\n`)
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  }
}
