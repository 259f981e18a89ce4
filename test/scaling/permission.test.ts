/** Redis that answers and does not let a server hear the others, for lack of a permission. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import Redis from 'ioredis'
import { lacks } from '../deploy/support/lacks.ts'
import { until } from '../e2e/support/until.ts'
import { Node } from './support/node.ts'
import { quietPort } from './support/port.ts'
import { RedisProcess, withoutRedisServer } from './support/process.ts'

setDefaultTimeout(60_000)

test.skipIf(lacks('permission', withoutRedisServer))('a server that may not subscribe says why, and tries again', async () => {
  await using redis = new RedisProcess({ port: await quietPort(), file: 'user default on nopass ~* +@all resetchannels' })
  await redis.start()
  await using node = await Node.started({ secret: 's', channel: 'x', server: redis.address })
  await until('the server is degraded', () => node.isDegraded())
  expect(node.logged('Redis is away')).toBe(1)
  const operator = new Redis(redis.address)
  await operator.call('ACL', 'SETUSER', 'default', 'allchannels')
  operator.disconnect()
  await until('the server hears the others', async () => !(await node.isDegraded()), 30)
})
