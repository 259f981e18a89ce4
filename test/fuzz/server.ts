/** The server under test: a process of its own, whose log and memory are checked. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Subprocess } from 'bun'
import { program } from '../support/command.ts'
import type { Invariants } from './invariants.ts'

type Line = {
  readonly type: string
  readonly level?: string
  readonly code?: string
  readonly context?: { readonly sockets?: number }
  readonly port?: number
}

export class Server {
  port = 0
  private socketsAtEnd = Number.POSITIVE_INFINITY
  /** Every line that it wrote to stdout. */
  readonly output: string[] = []
  private stopping = false
  private readonly child: Subprocess<'pipe', 'pipe', 'pipe'>
  private readonly ready = Promise.withResolvers<void>()
  private readonly read: Promise<unknown>

  private constructor(
    document: object,
    private readonly invariants: Invariants,
  ) {
    const env = { PATH: process.env.PATH ?? '' }
    this.child = Bun.spawn([process.execPath, '--no-env-file', program, 'start'], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      env,
    })
    this.child.stdin.write(`${JSON.stringify(document)}\n`)
    void this.child.stdin.flush()
    this.read = Promise.all([
      this.eachLine(this.child.stdout, line => this.logged(line)),
      this.eachLine(this.child.stderr, line => invariants.violation(`the server wrote to stderr: ${line}`)),
    ])
    void this.child.exited.then(code => {
      if (!this.stopping) invariants.violation(`the server has ended with ${code ?? this.child.signalCode}`)
      this.ready.resolve()
    })
  }

  static async started(document: object, invariants: Invariants): Promise<Server> {
    const server = new Server(document, invariants)
    await server.ready.promise
    if (server.port === 0) throw new Error(`the server did not start:\n${server.output.join('\n')}`)
    return server
  }

  /** The resident memory in KiB; 0 when the process has ended. */
  residentMemory(): number {
    try {
      return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      return 0
    }
  }

  descriptors(): number {
    return readdirSync(`/proc/${this.child.pid}/fd`).length
  }

  /** Stops it: it must end with 0, and count no more sockets than there are. */
  async stop(sockets: number): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.stopping = true
    this.child.kill('SIGTERM')
    const late = setTimeout(() => this.child.kill('SIGKILL'), 10_000)
    const code = await this.child.exited
    clearTimeout(late)
    await this.read
    if (code !== 0) this.invariants.violation(`on SIGTERM, the server ended with ${code}`)
    if (this.socketsAtEnd > sockets) this.invariants.violation(`the server still had ${this.socketsAtEnd} sockets for ${sockets}`)
  }

  private logged(line: string): void {
    this.output.push(line)
    const { type, level, code, context, port } = JSON.parse(line) as Line
    if (level === 'error') this.invariants.violation(`the server logged: ${line}`)
    if (code === 'server-draining' || code === 'server-stopping') this.socketsAtEnd = context!.sockets!
    if (type !== 'ready') return
    this.port = port!
    this.ready.resolve()
  }

  private async eachLine(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
    const seen = this.invariants.leakDetector(undefined, 'the log')
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of stream) {
      seen(Buffer.from(chunk))
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop()!
      for (const line of lines) take(line)
    }
    if (rest !== '') take(rest)
  }
}
