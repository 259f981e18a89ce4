/** Redis that answers and does not let a server hear the others, or be heard by them, for lack of a permission. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import Redis from 'ioredis'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { Node } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(180_000)

describe.skipIf(cannotRun('permissions', withoutRedis))('a server says why, and tries again, when it may not', () => {
  test.each([
    ['subscribe', 'resetchannels', 'allchannels'],
    ['publish', 'allchannels -publish', '+publish'],
  ])('%s', async (_, lacking, granted) => {
    await using redis = await startRedis()
    const operator = new Redis(redis.address)
    await operator.call('ACL', 'SETUSER', 'default', ...lacking.split(' '))
    await using node = await Node.started({ secret: 's', channel: 'x', server: redis.address })
    await until('the server says that Redis is away', () => node.logged('Not connected to Redis') > 0)
    expect(node.log).toContain('NOPERM')
    expect(await node.isDegraded()).toBe(true)
    const said = node.logged('Not connected to Redis')
    // Once a second, without another word.
    await until('it has tried again', async () => (await refused(operator)) >= 3)
    expect(node.logged('Not connected to Redis')).toBe(said)
    await operator.call('ACL', 'SETUSER', 'default', granted)
    operator.disconnect()
    await until('the server is with the others', async () => !(await node.isDegraded()))
  })
})

/** How often Redis has refused a command for lack of a permission. */
async function refused(operator: Redis): Promise<number> {
  return Number(/errorstat_NOPERM:count=(\d+)/.exec(await operator.info('errorstats'))?.[1] ?? 0)
}
