/** A Redis of a test's own, as a process: the `redis-server` that is found in PATH. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Daemon } from './child-process.ts'
import { type Address, answers } from './redis-ping.ts'
import { missingProgram } from './requirements.ts'

export const withoutRedisServer: string | false = missingProgram('redis-server', 'redis-server')

/** A Redis that a test starts, stops and stalls. */
export type Redis = AsyncDisposable & {
  readonly address: Address
  /** Stops it as an operator does. */
  stop(): Promise<void>
  /** Ends it at once, whatever it is doing. */
  kill(): Promise<void>
  /** Starts it again on the same port. Resolves when it answers. */
  start(): Promise<void>
  /** Its connections stay, and nothing is answered on them. */
  pause(): Promise<void>
  resume(): Promise<void>
}

export type RedisProcessOptions = {
  readonly port: number
  /** The host in its address, where that is not 127.0.0.1. */
  readonly host?: string
  /** More arguments of `redis-server`. */
  readonly args?: readonly string[]
  /** The text of its configuration file, where arguments are not enough: sentinels and Redis Cluster write to theirs. */
  readonly file?: string
  /** What it prints when it is ready, where it does not answer a PING of any client. */
  readonly readyText?: string
  /** A command in front of `redis-server` that becomes it, such as `ip netns exec`. */
  readonly within?: readonly string[]
}

export class RedisProcess implements Redis {
  readonly address: Address
  private readonly folder = mkdtempSync(join(tmpdir(), 'revurb-redis-'))
  private daemon: Daemon | undefined

  constructor(private readonly options: RedisProcessOptions) {
    this.address = { host: options.host ?? '127.0.0.1', port: options.port }
    if (options.file !== undefined) writeFileSync(this.file, options.file)
  }

  async start(): Promise<void> {
    const { host, args = [], file, readyText, within = [] } = this.options
    const where = ['--port', String(this.address.port), '--dir', this.folder, '--bind', host === undefined ? '127.0.0.1' : '*']
    const what = ['--save', '', '--appendonly', 'no', '--protected-mode', 'no', ...args]
    const command = [...within, 'redis-server', ...(file === undefined ? [] : [this.file]), ...where, ...what]
    // A paused process handles no other signal than KILL.
    const daemon = new Daemon(command, { deathSignal: 'KILL' })
    this.daemon = daemon
    await (readyText === undefined ? answers(this.address) : daemon.until(() => daemon.output.includes(readyText)))
  }

  /** Its process id while it runs. */
  get pid(): number {
    return this.daemon!.pid
  }

  private get file(): string {
    return join(this.folder, 'redis.conf')
  }

  async stop(): Promise<void> {
    await this.daemon?.stop()
  }

  async kill(): Promise<void> {
    await this.daemon?.stop('SIGKILL')
  }

  async pause(): Promise<void> {
    process.kill(this.pid, 'SIGSTOP')
  }

  async resume(): Promise<void> {
    process.kill(this.pid, 'SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
