/** The contract of backplanes, with Redis and Redis Cluster. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { redisBackplane } from '../../src/cluster/redis.ts'
import { backplaneContract } from '../support/backplane-contract.ts'
import { run } from '../support/child-process.ts'
import { freePort } from '../support/ports.ts'
import { redisAddress } from '../support/redis-address.ts'
import type { Address } from '../support/redis-ping.ts'
import type { Redis } from '../support/redis-process.ts'
import { RedisProcess, withoutRedisServer } from '../support/redis-process.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { startRedis, withoutRedis } from './support/redis.ts'
import { tooSlow, withoutRedisCli } from './support/redis-cluster.ts'
import { Relay } from './support/relay.ts'

setDefaultTimeout(180_000)

describe.skipIf(cannotRun('the contract of backplanes', withoutRedis))('a backplane', () => {
  let redis: Redis
  let channels = 0

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis[Symbol.asyncDispose]())

  describe.skipIf(cannotRun('a backplane over Redis Cluster', withoutRedisServer || withoutRedisCli))(
    'over Redis Cluster',
    () => {
      /** @returns the reasons with which it was reported as disconnected before it has connected */
      async function reasonsOf(server: Address, checkMs: number): Promise<string[]> {
        const reasons: string[] = []
        let isConnected = false
        const listener = {
          onMessage() {},
          onConnected: () => (isConnected = true),
          onDisconnected: (reason: string) => reasons.push(reason),
          onClosed() {},
        }
        const address = redisAddress(server, { kind: 'cluster' })
        const backplane = redisBackplane({
          address,
          channel: 'contract',
          listener,
          random: Math.random,
          sleep: Bun.sleep,
          defer: setImmediate,
        })
        const checks = setInterval(() => backplane.check?.(performance.now()), checkMs)
        await until('it is connected', () => isConnected)
        clearInterval(checks)
        await backplane.close()
        return reasons
      }

      test('that is checked every millisecond while it connects is not reported as disconnected', async () => {
        await using server = await startCluster({ port: await freePort() })
        const reasons: string[] = []
        for (let i = 0; i < 20; i++) reasons.push(...(await reasonsOf(server.address, 1)))
        expect(reasons.filter(reason => reason !== tooSlow)).toEqual([])
      })

      test('whose server takes more than a second to answer is not reported as disconnected', async () => {
        const port = await freePort()
        await using relay = await Relay.to({ host: '127.0.0.1', port }, { firstAnswerMs: 1500 })
        await using _server = await startCluster({ port, announced: relay.address.port })
        expect(await reasonsOf(relay.address, 1000)).toEqual([])
      })
    },
  )

  backplaneContract('over Redis', {
    nodes: 'many',
    hasCommonOrder: true,
    reconnects: true,
    start: async () => {
      const channel = `contract:${++channels}`
      const address = redisAddress(redis.address)
      return {
        connect: async listener =>
          redisBackplane({ address, channel, listener, random: Math.random, sleep: Bun.sleep, defer: setImmediate }),
        disconnect: () => redis.stop(),
        reconnect: () => redis.start(),
        async [Symbol.asyncDispose]() {},
      }
    },
  })
})

/** A cluster of one server. */
async function startCluster({ port, announced = port }: { port: number; announced?: number }): Promise<RedisProcess> {
  const announcement = ['--cluster-announce-ip', '127.0.0.1', '--cluster-announce-port', String(announced)]
  const server = new RedisProcess({ port, args: ['--cluster-enabled', 'yes', ...announcement] })
  await server.start()
  const call = (...words: string[]) => run(['redis-cli', '-p', String(port), ...words])
  await call('cluster', 'addslotsrange', '0', '16383')
  await until('the cluster is whole', async () => (await call('cluster', 'info')).includes('cluster_state:ok'))
  return server
}
