/** What a backplane in memory does, Redis does too. */
import { afterAll, beforeAll, describe, setDefaultTimeout } from 'bun:test'
import { redisBackplane } from '../../src/cluster/redis.ts'
import { lacks } from '../deploy/support/lacks.ts'
import { backplaneContract } from '../support/backplane-contract.ts'
import { type Redis, startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(180_000)

describe.skipIf(lacks('the contract of backplanes', withoutRedis))('over', () => {
  let redis: Redis
  let channels = 0

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis[Symbol.asyncDispose]())

  backplaneContract('Redis', async () => {
    const channel = `contract:${++channels}`
    const { host, port } = redis.address
    const address = {
      kind: 'single' as const,
      hosts: [{ host, port }],
      masterName: '',
      username: null,
      password: null,
      sentinelPassword: null,
      database: 0,
      tls: null,
      connectTimeoutMs: 5000,
    }
    return {
      join: async listener => redisBackplane({ address, channel, listener, random: Math.random, sleep: Bun.sleep }),
      fall: () => redis.stop(),
      rise: () => redis.start(),
      async [Symbol.asyncDispose]() {},
    }
  })
})
