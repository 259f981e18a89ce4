/** Servers and Redis fail: connected clients are served, and all servers agree in the end. Each test has a fleet of its own, and all run at once. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Address } from '../support/redis-ping.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { Fleet, leave } from './support/fleet.ts'
import type { Node } from './support/node.ts'
import { PartitionedNetwork, withoutPartitionedNetwork } from './support/partitioned-network.ts'
import { startRedis, withoutRedis } from './support/redis.ts'
import { Relay } from './support/relay.ts'
import { Room, room } from './support/room.ts'
import { Tap } from './support/tap.ts'

/** The duration of an outage of Redis, for longer runs than those of the suite. */
const outageSeconds = Number(process.env.REVURB_TEST_OUTAGE_SECONDS ?? 3)

setDefaultTimeout(180_000 + outageSeconds * 1000)

const everyone = ['ann', 'bob', 'cat', 'dan']
const disconnectedMessage = 'Not connected to Redis'
const connectedMessage = 'Connected to Redis'

describe.skipIf(cannotRun('faults', withoutRedis))('three servers', () => {
  test.concurrent('remove the members of one that is killed within ten seconds, once', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    const here = await Room.in(fleet)
    const [ann, bob] = here.recorders
    const killed = clock()
    await fleet.nodes.pop()!.kill()
    await until('cat is gone', () => ann.memberChanges.length > 0 && bob.memberChanges.length > 0, 10)
    console.log(`A server was killed: its members were gone after ${killed()} s.`)
    await here.agrees(['ann', 'bob', 'dan'], 3)
    await fleet.settled([ann, bob])
    expect([ann.memberChanges, bob.memberChanges]).toEqual([['-cat'], ['-cat']])
  })

  test.concurrent('remove the members of one that is stopped at once, and once', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    await using tap = await Tap.on(redis.address)
    const here = await Room.in(fleet)
    const [ann, bob] = here.recorders
    const elapsed = clock()
    const stoppedNode = fleet.nodes.pop()!
    const stopped = stoppedNode.stop()
    await until('cat is gone', () => ann.memberChanges.length > 0 && bob.memberChanges.length > 0)
    console.log(`A server was stopped: its members were gone after ${elapsed()} s.`)
    // Without a leave message it would take 6 s at least: a peer times out 8 s after its last heartbeat, of which it sends one in 2 s.
    expect(elapsed()).toBeLessThan(6)
    await stopped
    await here.agrees(['ann', 'bob', 'dan'], 3)
    await fleet.settled([ann, bob])
    expect([ann.memberChanges, bob.memberChanges]).toEqual([['-cat'], ['-cat']])
    await tap.first('leave')
    expect(stoppedNode.logged(disconnectedMessage)).toBe(0)
  })

  test.concurrent('agree again with one that was suspended for longer than the timeout of a peer', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    const here = await Room.in(fleet)
    const suspended = fleet.nodes[2]!
    process.kill(suspended.pid, 'SIGSTOP')
    await here.agrees(['ann', 'bob', 'dan'], 3, { nodes: fleet.nodes.slice(0, 2) })
    process.kill(suspended.pid, 'SIGCONT')
    await here.agrees(everyone, 5)
    await here.deliversToAll()
    for (const recorder of here.recorders) expect(recorder.members).toEqual(everyone)
    expect(here.recorders.slice(0, 2).map(({ memberChanges }) => memberChanges)).toEqual([
      ['-cat', '+cat'],
      ['-cat', '+cat'],
    ])
  })

  test.concurrent('serve their clients while Redis is stopped, and agree afterwards', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    const here = await Room.in(fleet)
    await redis.stop()
    const stopped = clock()
    await here.untilDegraded([true, true, true])
    await here.deliversLocally('at first')
    const eve = await fleet.nodes[1]!.member(room, 'eve')
    await here.recorders[1].waitFor('pusher:member_added')
    await leave(here.dans)
    for (const [i, node] of fleet.nodes.entries()) {
      for (const word of ['one', 'two']) await node.publish(room, 'meanwhile', `${word} of ${i}`)
    }
    await until('the outage has lasted for long enough', () => stopped() >= outageSeconds, outageSeconds + 1)
    await here.deliversLocally('at last')
    await redis.start()
    const started = clock()
    await here.untilDegraded([false, false, false])
    await here.agrees(['ann', 'bob', 'cat', 'eve'], 4)
    console.log(`Redis was stopped for ${outageSeconds} s: all agreed ${started()} s after it had started.`)
    await here.deliversToAll()
    const published = [0, 1, 2].map(i => [`one of ${i}`, `two of ${i}`])
    for (const recorder of here.recorders) {
      // The events of one server arrive in order.
      expect(published.map(words => recorder.all('meanwhile').filter(word => words.includes(word)))).toEqual(published)
      // Dan leaves two servers, whose changes arrive in any order. No other member changes.
      expect([...recorder.memberChanges].sort()).toEqual(['+eve', '-dan'])
    }
    await haveLogged(fleet.nodes, 1, 2)
    await leave([eve])
  })

  test.concurrent('deliver each event of one that publishes all the time once and in order, also when Redis is killed and started again', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    const here = await Room.in(fleet)
    const [publisher] = fleet.nodes
    let published = 0
    let isOver = false
    // The queue for Redis is bounded. Where Redis takes long to start, the publisher would exceed the bound.
    let most = Number.POSITIVE_INFINITY
    const publishing = (async () => {
      while (!isOver) {
        await until('it may continue', () => published < most)
        const batch = Array.from({ length: 10 }, () => ({ channel: room, name: 'count', data: JSON.stringify(published++) }))
        await publisher!.post('/batch_events', { batch })
      }
    })()
    const received = (count: number) => until(`${count} events`, () => here.recorders[2].all('count').length >= count)
    await received(500)
    await redis.kill()
    const before = published
    most = before + 1000
    await until('it has continued', () => published > before + 500)
    await redis.start()
    await here.untilDegraded([false, false, false])
    most = Number.POSITIVE_INFINITY
    await received(before + 1000)
    isOver = true
    await publishing
    await fleet.settled(here.recorders)
    const all = Array.from({ length: published }, (_, i) => i)
    for (const recorder of here.recorders) expect(recorder.all('count')).toEqual(all)
    await haveLogged(fleet.nodes, 1, 2)
  })

  test.concurrent('serve their clients while Redis is suspended, and agree afterwards', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    const here = await Room.in(fleet)
    await redis.pause()
    const paused = clock()
    await here.deliversLocally('at first')
    await here.untilDegraded([true, true, true])
    console.log(`Redis was suspended: the servers noticed after ${paused()} s.`)
    await here.deliversLocally('at last')
    await redis.resume()
    const resumed = clock()
    await here.untilDegraded([false, false, false])
    await here.agrees(everyone, 5)
    console.log(`Redis was resumed: all agreed after ${resumed()} s.`)
    await here.deliversToAll()
    for (const recorder of here.recorders) expect(recorder.members).toEqual(everyone)
  })

  test.concurrent('start and serve without Redis, of which one is stopped, and agree once Redis has started', async () => {
    await using redis = await startRedis()
    await redis.stop()
    await using fleet = await Fleet.startedSeparately({ redis: redis.address })
    await Promise.all(
      fleet.nodes.map(async node => {
        const recorder = await fleet.subscribe(node, 'news')
        await node.publish('news', 'local', {})
        await recorder.waitFor('local')
        await until('it reports that it is degraded', () => node.isDegraded())
        await until('it logs that it is not connected to Redis', () => node.logged(disconnectedMessage) === 1)
        recorder.leave()
      }),
    )
    const stopped = clock()
    await fleet.nodes.pop()!.stop()
    // The timeout of a connection to Redis is longer than that.
    expect(stopped()).toBeLessThan(5)
    await redis.start()
    await fleet.synced()
    for (const node of fleet.nodes) expect(await node.isDegraded()).toBe(false)
    await haveLogged(fleet.nodes, 1, 1)
  })

  test.concurrent('report at once that they are degraded where they start while Redis is suspended', async () => {
    await using redis = await startRedis()
    await redis.pause()
    await using fleet = await Fleet.startedSeparately({ redis: redis.address, count: 1 })
    const [node] = fleet.nodes
    expect([await node!.isDegraded(), node!.logged(disconnectedMessage)]).toEqual([true, 0])
    await redis.resume()
    await until('it is not degraded any more', async () => !(await node!.isDegraded()))
  })

  test.concurrent('notice that the messages of one are lost while it receives those of the others, and agree afterwards', async () => {
    await using redis = await startRedis()
    await using relay = await Relay.to(redis.address)
    await using fleet = await Fleet.started({ redis: [redis.address, redis.address, relay.address] })
    const here = await Room.in(fleet)
    relay.dropPublishes()
    const muted = clock()
    const [a, b, c] = fleet.nodes
    await until('it notices', () => c!.logged(disconnectedMessage) === 1)
    console.log(`The messages of a server were lost: it noticed after ${muted()} s.`)
    await here.agrees(everyone, 5)
    await here.deliversToAll()
    for (const recorder of here.recorders) expect(recorder.members).toEqual(everyone)
    expect([a!.logged(disconnectedMessage), b!.logged(disconnectedMessage)]).toEqual([0, 0])
  })

  const noPartition = cannotRun('a partition', withoutRedis || withoutPartitionedNetwork)
  test.concurrent.skipIf(noPartition)('serve their clients on both sides of a partition, and agree afterwards', async () => {
    await using network = await PartitionedNetwork.made(2)
    const [near, far] = network.addresses as [Address, Address]
    await using fleet = await Fleet.started({ redis: [near, near, { ...far, timeout: 2 }] })
    const here = await Room.in(fleet)
    await network.unplug(1)
    const pulled = clock()
    await here.deliversLocally('at first')
    await here.untilDegraded([false, false, true])
    await here.agrees(['ann', 'bob', 'dan'], 3, { nodes: fleet.nodes.slice(0, 2) })
    // The server that is cut off is degraded, and keeps its peers.
    await here.agrees(everyone, 5, { nodes: fleet.nodes.slice(2) })
    console.log(`A server was cut off: both sides had noticed after ${pulled()} s.`)
    await here.deliversLocally('at last')
    await network.plugIn(1)
    const healed = clock()
    await here.untilDegraded([false, false, false])
    await here.agrees(everyone, 5)
    console.log(`The partition was healed: all agreed after ${healed()} s.`)
    await here.deliversToAll()
    for (const recorder of here.recorders) expect(recorder.members).toEqual(everyone)
    expect(here.recorders.map(({ memberChanges }) => memberChanges)).toEqual([['-cat', '+cat'], ['-cat', '+cat'], []])
  })
})

/** Waits until each has logged so often that it is not connected to Redis, and that it is. */
async function haveLogged(nodes: readonly Node[], disconnectedTimes: number, connectedTimes: number): Promise<void> {
  const times = () => nodes.map(node => [node.logged(disconnectedMessage), node.logged(connectedMessage)])
  const expected = nodes.map(() => [disconnectedTimes, connectedTimes])
  await until(`each has logged ${disconnectedTimes} times that it is not connected to Redis`, () =>
    Bun.deepEquals(times(), expected),
  )
}

/** Seconds since now. */
function clock(): () => number {
  const since = performance.now()
  return () => Math.round((performance.now() - since) / 100) / 10
}
