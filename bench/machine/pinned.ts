/** A child process that is pinned to a core, and that the kernel kills when this process ends in any way. */
import type { Subprocess } from 'bun'
import { registerCleanUp } from './clean-up.ts'
import { cores } from './cores.ts'

export type PinnedOptions = {
  /** The servers' core by default. */
  readonly core?: number
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Written to its stdin, which stays open. */
  readonly stdin?: string
}

/** A prefix for a command. It replaces itself by the command, so the pid is the command's. */
export function pinnedTo(core: number): string[] {
  return ['taskset', '-c', String(core), 'setpriv', '--pdeathsig', 'KILL']
}

export class Pinned implements AsyncDisposable {
  private readonly child: Subprocess<'pipe', 'pipe', 'pipe'>
  private readonly cleanUp: () => Promise<void>
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
    this.cleanUp = registerCleanUp(() => this.kill())
  }

  get pid(): number {
    return this.child.pid
  }

  /** The end of its output. */
  get outputTail(): string {
    return this.tail.trim()
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanUp()
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
