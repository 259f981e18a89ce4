/** Commands that run to their end, and daemons that are stopped, both in bounded time. */
import { timeoutSeconds } from './until.ts'

type Options = { readonly cwd?: string; readonly env?: Record<string, string>; readonly seconds?: number }

type DaemonOptions = Pick<Options, 'cwd' | 'env'> & {
  /** The signal it receives when this process ends without stopping it; KILL for one that may ignore TERM. */
  readonly deathSignal?: 'TERM' | 'KILL'
}

/** Returns the output of a command. @throws when it ends with another code than 0 */
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
 * The words in front of a command that must end with this process: on Linux the kernel signals it. Elsewhere none.
 *
 * @param signal as `setpriv` has it
 */
function tied(signal: string): string[] {
  const setpriv = process.platform === 'linux' ? Bun.which('setpriv') : null
  return setpriv === null ? [] : [setpriv, '--pdeathsig', signal]
}

/** A process that runs until it is stopped, and no longer than this one. */
export class Daemon implements AsyncDisposable {
  /** Its output so far, of stdout and stderr. */
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

  /** Waits until the condition holds. @throws with the output, when the process ends before, or not in time */
  async until(holds: () => boolean | Promise<boolean>, seconds = timeoutSeconds): Promise<void> {
    const deadline = Date.now() + seconds * 1000
    while (!(await holds())) {
      if (this.child.exitCode !== null || Date.now() > deadline)
        throw new Error(`${this.child.exitCode ?? 'too late'}:\n${this.output}`)
      await Bun.sleep(20)
    }
  }

  /** Sends the signal, and KILL when the process has not ended in time. Returns its exit code. */
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
