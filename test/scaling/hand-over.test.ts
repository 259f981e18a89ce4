/** One of three servers is restarted: its clients come back to its successor, and nobody else is told anything wrong. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import type { PresenceChannel } from 'pusher-js'
import { cannotRun } from '../support/requirements.ts'
import { signedQuery } from '../support/sign.ts'
import { until } from '../support/until.ts'
import type { ChannelRecorder, ReceivedEvent } from './support/channel-recorder.ts'
import { Fleet } from './support/fleet.ts'
import { mainApp, type Node } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'
import { Room, room } from './support/room.ts'

setDefaultTimeout(180_000)

const everybody = ['ann', 'bob', 'cat', 'dan', 'eve']
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n)
/** Which of two servers on one port takes a socket is the system's choice: of so many, both get some. */
const enough = 16

test.skipIf(cannotRun('a hand-over among several servers', withoutRedis))('a server hands over to the next one', async () => {
  await using redis = await startRedis()
  await using fleet = await Fleet.started({ redis: redis.address, changes: { server: { drain_seconds: 1 } } })
  const here = await Room.in(fleet)
  const [ann, bob, cat] = here.recorders
  const [a, b, old] = fleet.nodes as [Node, Node, Node]
  await using _old = old
  const fresh = await old.successor()
  fleet.nodes[2] = fresh
  await here.agrees(['ann', 'bob', 'cat', 'dan'], 5)

  // Now eve is on both.
  const eves = await Promise.all(numbers(enough).map(() => fleet.subscribe(fresh, room, { id: 'eve' })))
  await here.agrees(everybody, 5 + enough)
  for (const n of numbers(enough)) await publishByEither(fresh, n)
  const recorders = [ann, bob, cat, ...eves]
  // What the other server published comes over Redis, behind what settles this one.
  await until('every subscriber has received all numbers', () =>
    recorders.every(recorder => recorder.all('by either').length >= enough),
  )
  await fleet.settled(recorders)
  const inOrder = (recorder: ChannelRecorder) => recorder.all('by either').sort((one, other) => one - other)
  for (const recorder of recorders) expect(inOrder(recorder)).toEqual(numbers(enough))
  for (const recorder of [ann, bob]) {
    expect(recorder.memberChanges).toEqual(['+eve'])
    recorder.clear()
  }

  await using byA = new Speaker(a, 'by a')
  await using byB = new Speaker(b, 'by b')
  await old.depart()
  await using byFresh = new Speaker(fresh, 'by the new one')
  // One of dan's two has no client that would come back.
  await here.agrees(everybody, 4 + enough)
  await until('everybody is back', () => recorders.every(({ channel }) => channel.subscribed))
  const said = await Promise.all([byA, byB, byFresh].map(async speaker => [speaker.event, await speaker.end()] as const))
  await fleet.settled(recorders)

  for (const [event, count] of said) {
    for (const recorder of [ann, bob]) expect(recorder.all(event)).toEqual(numbers(count))
    for (const recorder of [cat, ...eves]) hearsAllWhileThere(recorder, event, count)
  }
  const memberChanges = [ann, bob].map(recorder => recorder.memberChanges.join(' '))
  console.log(`A server handed over; the others were told: ${memberChanges.map(told => told || 'nothing').join(', ')}`)
  for (const told of memberChanges) expect(['', '-cat +cat']).toContain(told)
  for (const { channel } of recorders) expect(Object.keys((channel as PresenceChannel).members.members).sort()).toEqual(everybody)
  expect(cat.all('pusher:subscription_succeeded')).toHaveLength(1)
  expect(old.complaints).toEqual([])
})

/** Over a connection of its own, for each of the two to get some. */
async function publishByEither({ port }: Node, n: number): Promise<void> {
  const path = `/apps/${mainApp.id}/events`
  const body = JSON.stringify({ name: 'by either', channel: room, data: JSON.stringify(n) })
  const query = signedQuery(mainApp, { method: 'POST', path, body })
  const url = `http://127.0.0.1:${port}${path}?${query}`
  expect((await fetch(url, { method: 'POST', body, headers: { Connection: 'close' } })).status).toBe(200)
}

/** Counts aloud until it is ended. */
class Speaker implements AsyncDisposable {
  private isEnded = false
  private readonly said: Promise<number>

  constructor(
    private readonly node: Node,
    readonly event: string,
  ) {
    this.said = this.count()
  }

  /** @returns how far it has counted */
  end(): Promise<number> {
    this.isEnded = true
    return this.said
  }

  private async count(): Promise<number> {
    let count = 0
    do await this.node.publish(room, this.event, count++)
    while (!this.isEnded)
    return count
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}

/** Of what was said, a client misses only what came between its leaving and its coming back. */
function hearsAllWhileThere(recorder: ChannelRecorder, event: string, count: number): void {
  const back = recorder.received.findIndex(([name]) => name === 'pusher:subscription_succeeded')
  const heard = (told: readonly ReceivedEvent[]): number[] => told.filter(([name]) => name === event).map(([, data]) => data)
  const before = heard(recorder.received.slice(0, Math.max(back, 0)))
  const after = heard(recorder.received.slice(back + 1))
  expect(before).toEqual(numbers(before.length))
  expect(after).toEqual(numbers(after.length, count - after.length))
  expect(before.length + after.length).toBeLessThanOrEqual(count)
  if (back === -1) expect(after).toHaveLength(count)
}
