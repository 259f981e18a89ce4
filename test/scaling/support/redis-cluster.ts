/** A Redis Cluster of three masters, with a replica of each. */
import Redis from 'ioredis'
import { run } from '../../support/child-process.ts'
import { freePort } from '../../support/ports.ts'
import type { Address } from '../../support/redis-ping.ts'
import { RedisProcess } from '../../support/redis-process.ts'
import { missingProgram } from '../../support/requirements.ts'
import { until } from '../../support/until.ts'

export const withoutRedisCli: string | false = missingProgram('redis-cli', 'redis-tools')

/** A server of a cluster that takes seconds to answer is asked again: a busy machine is enough of a reason. */
export const tooSlow = 'Failed to refresh slots cache: timeout'

const options = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '1000']

export class RedisCluster implements AsyncDisposable {
  private constructor(private readonly members: RedisProcess[]) {}

  /** Resolves when every server reports that the cluster is up, and the replicas are complete: only such a replica can be promoted. */
  static async started(): Promise<RedisCluster> {
    const cluster = new RedisCluster([])
    for (let i = 0; i < 6; i++) cluster.members.push(new RedisProcess({ port: await freePort(), args: options }))
    await Promise.all(cluster.members.map(member => member.start()))
    const places = cluster.addresses.map(({ host, port }) => `${host}:${port}`)
    await run(['redis-cli', '--cluster', 'create', ...places, '--cluster-replicas', '1', '--cluster-yes'])
    await cluster.untilUp()
    await until('the replicas are complete', async () => (await Promise.all(cluster.addresses.map(isComplete))).every(Boolean))
    return cluster
  }

  get addresses(): Address[] {
    return this.members.map(({ address }) => address)
  }

  /** Kills the master over which most servers publish, and does not start it again. */
  async loseMaster(): Promise<void> {
    const counts = await Promise.all(this.addresses.map(publishersOn))
    const [busiest] = this.members.splice(counts.indexOf(Math.max(...counts)), 1)
    await busiest![Symbol.asyncDispose]()
  }

  /** Resolves when a running master serves every slot. */
  async untilUp(): Promise<void> {
    const ports = this.addresses.map(({ port }) => port)
    const hasThree = async (address: Address) => (await mastersBy(address)).filter(port => ports.includes(port)).length === 3
    await until('the cluster is up', async () => (await Promise.all(this.addresses.map(hasThree))).every(Boolean))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map(member => member[Symbol.asyncDispose]()))
  }
}

/** The ports of the masters that a server of the cluster names; none while it reports that the cluster is down. */
async function mastersBy(address: Address): Promise<number[]> {
  const [info, nodes] = await withClient(address, client => Promise.all([client.cluster('INFO'), client.cluster('NODES')]))
  if (!info.includes('cluster_state:ok')) return []
  return [...String(nodes).matchAll(/:(\d+)@\d+ (?:myself,)?master - /g)].map(match => Number(match[1]))
}

/** Whether a replica has all data of its master. */
async function isComplete(address: Address): Promise<boolean> {
  return !(await withClient(address, client => client.info('replication'))).includes('master_link_status:down')
}

async function publishersOn(address: Address): Promise<number> {
  return String(await withClient(address, client => client.client('LIST'))).split('cmd=publish').length
}

async function withClient<Answer>({ host, port }: Address, use: (client: Redis) => Promise<Answer>): Promise<Answer> {
  const client = new Redis(port, host)
  try {
    return await use(client)
  } finally {
    client.disconnect()
  }
}
