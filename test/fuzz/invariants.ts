/** Records violations of what must always hold, and the latest inputs to debug them with. */
import type { FuzzApp } from './apps.ts'

/** How many of the latest inputs are kept. */
const maxInputs = 300

export class Invariants {
  readonly violations: string[] = []
  readonly statuses = new Map<number, number>()
  frames = 0
  requests = 0
  connections = 0
  /** Resolves at the first violation. */
  readonly violated: Promise<void>
  private readonly reportFirst: () => void
  private readonly inputs: string[] = []

  constructor(private readonly apps: readonly FuzzApp[]) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.violated = promise
    this.reportFirst = resolve
  }

  violation(what: string): void {
    this.violations.push(what)
    this.reportFirst()
  }

  /** Keeps what was sent, with its sender. */
  input(source: string, bytes: string | Buffer): void {
    this.inputs.push(`${new Date().toISOString()} ${source} ${JSON.stringify(bytes.toString('latin1').slice(0, 2000))}`)
    if (this.inputs.length > 2 * maxInputs) this.inputs.splice(0, maxInputs)
  }

  lastInputs(): string {
    return this.inputs.slice(-maxInputs).join('\n')
  }

  answered(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    // 505 is for a version of HTTP that does not exist.
    if (status >= 500 && status !== 505) this.violation(`a request was answered with ${status}`)
  }

  /** Checks all bytes that one app receives: they may hold no mark of another app and no secret. */
  leakDetector(app: FuzzApp | undefined, source: string): (bytes: Buffer) => void {
    const forbidden = this.apps.flatMap(each => (each === app ? [each.secret] : [each.secret, each.mark]))
    const longest = Math.max(...forbidden.map(text => text.length))
    let tail = Buffer.alloc(0)
    return bytes => {
      const seen = Buffer.concat([tail, bytes])
      for (const text of forbidden) {
        if (seen.includes(text)) this.violation(`${source} received ${text}, which belongs to another app`)
      }
      tail = seen.subarray(-longest)
    }
  }
}
