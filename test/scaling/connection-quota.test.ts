/** `max_connections` over several servers: what is left of a burst that they accept before they have heard of each other. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { Client } from '../support/client.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { agree, Fleet, leave } from './support/fleet.ts'
import { mainApp, type Node } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(180_000)

const limit = 100
const app = { id: '1002', key: 'few', secret: 'few-secret' }
const inDocument = ({ id: app_id, key, secret }: typeof mainApp, rules: object = {}) => ({ app_id, key, secret, ...rules })
const apps = [inDocument(mainApp), inDocument(app, { max_connections: limit })]

describe.skipIf(cannotRun('a quota of several servers', withoutRedis))('two servers', () => {
  test('keep as many of 600 clients that connect at once as the app may have, and those that came first', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address, count: 2, changes: { apps } })
    const [a, b] = fleet.nodes as [Node, Node]
    const first = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? a : b).connect(app)))
    await agree(fleet.nodes, { connections: first.length, channels: {}, users: {} }, { app })
    const burst = Array.from({ length: 560 }, (_, i) => Client.open((i % 2 === 0 ? a : b).port, { key: app.key }))
    const codes = new Map<Client, number>()
    for (const client of [...first, ...burst]) void client.closed.then(({ code }) => codes.set(client, code))
    await until('as many clients are left as the app may have', () => codes.size === 600 - limit)
    expect(new Set(codes.values())).toEqual(new Set([4004]))
    expect(first.filter(client => codes.has(client))).toEqual([])
    await agree(fleet.nodes, { connections: limit, channels: {}, users: {} }, { app })
    for (const client of burst) if (codes.has(client)) expect(lastFrame(client)).toMatchObject(overQuota)
    const left = [...first, ...burst].filter(client => !codes.has(client))
    for (const client of left) await client.untilPong()
    await leave(left)
    await agree(fleet.nodes, { connections: 0, channels: {}, users: {} }, { app })
  })
})

const overQuota = { event: 'pusher:error', data: expect.stringContaining('"code":4004') }

/** A client that was refused at the door has received the error alone, one that was closed later has been connected before. */
function lastFrame(client: Client): unknown {
  return client.rest().at(-1)
}
