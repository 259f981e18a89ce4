/** A server of several is stopped: its clients are sent to the others, as long as another one does not stop. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { Client } from '../support/client.ts'
import { cannotRun } from '../support/requirements.ts'
import { Fleet } from './support/fleet.ts'
import type { Node } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(180_000)

const isSkipped = cannotRun('stops of servers among others', withoutRedis)

/** More clients than are closed in the first wave. */
const clientCount = 150

const clientsOf = ({ port }: Node) => Promise.all(Array.from({ length: clientCount }, () => Client.connected(port)))

async function codes(clients: Client[]): Promise<number[]> {
  return [...new Set((await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code))]
}

test.skipIf(isSkipped)(
  'servers that are stopped one after the other send their clients to the next one, and the last one drains for a second',
  async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address, count: 2, changes: { server: { drain_seconds: 1 } } })
    for (const [node, code] of [
      [fleet.nodes[0]!, 4200],
      [fleet.nodes[1]!, 1001],
    ] as const) {
      const clients = await clientsOf(node)
      await node.stop()
      expect(await codes(clients)).toEqual([code])
    }
  },
)

test.skipIf(isSkipped)('servers that are stopped at once do not send their clients to each other', async () => {
  await using redis = await startRedis()
  await using fleet = await Fleet.started({ redis: redis.address, count: 2, changes: { server: { drain_seconds: 3600 } } })
  const clients = (await Promise.all(fleet.nodes.map(clientsOf))).flat()
  await Promise.all(fleet.nodes.map(node => node.stop()))
  expect(await codes(clients)).toEqual([1001])
})
