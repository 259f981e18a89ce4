/** Whatever goes away: who is still there is served, and all agree in the end. Each in a fleet of its own, at the same time. */
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

/** How long Redis is away: a few seconds, or as long as somebody wants to see. */
const outageSeconds = Number(process.env.REVURB_TEST_OUTAGE_SECONDS ?? 3)

setDefaultTimeout(180_000 + outageSeconds * 1000)

const everybody = ['ann', 'bob', 'cat', 'dan']
const away = 'Not connected to Redis'
const connected = 'Connected to Redis'

describe.skipIf(cannotRun('faults', withoutRedis))('of three servers', () => {
  test.concurrent('one is killed: it is gone within ten seconds, and its members once', async () => {
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

  test.concurrent('one is stopped: it is gone at once, and its members once', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    await using tap = await Tap.on(redis.address)
    const here = await Room.in(fleet)
    const [ann, bob] = here.recorders
    const told = clock()
    const gone = fleet.nodes.pop()!
    const stopped = gone.stop()
    await until('cat is gone', () => ann.memberChanges.length > 0 && bob.memberChanges.length > 0)
    console.log(`A server was stopped: its members were gone after ${told()} s.`)
    // The others give up a server that says nothing after 6 s at the earliest: 8 s after its last heartbeat, one in 2 s.
    expect(told()).toBeLessThan(6)
    await stopped
    await here.agrees(['ann', 'bob', 'dan'], 3)
    await fleet.settled([ann, bob])
    expect([ann.memberChanges, bob.memberChanges]).toEqual([['-cat'], ['-cat']])
    await tap.first('leave')
    expect(gone.logged(away)).toBe(0)
  })

  test.concurrent('one sleeps for longer than the others wait: they agree when it is awake', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    const here = await Room.in(fleet)
    const sleeper = fleet.nodes[2]!
    process.kill(sleeper.pid, 'SIGSTOP')
    await here.agrees(['ann', 'bob', 'dan'], 3, { nodes: fleet.nodes.slice(0, 2) })
    process.kill(sleeper.pid, 'SIGCONT')
    await here.agrees(everybody, 5)
    await here.hearsAll()
    for (const recorder of here.recorders) expect(recorder.members).toEqual(everybody)
    expect(here.recorders.slice(0, 2).map(({ memberChanges }) => memberChanges)).toEqual([
      ['-cat', '+cat'],
      ['-cat', '+cat'],
    ])
  })

  test.concurrent('none is without its clients while Redis is stopped, and all agree afterwards', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    const here = await Room.in(fleet)
    await redis.stop()
    const stopped = clock()
    await here.degraded([true, true, true])
    await here.servesItsOwn('at first')
    const eve = await fleet.nodes[1]!.member(room, 'eve')
    await here.recorders[1].waitFor('pusher:member_added')
    await leave(here.dans)
    for (const [i, node] of fleet.nodes.entries()) {
      for (const word of ['one', 'two']) await node.publish(room, 'meanwhile', `${word} of ${i}`)
    }
    await until('Redis has been away for long enough', () => stopped() >= outageSeconds, outageSeconds + 1)
    await here.servesItsOwn('at last')
    await redis.start()
    const started = clock()
    await here.degraded([false, false, false])
    await here.agrees(['ann', 'bob', 'cat', 'eve'], 4)
    console.log(`Redis was away for ${outageSeconds} s: all agreed ${started()} s after it came back.`)
    await here.hearsAll()
    const said = [0, 1, 2].map(i => [`one of ${i}`, `two of ${i}`])
    for (const recorder of here.recorders) {
      // Of what one server has said, in its order.
      expect(said.map(words => recorder.all('meanwhile').filter(word => words.includes(word)))).toEqual(said)
      // Dan is gone from two servers, by which each hears at another time that he is; of the others nobody hears anything.
      expect([...recorder.memberChanges].sort()).toEqual(['+eve', '-dan'])
    }
    await haveLogged(fleet.nodes, 1, 2)
    await leave([eve])
  })

  test.concurrent('one publishes all the time while Redis is killed and comes back: each client hears each event once, in order', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    const here = await Room.in(fleet)
    const [speaker] = fleet.nodes
    let said = 0
    let isOver = false
    // What waits for Redis is bounded, and a machine on which Redis takes long to come back has time to publish more than that.
    let most = Number.POSITIVE_INFINITY
    const speech = (async () => {
      while (!isOver) {
        await until('it may go on', () => said < most)
        const batch = Array.from({ length: 10 }, () => ({ channel: room, name: 'count', data: JSON.stringify(said++) }))
        await speaker!.post('/batch_events', { batch })
      }
    })()
    const heard = (count: number) => until(`${count} events`, () => here.recorders[2].all('count').length >= count)
    await heard(500)
    await redis.kill()
    const before = said
    most = before + 1000
    await until('it has gone on', () => said > before + 500)
    await redis.start()
    await here.degraded([false, false, false])
    most = Number.POSITIVE_INFINITY
    await heard(before + 1000)
    isOver = true
    await speech
    await fleet.settled(here.recorders)
    const all = Array.from({ length: said }, (_, i) => i)
    for (const recorder of here.recorders) expect(recorder.all('count')).toEqual(all)
    await haveLogged(fleet.nodes, 1, 2)
  })

  test.concurrent('none is without its clients while Redis sleeps, and all agree afterwards', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    const here = await Room.in(fleet)
    await redis.pause()
    const paused = clock()
    await here.servesItsOwn('at first')
    await here.degraded([true, true, true])
    console.log(`Redis fell asleep: the servers noticed after ${paused()} s.`)
    await here.servesItsOwn('at last')
    await redis.resume()
    const resumed = clock()
    await here.degraded([false, false, false])
    await here.agrees(everybody, 5)
    console.log(`Redis woke up: all agreed after ${resumed()} s.`)
    await here.hearsAll()
    for (const recorder of here.recorders) expect(recorder.members).toEqual(everybody)
  })

  test.concurrent('all start without Redis: they serve, one ends, and the others meet when it comes', async () => {
    await using redis = await startRedis()
    await redis.stop()
    await using fleet = await Fleet.apart({ redis: redis.address })
    await Promise.all(
      fleet.nodes.map(async node => {
        const recorder = await fleet.subscribe(node, 'news')
        await node.publish('news', 'local', {})
        await recorder.waitFor('local')
        await until('it says that it is degraded', () => node.isDegraded())
        await until('it logs that Redis is away', () => node.logged(away) === 1)
        recorder.leave()
      }),
    )
    const stopped = clock()
    await fleet.nodes.pop()!.stop()
    // A connection to Redis is waited for longer than that.
    expect(stopped()).toBeLessThan(5)
    await redis.start()
    await fleet.meet()
    for (const node of fleet.nodes) expect(await node.isDegraded()).toBe(false)
    await haveLogged(fleet.nodes, 1, 1)
  })

  test.concurrent('one starts while Redis sleeps: it says at once that it hears nobody', async () => {
    await using redis = await startRedis()
    await redis.pause()
    await using fleet = await Fleet.apart({ redis: redis.address, count: 1 })
    const [node] = fleet.nodes
    expect([await node!.isDegraded(), node!.logged(away)]).toEqual([true, 0])
    await redis.resume()
    await until('it is up', async () => !(await node!.isDegraded()))
  })

  test.concurrent('one is no longer heard, and hears the others: it notices, and all agree afterwards', async () => {
    await using redis = await startRedis()
    await using relay = await Relay.to(redis.address)
    await using fleet = await Fleet.started({ redis: [redis.address, redis.address, relay.address] })
    const here = await Room.in(fleet)
    relay.muteThoseWhoPublish()
    const muted = clock()
    const [a, b, c] = fleet.nodes
    await until('it notices', () => c!.logged(away) === 1)
    console.log(`A server was no longer heard: it noticed after ${muted()} s.`)
    await here.agrees(everybody, 5)
    await here.hearsAll()
    for (const recorder of here.recorders) expect(recorder.members).toEqual(everybody)
    expect([a!.logged(away), b!.logged(away)]).toEqual([0, 0])
  })

  const noPartition = cannotRun('a partition', withoutRedis || withoutPartitionedNetwork)
  test.concurrent.skipIf(noPartition)('one is cut off: both sides are served, and agree afterwards', async () => {
    await using network = await PartitionedNetwork.made(2)
    const [near, far] = network.addresses as [Address, Address]
    await using fleet = await Fleet.started({ redis: [near, near, { ...far, timeout: 2 }] })
    const here = await Room.in(fleet)
    await network.unplug(1)
    const pulled = clock()
    await here.servesItsOwn('at first')
    await here.degraded([false, false, true])
    await here.agrees(['ann', 'bob', 'dan'], 3, { nodes: fleet.nodes.slice(0, 2) })
    // It knows that it is the one who hears nothing, and of the others what it knew.
    await here.agrees(everybody, 5, { nodes: fleet.nodes.slice(2) })
    console.log(`A server was cut off: both sides had noticed after ${pulled()} s.`)
    await here.servesItsOwn('at last')
    await network.plugIn(1)
    const mended = clock()
    await here.degraded([false, false, false])
    await here.agrees(everybody, 5)
    console.log(`The server was back: all agreed after ${mended()} s.`)
    await here.hearsAll()
    for (const recorder of here.recorders) expect(recorder.members).toEqual(everybody)
    expect(here.recorders.map(({ memberChanges }) => memberChanges)).toEqual([['-cat', '+cat'], ['-cat', '+cat'], []])
  })
})

/** Waits until each has logged so often that Redis is away, and that it is connected with the others. */
async function haveLogged(nodes: readonly Node[], awayTimes: number, connectedTimes: number): Promise<void> {
  const times = () => nodes.map(node => [node.logged(away), node.logged(connected)])
  const expected = nodes.map(() => [awayTimes, connectedTimes])
  await until(`each has logged ${awayTimes} times that Redis is away`, () => Bun.deepEquals(times(), expected))
}

/** Seconds since now. */
function clock(): () => number {
  const since = performance.now()
  return () => Math.round((performance.now() - since) / 100) / 10
}
