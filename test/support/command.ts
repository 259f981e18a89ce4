/** The real command line, `dist/revurb.js`, as a process of its own. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Glob, type Subprocess } from 'bun'
import { Client, type ConnectOptions } from './client.ts'
import { Queue } from './queue.ts'

const root = join(import.meta.dir, '../..')
export const program = join(root, 'dist/revurb.js')

export type Line = { readonly type: string; readonly [key: string]: unknown }

/** A document for one app on a free port, with the changes of a test. */
export function document({
  server = {},
  app = {},
  ...changes
}: {
  server?: object
  app?: object
  [key: string]: unknown
} = {}): object {
  return {
    version: 1,
    server: { host: '127.0.0.1', port: 0, ...server },
    apps: [{ app_id: '1001', key: 'app-key', secret: 'app-secret', ...app }],
    ...changes,
  }
}

/** @throws when the bundle is missing, or older than its sources: the tests would run old code */
function requireBuilt(): void {
  const newest = Math.max(...[...new Glob('src/**/*.ts').scanSync(root)].map(file => statSync(join(root, file)).mtimeMs))
  const builtAt = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (builtAt < newest) throw new Error('dist/revurb.js is missing or older than src/: run "make build"')
}

requireBuilt()

/** What the program inherits from a shell: a command that runs before it, such as `ulimit -n 256` or `trap '' HUP`. */
type Inherited = { readonly inherited: string }

export class Command implements AsyncDisposable {
  private readonly child: Subprocess<'pipe', 'pipe', 'pipe'>
  private readonly queue = new Queue<Line>()
  /** All lines of stdout so far. */
  readonly output: string[] = []
  port = 0

  constructor(...args: (string | Inherited)[]) {
    const shells = args
      .filter(arg => typeof arg === 'object')
      .flatMap(({ inherited }) => ['sh', '-c', `${inherited}; exec "$0" "$@"`])
    const own = args.filter(arg => typeof arg === 'string')
    const command = [...shells, process.execPath, '--no-env-file', program, ...own]
    const env = { PATH: process.env.PATH ?? '', NO_COLOR: '1' }
    this.child = Bun.spawn(command, { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe', env })
    void this.read()
  }

  /** Runs `start` with this document on stdin. Resolves when the server is ready. */
  static async started(content: object = document(), openFiles?: number): Promise<Command> {
    const command = openFiles === undefined ? new Command('start') : new Command({ inherited: `ulimit -n ${openFiles}` }, 'start')
    command.writeLine(content)
    await command.ready()
    return command
  }

  get pid(): number {
    return this.child.pid
  }

  /** Writes one line to stdin. */
  writeLine(line: object | string): void {
    this.child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
    void this.child.stdin.flush()
  }

  /** Closes stdin, after writing the text. */
  end(text = ''): void {
    if (text !== '') this.child.stdin.write(text)
    void this.child.stdin.end()
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Waits for the ready line. Log lines before it stay in `output`. */
  async ready(): Promise<Line> {
    const line = await this.next('ready')
    this.port = line.port as number
    return line
  }

  /** The next line of that type and with those members; other lines before it are skipped. */
  async next(type: string, members: object = {}): Promise<Line> {
    for (;;) {
      const line = await this.queue.next()
      if (line.type === type && Object.entries(members).every(([key, value]) => line[key] === value)) return line
    }
  }

  /** Exit code, messages of all log lines but those of the banner, and the text of both outputs, once the process has ended. */
  async ended(): Promise<{ code: number; messages: string[]; stdout: string; stderr: string }> {
    const stderr = new Response(this.child.stderr).text()
    const code = await this.child.exited
    await this.drained
    const lines = this.output.filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Line)
    const logged = lines.filter(({ type, code: name }) => type === 'log' && !String(name).startsWith('banner-'))
    const messages = logged.map(({ message }) => String(message))
    return { code, messages, stdout: this.output.join('\n'), stderr: await stderr }
  }

  connect(options: ConnectOptions = {}): Promise<Client> {
    return Client.connected(this.port, options)
  }

  private readonly finished = Promise.withResolvers<void>()
  private get drained(): Promise<void> {
    return this.finished.promise
  }

  private async read(): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of this.child.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop()!
      for (const line of lines) this.take(line)
    }
    // An incomplete line: the process was killed while it wrote.
    if (rest !== '') this.output.push(rest)
    this.queue.end(`the process has ended:\n${this.output.join('\n')}`)
    this.finished.resolve()
  }

  private take(line: string): void {
    this.output.push(line)
    if (line.startsWith('{')) this.queue.add(JSON.parse(line) as Line)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.child.exited
  }
}
