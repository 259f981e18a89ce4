/** What must never happen, and whether it has; what was done so far. */
import type { FuzzApp } from './apps.ts'

/** How many of the last inputs are kept for whoever has to find out. */
const kept = 300

export class Watch {
  readonly violations: string[] = []
  readonly statuses = new Map<number, number>()
  frames = 0
  requests = 0
  connections = 0
  /** Resolves at the first violation. */
  readonly violated: Promise<void>
  private readonly tell: () => void
  private readonly inputs: string[] = []

  constructor(private readonly apps: readonly FuzzApp[]) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.violated = promise
    this.tell = resolve
  }

  violation(what: string): void {
    this.violations.push(what)
    this.tell()
  }

  /** Remembers what was sent, by whom. */
  input(who: string, bytes: string | Buffer): void {
    this.inputs.push(`${new Date().toISOString()} ${who} ${JSON.stringify(bytes.toString('latin1').slice(0, 2000))}`)
    if (this.inputs.length > 2 * kept) this.inputs.splice(0, kept)
  }

  lastInputs(): string {
    return this.inputs.slice(-kept).join('\n')
  }

  answered(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    // 505 is for a version of HTTP that does not exist.
    if (status >= 500 && status !== 505) this.violation(`a request was answered with ${status}`)
  }

  /** Looks at everything that comes for one app: nothing of another app, and no secret, may be in it. */
  reader(app: FuzzApp | undefined, who: string): (bytes: Buffer) => void {
    const forbidden = this.apps.flatMap(each => (each === app ? [each.secret] : [each.secret, each.mark]))
    const longest = Math.max(...forbidden.map(text => text.length))
    let tail = Buffer.alloc(0)
    return bytes => {
      const seen = Buffer.concat([tail, bytes])
      for (const text of forbidden) {
        if (seen.includes(text)) this.violation(`${who} was told ${text}, which is not its own`)
      }
      tail = seen.subarray(-longest)
    }
  }
}
