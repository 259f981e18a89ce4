import { expect, test } from 'bun:test'
import type { EventBody } from '../../src/cluster/envelope.ts'
import { Inbox } from '../../src/cluster/inbox.ts'
import type { Effect } from '../../src/core/effect.ts'

const mebibyte = 1024 * 1024
const effect = (topic: string): Effect => ({ type: 'broadcast', topic, frame: '', exceptSocketId: undefined, scope: 'node' })

/** An inbox, and what it has its replica do. */
function receiving() {
  const turns: ((nowMs: number) => Effect[])[] = []
  const done: string[] = []
  const inbox = new Inbox({
    replica: {
      isCached: topic => topic.includes('cache'),
      cache: ({ frame }) => done.push(`cache ${frame.length}`) > 0,
      deliver({ topic, frame }) {
        done.push(`deliver ${frame.length}`)
        return [effect(topic)]
      },
      deliverLate({ topic, frame }) {
        done.push(`deliver late ${frame.length}`)
        return [effect(topic)]
      },
      terminate(_, userId) {
        done.push(`terminate ${userId}`)
        return []
      },
    },
    later: act => turns.push(act),
  })
  const finish = () => {
    for (let act = turns.shift(); act !== undefined; act = turns.shift()) act(0)
  }
  return { inbox, turns, done, finish }
}
/** An event that is accepted with the snapshot that verifies its peer. */
const accepted = (body: EventBody, isLate = false) => ({ body, isLate })
const event = (bytes: number, topic = '1001/news'): EventBody => ({
  type: 'event',
  topic,
  frame: 'x'.repeat(bytes),
  exceptSocketId: undefined,
})

test('an event is delivered at once, and so is the termination of a user', () => {
  const { inbox, done } = receiving()
  expect(inbox.accept(event(3), 0)).toEqual([effect('1001/news')])
  expect(inbox.accept({ type: 'terminate', appId: '1001', userId: 'u' }, 0)).toEqual([])
  expect(done).toEqual(['deliver 3', 'terminate u'])
})

test('several events are delivered in turns, and later ones wait for them', () => {
  const { inbox, turns, done, finish } = receiving()
  const first = inbox.acceptAll(
    [100_000, 100_001, 100_002, 100_003].map(bytes => accepted(event(bytes))),
    0,
  )
  expect([first.length, turns.length]).toEqual([2, 1])
  expect(inbox.accept(event(4), 0)).toEqual([])
  expect(inbox.acceptAll([accepted(event(5))], 0)).toEqual([])
  expect(turns).toHaveLength(1)
  finish()
  expect(done).toEqual([100_000, 100_001, 100_002, 100_003, 4, 5].map(bytes => `deliver ${bytes}`))
})

test('an own event is cached with its echo, in the order of all events, and delivered to nobody', () => {
  const { inbox, done, finish } = receiving()
  inbox.onEcho(JSON.stringify(event(1)), 0)
  inbox.onEcho(JSON.stringify(event(2, '1001/cache-x')), 0)
  inbox.onEcho(JSON.stringify({ type: 'terminate', appId: '1001', userId: 'u' }), 0)
  expect(done).toEqual(['cache 2'])
  inbox.acceptAll([accepted(event(mebibyte)), accepted(event(3, '1001/cache-x'))], 0)
  inbox.onEcho(JSON.stringify(event(4, '1001/cache-x')), 0)
  finish()
  expect(done.slice(2)).toEqual(['deliver 3', 'cache 4'])
})

test('events that wait have a bound, over which they are dropped and counted', () => {
  const { inbox, done, finish } = receiving()
  inbox.acceptAll(
    Array.from({ length: 20 }, () => accepted(event(mebibyte))),
    0,
  )
  expect(inbox.dropped).toBe(5)
  // The first one was delivered at once, and has left its room.
  inbox.accept(event(mebibyte), 0)
  inbox.accept(event(mebibyte), 0)
  expect(inbox.dropped).toBe(6)
  finish()
  expect(done).toHaveLength(16)
})

test('a late event is delivered, and a late termination takes effect', () => {
  const { inbox, done } = receiving()
  const terminate = { type: 'terminate', appId: '1001', userId: 'u' } as const
  expect(inbox.acceptAll([accepted(event(3), true), accepted(terminate, true)], 0)).toEqual([effect('1001/news')])
  expect(done).toEqual(['deliver late 3', 'terminate u'])
})
