/** A Redis of a scenario's own, on the load's core, and what an operator does to it. */
import { Redis } from 'ioredis'
import type { Address } from 'revurb-bench/load/client.ts'
import { registerCleanUp } from 'revurb-bench/machine/clean-up.ts'
import { cores } from 'revurb-bench/machine/cores.ts'
import { pinnedTo } from 'revurb-bench/machine/pinned.ts'
import { freePort } from '../../support/ports.ts'
import { RedisProcess } from '../../support/redis-process.ts'

/** A user of its own, whose permissions no fault takes away. */
const operator = 'operator'
const password = 'operator'

export class OperatedRedis implements AsyncDisposable {
  private readonly undo: () => Promise<void>

  private constructor(readonly server: RedisProcess) {
    this.undo = registerCleanUp(() => server[Symbol.asyncDispose]())
  }

  static async started(): Promise<OperatedRedis> {
    const user = ['--user', operator, 'on', `>${password}`, '~*', '&*', '+@all']
    const redis = new OperatedRedis(new RedisProcess({ port: await freePort(), args: user, within: pinnedTo(cores().load) }))
    await redis.server.start()
    return redis
  }

  get address(): Address {
    return this.server.address
  }

  async call(command: string, ...words: string[]): Promise<unknown> {
    const connection = new Redis({ ...this.address, username: operator, password })
    try {
      return await connection.call(command, ...words)
    } finally {
      connection.disconnect()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.undo()
  }
}
