import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '../ports.ts'
import { commandLine, descendants } from '../processes.ts'

const folder = resolve(import.meta.dir, '../../../demo')

/** Installing PHP and JavaScript packages for the first time takes a while. */
export const START_MS = 10 * 60_000

/** The demo gives each of its three processes 15 seconds to end. */
const STOP_MS = 60_000

/** The demo, started as `make demo` does, with ports, database and credentials of its own. */
export class Demo {
  /** Its output so far. */
  output = ''

  readonly env: Record<string, string>

  #process: Bun.Subprocess<'ignore', 'pipe', 'pipe'> | undefined
  #scratch = mkdtempSync(join(tmpdir(), 'revurb-e2e-'))

  private constructor(
    readonly webPort: number,
    readonly reverbPort: number,
  ) {
    this.env = {
      APP_KEY: `base64:${randomBytes(32).toString('base64')}`,
      BROADCAST_CONNECTION: 'reverb',
      DB_DATABASE: join(this.#scratch, 'database.sqlite'),
      DEMO_PORT: String(webPort),
      LOG_CHANNEL: 'stderr',
      REVERB_APP_ID: '4711',
      REVERB_APP_KEY: randomBytes(10).toString('hex'),
      REVERB_APP_SECRET: randomBytes(10).toString('hex'),
      REVERB_HOST: 'localhost',
      REVERB_PORT: String(reverbPort),
      REVERB_SCHEME: 'http',
    }
  }

  /** Not started yet; `ports` that are not given are free ones. */
  static async prepare(ports: { web?: number; reverb?: number } = {}): Promise<Demo> {
    return new Demo(ports.web ?? (await freePort()), ports.reverb ?? (await freePort()))
  }

  static async start(): Promise<Demo> {
    const demo = await Demo.prepare()
    await demo.run()

    return demo
  }

  log(): string {
    return this.output
  }

  get url(): string {
    return `http://localhost:${this.webPort}`
  }

  get pid(): number {
    return this.#process!.pid
  }

  /** Every process of the demo, its own included. */
  get pids(): number[] {
    return [this.pid, ...descendants(this.pid)]
  }

  /** The code that it ended with; resolves when it has ended. */
  get exited(): Promise<number> {
    return this.#process!.exited
  }

  /** Starts it, and waits until it prints that the chat is ready. */
  async run(): Promise<void> {
    this.#process = Bun.spawn([join(folder, 'run')], {
      env: { ...process.env, ...this.env },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const { stdout, stderr } = this.#process
    await new Promise<void>((resolve, reject) => {
      const listen = async (stream: ReadableStream<Uint8Array>) => {
        const decoder = new TextDecoder()
        for await (const chunk of stream) {
          this.output += decoder.decode(chunk, { stream: true })
          if (this.output.includes('Ctrl-C ends it.')) resolve()
        }
      }
      void Promise.all([listen(stdout), listen(stderr)]).then(() => reject(new Error(`The demo did not start:\n${this.output}`)))
    })
  }

  /**
   * Sends the signal, as Ctrl-C does, and again every five seconds: bash lost one of about 1,500 signals on a busy machine.
   * Resolves with the exit code.
   *
   * @throws when it does not end, after ending it
   */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number> {
    const started = this.#process
    started?.kill(signal)
    const again = setInterval(() => started?.kill(signal), 5000)
    let left = ''
    const end = setTimeout(() => {
      left = descendants(started!.pid).map(commandLine).join('\n')
      started!.kill('SIGKILL')
    }, STOP_MS)
    const code = (await started?.exited) ?? 0
    clearInterval(again)
    clearTimeout(end)
    if (code === 137) throw new Error(`The demo did not end on ${signal}. It had these processes:\n${left}\n${this.output}`)
    rmSync(this.#scratch, { recursive: true, force: true })

    return code
  }

  /** What a command prints. */
  artisan(...args: string[]): Promise<string> {
    return this.#php(['artisan', ...args])
  }

  /** What PHP prints that runs inside the booted application. */
  evaluate(php: string): Promise<string> {
    const boot =
      "require 'vendor/autoload.php'; (require 'bootstrap/app.php')->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap();"

    return this.#php(['-r', `${boot} ${php}`])
  }

  async #php(args: readonly string[]): Promise<string> {
    const process = Bun.spawn(['php', ...args], {
      cwd: folder,
      env: { ...globalThis.process.env, ...this.env },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [out, err, code] = await Promise.all([
      new Response(process.stdout).text(),
      new Response(process.stderr).text(),
      process.exited,
    ])
    if (code !== 0) throw new Error(`php ${args.join(' ')} ended with ${code}:\n${out}${err}`)

    return out
  }
}
