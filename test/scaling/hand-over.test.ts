/** One of three servers is restarted: its clients reconnect to its successor, and the clients of the others receive nothing wrong. */
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

const everyone = ['ann', 'bob', 'cat', 'dan', 'eve']
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n)
/** The system chooses which of two servers on one port accepts a connection. Of this many, both get some. */
const connectionCount = 16

test.skipIf(cannotRun('a hand-over among several servers', withoutRedis))(
  'a server of three hands over to its successor, and no event or member is lost',
  async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address, changes: { server: { drain_seconds: 1 } } })
    const here = await Room.in(fleet)
    const [ann, bob, cat] = here.recorders
    const [a, b, old] = fleet.nodes as [Node, Node, Node]
    await using _old = old
    const successor = await old.startSuccessor()
    fleet.nodes[2] = successor
    await here.agrees(['ann', 'bob', 'cat', 'dan'], 5)

    // Eve is on both servers now.
    const eves = await Promise.all(numbers(connectionCount).map(() => fleet.subscribe(successor, room, { id: 'eve' })))
    await here.agrees(everyone, 5 + connectionCount)
    for (const n of numbers(connectionCount)) await publishByEither(successor, n)
    const recorders = [ann, bob, cat, ...eves]
    // Events of the other server arrive over Redis, after the marks that `settled` waits for.
    await until('every subscriber has received all numbers', () =>
      recorders.every(recorder => recorder.all('by either').length >= connectionCount),
    )
    await fleet.settled(recorders)
    const inOrder = (recorder: ChannelRecorder) => recorder.all('by either').sort((one, other) => one - other)
    for (const recorder of recorders) expect(inOrder(recorder)).toEqual(numbers(connectionCount))
    for (const recorder of [ann, bob]) {
      expect(recorder.memberChanges).toEqual(['+eve'])
      recorder.clear()
    }

    await using byA = new EventPublisher(a, 'by a')
    await using byB = new EventPublisher(b, 'by b')
    await old.drain()
    await using bySuccessor = new EventPublisher(successor, 'by the successor')
    // One of dan's two connections is not of a client that reconnects.
    await here.agrees(everyone, 4 + connectionCount)
    await until('every client has subscribed again', () => recorders.every(({ channel }) => channel.subscribed))
    const published = await Promise.all(
      [byA, byB, bySuccessor].map(async publisher => [publisher.event, await publisher.end()] as const),
    )
    await fleet.settled(recorders)

    for (const [event, count] of published) {
      for (const recorder of [ann, bob]) expect(recorder.all(event)).toEqual(numbers(count))
      for (const recorder of [cat, ...eves]) receivesAllWhileConnected(recorder, event, count)
    }
    const memberChanges = [ann, bob].map(recorder => recorder.memberChanges.join(' '))
    console.log(`A server handed over; the others received: ${memberChanges.map(changes => changes || 'nothing').join(', ')}`)
    for (const changes of memberChanges) expect(['', '-cat +cat']).toContain(changes)
    for (const { channel } of recorders)
      expect(Object.keys((channel as PresenceChannel).members.members).sort()).toEqual(everyone)
    expect(cat.all('pusher:subscription_succeeded')).toHaveLength(1)
    expect(old.unexpectedLines).toEqual([])
  },
)

/** Publishes over a connection of its own, so that each of the two servers gets some events. */
async function publishByEither({ port }: Node, n: number): Promise<void> {
  const path = `/apps/${mainApp.id}/events`
  const body = JSON.stringify({ name: 'by either', channel: room, data: JSON.stringify(n) })
  const query = signedQuery(mainApp, { method: 'POST', path, body })
  const url = `http://127.0.0.1:${port}${path}?${query}`
  expect((await fetch(url, { method: 'POST', body, headers: { Connection: 'close' } })).status).toBe(200)
}

/** Publishes numbered events until it is stopped. */
class EventPublisher implements AsyncDisposable {
  private isEnded = false
  private readonly published: Promise<number>

  constructor(
    private readonly node: Node,
    readonly event: string,
  ) {
    this.published = this.count()
  }

  /** @returns how many events it has published */
  end(): Promise<number> {
    this.isEnded = true
    return this.published
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

/** Expects that a client misses only events that were published while it was reconnecting. */
function receivesAllWhileConnected(recorder: ChannelRecorder, event: string, count: number): void {
  const back = recorder.received.findIndex(([name]) => name === 'pusher:subscription_succeeded')
  const numbersOf = (events: readonly ReceivedEvent[]): number[] =>
    events.filter(([name]) => name === event).map(([, data]) => data)
  const before = numbersOf(recorder.received.slice(0, Math.max(back, 0)))
  const after = numbersOf(recorder.received.slice(back + 1))
  expect(before).toEqual(numbers(before.length))
  expect(after).toEqual(numbers(after.length, count - after.length))
  expect(before.length + after.length).toBeLessThanOrEqual(count)
  if (back === -1) expect(after).toHaveLength(count)
}
