/** Redis with sentinels, and Redis Cluster: events cross, and go on crossing when one Redis takes another's place. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { withoutRedisServer } from '../support/redis-process.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { Fleet } from './support/fleet.ts'
import { RedisCluster, withoutRedisCli } from './support/redis-cluster.ts'
import { Room, room } from './support/room.ts'
import { masterName, Sentinels } from './support/sentinels.ts'

setDefaultTimeout(180_000)

const everybody = ['ann', 'bob', 'cat', 'dan']

describe.skipIf(cannotRun('sentinels', withoutRedisServer))('over Redis with sentinels', () => {
  test.concurrent('events cross, before and after the master is killed', async () => {
    await using redis = await Sentinels.started()
    await using fleet = await Fleet.started({ redis: { sentinels: redis.addresses, master: masterName } })
    const here = await Room.in(fleet)
    await hearsThousands(here)
    await redis.first.kill()
    const killed = performance.now()
    // They are degraded until the sentinels have chosen: not necessarily all at the moment of a look.
    await until('every server has noticed', () => fleet.nodes.every(node => node.logged('Not connected to Redis') > 0))
    await here.servesItsOwn('meanwhile')
    await redis.copyHasTakenOver()
    await converges(here, 'Redis with sentinels', killed)
    // It comes back, and for a while takes itself for what it was.
    await redis.first.start()
    await here.hearsAll()
  })
})

describe.skipIf(cannotRun('Redis Cluster', withoutRedisServer || withoutRedisCli))('over Redis Cluster', () => {
  test.concurrent('events cross, before and after a master is killed', async () => {
    await using redis = await RedisCluster.started()
    await using fleet = await Fleet.started({ redis: { cluster: redis.addresses } })
    const here = await Room.in(fleet)
    await hearsThousands(here)
    const killed = performance.now()
    await redis.loseMaster()
    await here.servesItsOwn('meanwhile')
    await redis.isWhole()
    await converges(here, 'Redis Cluster', killed)
  })
})

/** 3,000 events: every client hears each once, those of one server in their order. */
async function hearsThousands({ fleet, recorders }: Room): Promise<void> {
  const numbers = Array.from({ length: 1000 }, (_, n) => n)
  await Promise.all(
    fleet.nodes.map(async (node, by) => {
      for (const n of numbers) await node.publish(room, `told by ${by}`, n)
    }),
  )
  await fleet.settled(recorders)
  for (const recorder of recorders) for (const by of fleet.nodes.keys()) expect(recorder.all(`told by ${by}`)).toEqual(numbers)
}

async function converges(here: Room, where: string, killedAt: number): Promise<void> {
  await here.degraded([false, false, false])
  await here.agrees(everybody, 5)
  console.log(`${where}: all agreed ${((performance.now() - killedAt) / 1000).toFixed(1)} s after a master was killed.`)
  await here.hearsAll()
  for (const recorder of here.recorders) expect(recorder.members).toEqual(everybody)
}
