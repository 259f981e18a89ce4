/** A Redis, its replica, and three sentinels that promote the replica when the first one fails. */
import Redis from 'ioredis'
import { freePort } from '../../support/ports.ts'
import type { Address } from '../../support/redis-ping.ts'
import { RedisProcess } from '../../support/redis-process.ts'
import { until } from '../../support/until.ts'

export const masterName = 'revurb'

export class Sentinels implements AsyncDisposable {
  private constructor(
    readonly first: RedisProcess,
    private readonly replica: RedisProcess,
    private readonly sentinels: readonly RedisProcess[],
  ) {}

  /** Resolves when all know each other: before that, none can be promoted. */
  static async started(): Promise<Sentinels> {
    const first = new RedisProcess({ port: await freePort() })
    const replica = new RedisProcess({
      port: await freePort(),
      args: ['--replicaof', `${first.address.host} ${first.address.port}`],
    })
    const ports = [await freePort(), await freePort(), await freePort()]
    const all = new Sentinels(
      first,
      replica,
      ports.map(port => new RedisProcess({ port, file: configuration(first.address), args: ['--sentinel'] })),
    )
    await Promise.all([first.start(), replica.start()])
    await Promise.all(all.sentinels.map(sentinel => sentinel.start()))
    await until('the sentinels know each other and the replica', async () => {
      const known = await Promise.all(all.addresses.map(knownTo))
      return known.every(({ slaves, others }) => slaves === 1 && others === 2)
    })
    return all
  }

  get addresses(): Address[] {
    return this.sentinels.map(({ address }) => address)
  }

  /** Resolves when every sentinel names the former replica as the master. */
  async replicaIsPromoted(): Promise<void> {
    const port = String(this.replica.address.port)
    await until('the replica is promoted', async () => (await Promise.all(this.addresses.map(masterOf))).every(of => of === port))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const redis of [...this.sentinels, this.replica, this.first]) await redis[Symbol.asyncDispose]()
  }
}

function configuration({ host, port }: Address): string {
  return [
    `sentinel monitor ${masterName} ${host} ${port} 2`,
    `sentinel down-after-milliseconds ${masterName} 1000`,
    `sentinel failover-timeout ${masterName} 5000`,
  ].join('\n')
}

async function knownTo(sentinel: Address): Promise<{ slaves: number; others: number }> {
  const answer = (await callSentinel(sentinel, 'master', masterName)) as string[]
  const value = (name: string) => Number(answer[answer.indexOf(name) + 1])
  return { slaves: value('num-slaves'), others: value('num-other-sentinels') }
}

async function masterOf(sentinel: Address): Promise<string> {
  return ((await callSentinel(sentinel, 'get-master-addr-by-name', masterName)) as string[])[1]!
}

async function callSentinel({ host, port }: Address, ...words: string[]): Promise<unknown> {
  const client = new Redis(port, host)
  try {
    return await client.call('sentinel', ...words)
  } finally {
    client.disconnect()
  }
}
