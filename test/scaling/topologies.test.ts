/** Servers over Redis with Sentinel and over Redis Cluster deliver each other's events, also after a failover. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { withoutRedisServer } from '../support/redis-process.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { Fleet } from './support/fleet.ts'
import { RedisCluster, withoutRedisCli } from './support/redis-cluster.ts'
import { Room, room } from './support/room.ts'
import { masterName, Sentinels } from './support/sentinels.ts'

setDefaultTimeout(180_000)

const everyone = ['ann', 'bob', 'cat', 'dan']

describe.skipIf(cannotRun('sentinels', withoutRedisServer))('servers over Redis with Sentinel', () => {
  test.concurrent('deliver events before and after the master is killed', async () => {
    await using redis = await Sentinels.started()
    await using fleet = await Fleet.started({ redis: { sentinels: redis.addresses, master: masterName } })
    const here = await Room.in(fleet)
    await deliversThousands(here)
    await redis.first.kill()
    const killed = performance.now()
    // Each is degraded until the sentinels have promoted the replica, but not necessarily all at the same time.
    await until('every server has noticed', () => fleet.nodes.every(node => node.logged('Not connected to Redis') > 0))
    await here.deliversLocally('meanwhile')
    await redis.replicaIsPromoted()
    await converges(here, 'Redis with sentinels', killed)
    // The former master starts again, and takes itself for the master for a while.
    await redis.first.start()
    await here.deliversToAll()
  })
})

describe.skipIf(cannotRun('Redis Cluster', withoutRedisServer || withoutRedisCli))('servers over Redis Cluster', () => {
  test.concurrent('deliver events before and after a master is killed', async () => {
    await using redis = await RedisCluster.started()
    await using fleet = await Fleet.started({ redis: { cluster: redis.addresses } })
    const here = await Room.in(fleet)
    await deliversThousands(here)
    const killed = performance.now()
    await redis.loseMaster()
    await here.deliversLocally('meanwhile')
    await redis.untilUp()
    await converges(here, 'Redis Cluster', killed)
  })
})

/** Expects that every client receives 3,000 events once, those of one server in order. */
async function deliversThousands({ fleet, recorders }: Room): Promise<void> {
  const numbers = Array.from({ length: 1000 }, (_, n) => n)
  await Promise.all(
    fleet.nodes.map(async (node, by) => {
      for (const n of numbers) await node.publish(room, `event of ${by}`, n)
    }),
  )
  await fleet.settled(recorders)
  for (const recorder of recorders) for (const by of fleet.nodes.keys()) expect(recorder.all(`event of ${by}`)).toEqual(numbers)
}

async function converges(here: Room, where: string, killedAt: number): Promise<void> {
  await here.untilDegraded([false, false, false])
  await here.agrees(everyone, 5)
  console.log(`${where}: all agreed ${((performance.now() - killedAt) / 1000).toFixed(1)} s after a master was killed.`)
  await here.deliversToAll()
  for (const recorder of here.recorders) expect(recorder.members).toEqual(everyone)
}
