/** One Redis, a copy of it, and three sentinels who put the copy in its place when it is gone. */
import Redis from 'ioredis'
import { freePort } from '../../support/ports.ts'
import type { Address } from '../../support/redis-ping.ts'
import { RedisProcess } from '../../support/redis-process.ts'
import { until } from '../../support/until.ts'

export const masterName = 'revurb'

export class Sentinels implements AsyncDisposable {
  private constructor(
    readonly first: RedisProcess,
    private readonly copy: RedisProcess,
    private readonly sentinels: readonly RedisProcess[],
  ) {}

  /** Resolves when all know each other: before that nobody can take over. */
  static async started(): Promise<Sentinels> {
    const first = new RedisProcess({ port: await freePort() })
    const copy = new RedisProcess({
      port: await freePort(),
      args: ['--replicaof', `${first.address.host} ${first.address.port}`],
    })
    const ports = [await freePort(), await freePort(), await freePort()]
    const all = new Sentinels(
      first,
      copy,
      ports.map(port => new RedisProcess({ port, file: configuration(first.address), args: ['--sentinel'] })),
    )
    await Promise.all([first.start(), copy.start()])
    await Promise.all(all.sentinels.map(sentinel => sentinel.start()))
    await until('the sentinels know each other and the copy', async () => {
      const known = await Promise.all(all.addresses.map(knownTo))
      return known.every(({ slaves, others }) => slaves === 1 && others === 2)
    })
    return all
  }

  get addresses(): Address[] {
    return this.sentinels.map(({ address }) => address)
  }

  /** Resolves when the sentinels say so of the one that was the copy before. */
  async copyHasTakenOver(): Promise<void> {
    const port = String(this.copy.address.port)
    await until('the copy has taken over', async () => (await Promise.all(this.addresses.map(masterOf))).every(of => of === port))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const redis of [...this.sentinels, this.copy, this.first]) await redis[Symbol.asyncDispose]()
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
  const answer = (await asked(sentinel, 'master', masterName)) as string[]
  const value = (name: string) => Number(answer[answer.indexOf(name) + 1])
  return { slaves: value('num-slaves'), others: value('num-other-sentinels') }
}

async function masterOf(sentinel: Address): Promise<string> {
  return ((await asked(sentinel, 'get-master-addr-by-name', masterName)) as string[])[1]!
}

async function asked({ host, port }: Address, ...question: string[]): Promise<unknown> {
  const client = new Redis(port, host)
  try {
    return await client.call('sentinel', ...question)
  } finally {
    client.disconnect()
  }
}
