/** A program on the servers' core. It ends with this process, however that ends. */
import type { Subprocess } from 'bun'
import { undoing } from './clean-up.ts'
import { cores } from './cores.ts'

export type PinnedOptions = {
  /** The servers' core, unless given. */
  readonly core?: number
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What it reads first; its stdin stays open. */
  readonly stdin?: string
}

/** Put before a command, and replaced by it: the pid is the command's. */
export function pinnedTo(core: number): string[] {
  return ['taskset', '-c', String(core), 'setpriv', '--pdeathsig', 'KILL']
}

export class Pinned implements AsyncDisposable {
  private readonly child: Subprocess<'pipe', 'pipe', 'pipe'>
  private readonly undo: () => Promise<void>
  private tail = ''

  constructor(command: readonly string[], { core = cores().server, cwd, env = {}, stdin = '' }: PinnedOptions = {}) {
    this.child = Bun.spawn([...pinnedTo(core), ...command], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    if (stdin !== '') void this.child.stdin.write(stdin)
    void this.child.stdin.flush()
    void this.read(this.child.stdout)
    void this.read(this.child.stderr)
    this.undo = undoing(() => this.kill())
  }

  get pid(): number {
    return this.child.pid
  }

  /** The end of what it has printed. */
  get lastWords(): string {
    return this.tail.trim()
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.undo()
  }

  private async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.child.exited
  }

  private async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    for await (const chunk of stream) this.tail = (this.tail + decoder.decode(chunk)).slice(-2000)
  }
}
