/** Members are the same on every server, and every client receives one event when a member joins and one when it leaves. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { PresenceChannel } from 'pusher-js'
import type { Client } from '../support/client.ts'
import type { Redis } from '../support/redis-process.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import type { ChannelRecorder } from './support/channel-recorder.ts'
import { agree, Fleet, leave } from './support/fleet.ts'
import { mainApp, type Node } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(180_000)

const room = 'presence-room'
const observers = ['ann', 'bob', 'cat']

describe.skipIf(cannotRun('presence on several servers', withoutRedis))('on three servers', () => {
  let redis: Redis
  let fleet: Fleet
  let a: Node
  let b: Node
  let c: Node
  let recorders: ChannelRecorder[]

  beforeAll(async () => {
    redis = await startRedis()
    fleet = await Fleet.started({
      redis: redis.address,
    })
    ;[a, b, c] = fleet.nodes as [Node, Node, Node]
    recorders = await Promise.all(fleet.nodes.map((node, i) => fleet.subscribe(node, room, { id: observers[i]! })))
    await agreeOn(observers, 3)
    await fleet.settled(recorders)
    for (const recorder of recorders) recorder.clear()
  })

  // They are disposed of in reverse order, each also where another one fails.
  afterAll(async () => {
    await using _redis = redis
    await using _fleet = fleet
  })

  const agreeOn = (ids: readonly string[], connections: number) =>
    agree(fleet.nodes, {
      connections,
      channels: { [room]: { occupied: true, user_count: ids.length, subscription_count: connections } },
      users: { [room]: [...ids].sort() },
    })

  /** Waits for the member events that announcements hold for a second. */
  const showing = (ids: readonly string[]) =>
    until('every client has them on its list', () => recorders.every(recorder => Bun.deepEquals(recorder.members, ids)))

  test('a user with clients on several servers joins once and leaves once', async () => {
    const users = { 'on all': [a, b, c], 'twice on one': [a, a], 'on two': [b, c, c], 'on one': [c] }
    const sockets = Object.entries(users).flatMap(([id, nodes]) => nodes.map(node => [id, node] as const))
    const clients = await Promise.all(sockets.map(([id, node]) => node.member(room, id)))
    await fleet.settled(recorders)
    for (const recorder of recorders)
      expect(recorder.memberChanges.sort()).toEqual(
        Object.keys(users)
          .map(id => `+${id}`)
          .sort(),
      )
    await agreeOn([...observers, ...Object.keys(users)], 3 + clients.length)
    for (const recorder of recorders) {
      expect(Object.keys((recorder.channel as PresenceChannel).members.members).sort()).toEqual(recorder.members)
      recorder.clear()
    }

    // One client of each user stays: no member leaves.
    const last = new Set(Object.keys(users).map(id => sockets.findLastIndex(([of]) => of === id)))
    await leave(clients.filter((_, i) => !last.has(i)))
    await fleet.settled(recorders)
    expect(recorders.map(recorder => recorder.memberChanges)).toEqual([[], [], []])
    await agreeOn([...observers, ...Object.keys(users)], 3 + last.size)

    await leave(clients.filter((_, i) => last.has(i)))
    await fleet.settled(recorders)
    for (const recorder of recorders)
      expect(recorder.memberChanges.sort()).toEqual(
        Object.keys(users)
          .map(id => `-${id}`)
          .sort(),
      )
    await agreeOn(observers, 3)
    for (const recorder of recorders) recorder.clear()
  })

  test('joins and leaves of a user alternate, however its clients connect and disconnect on all servers', async () => {
    const random = sequence(20260131)
    const open: { client: Client; id: string }[] = []
    const busy: Promise<unknown>[] = []
    for (let step = 0; step < 600; step++) {
      if (open.length > 0 && random(2) === 0) busy.push(leave([open.splice(random(open.length), 1)[0]!.client]))
      else {
        const id = `user ${random(12)}`
        open.push({ id, client: await fleet.nodes[random(3)]!.member(room, id) })
      }
    }
    await Promise.all(busy)
    await agreeOn([...observers, ...new Set(open.map(({ id }) => id))], 3 + open.length)
    const ids = [...observers, ...new Set(open.map(({ id }) => id))].sort()
    await showing(ids)
    console.log(`600 steps: ${recorders.map(recorder => recorder.memberChanges.length).join(', ')} member events were sent`)

    await leave(open.map(({ client }) => client))
    await agreeOn(observers, 3)
    await showing(observers)
    for (const recorder of recorders) recorder.clear()
  })

  test('a member that leaves and joins without a pause on one server is announced once a second on all', async () => {
    const client = await a.member(room, 'dan')
    const startedAtMs = performance.now()
    for (let i = 0; i < 500; i++) {
      client.unsubscribe(room)
      await client.subscribe(room, { app: mainApp, member: { user_id: 'dan' } })
    }
    await leave([client])
    await agreeOn(observers, 3)
    await until('no client has it on its list', () => recorders.every(recorder => recorder.memberChanges.at(-1) === '-dan'))
    const windows = Math.ceil((performance.now() - startedAtMs) / 1000)
    console.log(
      `501 joins and 501 leaves in ${windows} s: ${recorders.map(recorder => recorder.memberChanges.length).join(', ')} were announced`,
    )
    for (const recorder of recorders) expect(recorder.memberChanges.length).toBeLessThanOrEqual(2 + 2 * windows)
    await showing(observers)
  })
})

/** Pseudo-random numbers below a bound, the same ones in each run. */
function sequence(seed: number): (bound: number) => number {
  let state = seed
  return bound => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}
