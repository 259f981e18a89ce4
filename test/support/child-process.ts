/** Commands that end, and processes that are ended: both in bounded time. */
import { patienceSeconds } from './until.ts'

type Options = { readonly cwd?: string; readonly env?: Record<string, string>; readonly seconds?: number }

type DaemonOptions = Pick<Options, 'cwd' | 'env'> & {
  /** What it gets when this process has ended without stopping it: KILL where it may be deaf to anything else. */
  readonly deathSignal?: 'TERM' | 'KILL'
}

/** What a command prints. @throws when it ends with another code than 0 */
export async function run(command: string[], options: Options = {}): Promise<string> {
  const { code, output } = await outcome(command, options)
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}`)
  return output
}

export async function outcome(command: string[], options: Options = {}): Promise<{ code: number; output: string }> {
  const { seconds = 170, ...where } = options
  const child = Bun.spawn(command, {
    ...where,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  })
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited])
  return { code, output: out + err }
}

/**
 * In front of a command that is to end when this process does: Linux signals it then. Elsewhere nothing.
 *
 * @param signal as `setpriv` has it
 */
function tied(signal: string): string[] {
  const setpriv = process.platform === 'linux' ? Bun.which('setpriv') : null
  return setpriv === null ? [] : [setpriv, '--pdeathsig', signal]
}

/** A process that runs until it is told to end, and no longer than this one. */
export class Daemon implements AsyncDisposable {
  /** Everything it has said so far. */
  output = ''
  private readonly child: Bun.Subprocess<'ignore', 'pipe', 'pipe'>

  constructor(command: string[], { cwd, env, deathSignal = 'TERM' }: DaemonOptions = {}) {
    this.child = Bun.spawn([...tied(deathSignal), ...command], {
      ...(cwd && { cwd }),
      ...(env && { env }),
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    for (const stream of [this.child.stdout, this.child.stderr]) void this.read(stream)
  }

  static async started(command: string[], isThere: () => boolean | Promise<boolean>, options?: DaemonOptions): Promise<Daemon> {
    const daemon = new Daemon(command, options)
    try {
      await daemon.until(isThere)
    } catch (error) {
      await daemon.stop()
      throw error
    }
    return daemon
  }

  get pid(): number {
    return this.child.pid
  }

  /** @throws with all that it has said, when it ends before that holds, or does not get there in time */
  async until(holds: () => boolean | Promise<boolean>, seconds = patienceSeconds): Promise<void> {
    const deadline = Date.now() + seconds * 1000
    while (!(await holds())) {
      if (this.child.exitCode !== null || Date.now() > deadline)
        throw new Error(`${this.child.exitCode ?? 'too late'}:\n${this.output}`)
      await Bun.sleep(20)
    }
  }

  /** Asks it to end, and ends it where that does not help. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', seconds = 40): Promise<number> {
    this.child.kill(signal)
    const timer = setTimeout(() => this.child.kill('SIGKILL'), seconds * 1000)
    const code = await this.child.exited
    clearTimeout(timer)
    return code
  }

  private async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    for await (const chunk of stream) this.output += decoder.decode(chunk, { stream: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
