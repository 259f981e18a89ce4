/** A Redis whose ACL does not allow a server to subscribe or to publish. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import Redis from 'ioredis'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { Node } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(180_000)

describe.skipIf(cannotRun('permissions', withoutRedis))('a server without the permission to', () => {
  test.each([
    ['subscribe', 'resetchannels', 'allchannels'],
    ['publish', 'allchannels -publish', '+publish'],
  ])('%s logs why it is not connected, and connects once it has the permission', async (_, lacking, granted) => {
    await using redis = await startRedis()
    const operator = new Redis(redis.address)
    await operator.call('ACL', 'SETUSER', 'default', ...lacking.split(' '))
    await using node = await Node.started({ secret: 's', channel: 'x', server: redis.address })
    await until('the server logs that it is not connected', () => node.logged('Not connected to Redis') > 0)
    expect(node.log).toContain('NOPERM')
    expect(await node.isDegraded()).toBe(true)
    const logged = node.logged('Not connected to Redis')
    // It tries once a second, and logs nothing more.
    await until('it has tried again', async () => (await refused(operator)) >= 3)
    expect(node.logged('Not connected to Redis')).toBe(logged)
    await operator.call('ACL', 'SETUSER', 'default', granted)
    operator.disconnect()
    await until('the server is connected', async () => !(await node.isDegraded()))
  })
})

/** How often Redis has refused a command for lack of a permission. */
async function refused(operator: Redis): Promise<number> {
  return Number(/errorstat_NOPERM:count=(\d+)/.exec(await operator.info('errorstats'))?.[1] ?? 0)
}
