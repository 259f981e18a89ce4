/** Redis Cluster: three masters, and a copy of each. */
import Redis from 'ioredis'
import { run } from '../../support/child-process.ts'
import { freePort } from '../../support/ports.ts'
import type { Address } from '../../support/redis-ping.ts'
import { RedisProcess } from '../../support/redis-process.ts'
import { missingProgram } from '../../support/requirements.ts'
import { until } from '../../support/until.ts'

export const withoutRedisCli: string | false = missingProgram('redis-cli', 'redis-tools')

/** A server of a cluster has seconds to answer and is then asked again: on a busy machine this says nothing else. */
export const tooSlow = 'Failed to refresh slots cache: timeout'

const options = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '1000']

export class RedisCluster implements AsyncDisposable {
  private constructor(private readonly members: RedisProcess[]) {}

  /** Resolves when all of them say that it is whole, and the copies are complete: no other can take over. */
  static async started(): Promise<RedisCluster> {
    const cluster = new RedisCluster([])
    for (let i = 0; i < 6; i++) cluster.members.push(new RedisProcess({ port: await freePort(), args: options }))
    await Promise.all(cluster.members.map(member => member.start()))
    const places = cluster.addresses.map(({ host, port }) => `${host}:${port}`)
    await run(['redis-cli', '--cluster', 'create', ...places, '--cluster-replicas', '1', '--cluster-yes'])
    await cluster.isWhole()
    await until('the copies are complete', async () => (await Promise.all(cluster.addresses.map(isComplete))).every(Boolean))
    return cluster
  }

  get addresses(): Address[] {
    return this.members.map(({ address }) => address)
  }

  /** Kills the one by which most is published, for good. */
  async loseMaster(): Promise<void> {
    const counts = await Promise.all(this.addresses.map(publishersOn))
    const [busiest] = this.members.splice(counts.indexOf(Math.max(...counts)), 1)
    await busiest![Symbol.asyncDispose]()
  }

  /** Every slot is served by one that is there. */
  async isWhole(): Promise<void> {
    const ports = this.addresses.map(({ port }) => port)
    const hasThree = async (address: Address) => (await mastersBy(address)).filter(port => ports.includes(port)).length === 3
    await until('the cluster is whole', async () => (await Promise.all(this.addresses.map(hasThree))).every(Boolean))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map(member => member[Symbol.asyncDispose]()))
  }
}

/** Their ports, as one of them sees it; none while it says that something is missing. */
async function mastersBy(address: Address): Promise<number[]> {
  const [info, nodes] = await asked(address, client => Promise.all([client.cluster('INFO'), client.cluster('NODES')]))
  if (!info.includes('cluster_state:ok')) return []
  return [...String(nodes).matchAll(/:(\d+)@\d+ (?:myself,)?master - /g)].map(match => Number(match[1]))
}

/** A copy that has all of its master has; a master always. */
async function isComplete(address: Address): Promise<boolean> {
  return !(await asked(address, client => client.info('replication'))).includes('master_link_status:down')
}

async function publishersOn(address: Address): Promise<number> {
  return String(await asked(address, client => client.client('LIST'))).split('cmd=publish').length
}

async function asked<Answer>({ host, port }: Address, question: (client: Redis) => Promise<Answer>): Promise<Answer> {
  const client = new Redis(port, host)
  try {
    return await question(client)
  } finally {
    client.disconnect()
  }
}
