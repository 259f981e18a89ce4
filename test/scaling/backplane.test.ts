/** What a backplane in memory does, Redis does too. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { redisBackplane } from '../../src/cluster/redis.ts'
import type { RedisAddress } from '../../src/cluster/redis-address.ts'
import { backplaneContract } from '../support/backplane-contract.ts'
import { run } from '../support/child-process.ts'
import { freePort } from '../support/ports.ts'
import type { Address } from '../support/redis-ping.ts'
import type { Redis } from '../support/redis-process.ts'
import { RedisProcess, withoutRedisServer } from '../support/redis-process.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { startRedis, withoutRedis } from './support/redis.ts'
import { tooSlow, withoutRedisCli } from './support/redis-cluster.ts'
import { Relay } from './support/relay.ts'

setDefaultTimeout(180_000)

describe.skipIf(cannotRun('the contract of backplanes', withoutRedis))('over', () => {
  let redis: Redis
  let channels = 0

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis[Symbol.asyncDispose]())

  describe.skipIf(cannotRun('a backplane over Redis Cluster', withoutRedisServer || withoutRedisCli))('Redis Cluster', () => {
    /** @returns why it was said to be away, by the time it is there */
    async function reasonsOf(server: Address, lookMs: number): Promise<string[]> {
      const reasons: string[] = []
      let isUp = false
      const listener = {
        onMessage() {},
        onConnected: () => (isUp = true),
        onDisconnected: (reason: string) => reasons.push(reason),
        onClosed() {},
      }
      const address = { ...single(server), kind: 'cluster' as const }
      const backplane = redisBackplane({
        address,
        channel: 'contract',
        listener,
        random: Math.random,
        sleep: Bun.sleep,
        defer: setImmediate,
      })
      const looks = setInterval(() => backplane.check?.(performance.now()), lookMs)
      await until('it is up', () => isUp)
      clearInterval(looks)
      await backplane.close()
      return reasons
    }

    test('looked at again and again while it connects, is not called away', async () => {
      await using server = await whole({ port: await freePort() })
      const reasons: string[] = []
      for (let i = 0; i < 20; i++) reasons.push(...(await reasonsOf(server.address, 1)))
      expect(reasons.filter(reason => reason !== tooSlow)).toEqual([])
    })

    test('that takes more than a second to answer is waited for', async () => {
      const port = await freePort()
      await using relay = await Relay.to({ host: '127.0.0.1', port }, { firstAnswerMs: 1500 })
      await using _server = await whole({ port, announced: relay.address.port })
      expect(await reasonsOf(relay.address, 1000)).toEqual([])
    })
  })

  backplaneContract('Redis', async () => {
    const channel = `contract:${++channels}`
    const address = single(redis.address)
    return {
      connect: async listener =>
        redisBackplane({ address, channel, listener, random: Math.random, sleep: Bun.sleep, defer: setImmediate }),
      disconnect: () => redis.stop(),
      reconnect: () => redis.start(),
      async [Symbol.asyncDispose]() {},
    }
  })
})

/** A cluster of one. */
async function whole({ port, announced = port }: { port: number; announced?: number }): Promise<RedisProcess> {
  const announcement = ['--cluster-announce-ip', '127.0.0.1', '--cluster-announce-port', String(announced)]
  const server = new RedisProcess({ port, args: ['--cluster-enabled', 'yes', ...announcement] })
  await server.start()
  const ask = (...question: string[]) => run(['redis-cli', '-p', String(port), ...question])
  await ask('cluster', 'addslotsrange', '0', '16383')
  await until('the cluster is whole', async () => (await ask('cluster', 'info')).includes('cluster_state:ok'))
  return server
}

function single({ host, port }: Address): RedisAddress {
  return {
    kind: 'single',
    hosts: [{ host, port }],
    masterName: '',
    username: null,
    password: null,
    sentinelPassword: null,
    database: 0,
    tls: null,
    connectTimeoutMs: 5000,
  }
}
