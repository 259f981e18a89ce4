/** `redis-server` as a process: Debian's, or whoever's is found. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address, Redis } from '../scaling/support/redis.ts'
import { Daemon } from './child-process.ts'
import { answers } from './redis-ping.ts'
import { missingProgram } from './requirements.ts'

export const withoutRedisServer: string | false = missingProgram('redis-server', 'redis-server')

export type RedisProcessOptions = {
  readonly port: number
  /** Where it is found, if not on this host alone. */
  readonly host?: string
  /** What it is started with beside what all are. */
  readonly args?: readonly string[]
  /** Its configuration, where arguments are not enough; it writes to it itself. */
  readonly file?: string
  /** What it prints when it is ready, where it does not answer everybody. */
  readonly says?: string
  /** What starts it: a command that becomes the one after it. */
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
    const { host, args = [], file, says, within = [] } = this.options
    const where = ['--port', String(this.address.port), '--dir', this.folder, '--bind', host === undefined ? '127.0.0.1' : '*']
    const what = ['--save', '', '--appendonly', 'no', '--protected-mode', 'no', ...args]
    const command = [...within, 'redis-server', ...(file === undefined ? [] : [this.file]), ...where, ...what]
    // It may be asleep.
    const daemon = new Daemon(command, { deathSignal: 'KILL' })
    this.daemon = daemon
    await (says === undefined ? answers(this.address) : daemon.until(() => daemon.output.includes(says)))
  }

  /** While it runs. */
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
