import { expect, test } from 'bun:test'
import { type Bounds, type Format, type Item, Outbox } from '../../src/cluster/outbox.ts'

const unbounded: Bounds = {
  maxBytes: 1024 * 1024,
  windowBytes: Number.POSITIVE_INFINITY,
  turnBytes: Number.POSITIVE_INFINITY,
  recentBytes: 65,
}
const item = (number: number, text: string): Item => ({ number, addedAtMs: number, text })
/** An event that is acknowledged for the first time, or was before. */
const first = (number: number, text: string) => ({ ...item(number, text), isRepeated: false })
const repeated = (number: number, text: string, acknowledgedAtMs: number) => ({
  ...item(number, text),
  addedAtMs: acknowledgedAtMs,
  isRepeated: true,
})
/** A message is the text of its event. */
const plain: Format = { seal: ({ text }) => text, textOf: message => message }
/** An outbox to which events 1, 2, … with these texts have been added. */
function holding(bounds: Partial<Bounds>, ...texts: string[]): Outbox {
  const outbox = new Outbox({ ...unbounded, ...bounds }, plain)
  for (const [i, text] of texts.entries()) outbox.add(item(i + 1, text))
  return outbox
}
/** The messages that the outbox sends in one turn. */
function sent(outbox: Outbox): string[] {
  const texts: string[] = []
  outbox.send(text => texts.push(text))
  return texts
}

test('an outbox sends each event once, in order, and again when it is requeued unacknowledged', () => {
  const outbox = holding({}, 'one', 'two')
  expect(sent(outbox)).toEqual(['one', 'two'])
  outbox.add(item(3, 'three'))
  expect([sent(outbox), sent(outbox), outbox.oldest?.number]).toEqual([['three'], [], 1])
  expect(outbox.acknowledge('two', 0)).toBeUndefined()
  expect(outbox.acknowledge('one', 0)).toEqual(first(1, 'one'))
  expect([sent(outbox), outbox.oldest?.number]).toEqual([[], 2])
  outbox.requeueUnacknowledged()
  expect(outbox.acknowledge('two', 0)).toBeUndefined()
  expect(sent(outbox)).toEqual(['two', 'three'])
})

test('an outbox sends no more than its window allows until an event is acknowledged', () => {
  const outbox = holding({ windowBytes: 1000 }, ...Array.from({ length: 9 }, (_, i) => `${i}`))
  // Each takes 201 bytes: the fifth begins within the window.
  expect(sent(outbox)).toEqual(['0', '1', '2', '3', '4'])
  expect(sent(outbox)).toEqual([])
  outbox.acknowledge('0', 0)
  expect(sent(outbox)).toEqual(['5'])
  outbox.requeueUnacknowledged()
  expect(sent(outbox)).toEqual(['1', '2', '3', '4', '5'])
  outbox.acknowledgeUpTo(6, 0)
  expect(sent(outbox)).toEqual(['6', '7', '8'])
})

test('an outbox whose window is exactly full sends no more', () => {
  expect(sent(holding({ windowBytes: 402 }, 'a', 'b', 'c'))).toEqual(['a', 'b'])
})

test('the window of an outbox counts bytes of UTF-8', () => {
  expect(sent(holding({ windowBytes: 1000 }, '漢'.repeat(300), 'a', 'b'))).toEqual(['漢'.repeat(300)])
})

test('an outbox sends no more in one turn than its bound, and returns whether another turn has more to send', () => {
  const outbox = holding({ turnBytes: 402 }, 'a', 'b', 'c')
  const texts: string[] = []
  const send = () => outbox.send(text => texts.push(text))
  expect([send(), texts.splice(0)]).toEqual([true, ['a', 'b']])
  expect([send(), texts]).toEqual([false, ['c']])
})

test('the size of an outbox is that of its queued and its unacknowledged events', () => {
  const outbox = holding({ windowBytes: 201 }, 'a', 'b')
  expect(outbox.size).toEqual({ events: 2, bytes: 42 })
  sent(outbox)
  expect(outbox.size).toEqual({ events: 2, bytes: 201 + 21 })
})

test('acknowledging an event drops and counts the unacknowledged ones before it', () => {
  const outbox = holding({}, '1', '2', '3')
  sent(outbox)
  outbox.add(item(4, '4'))
  expect(outbox.acknowledgeUpTo(2, 0)).toEqual(first(2, '2'))
  expect([outbox.oldest?.number, outbox.dropped]).toEqual([3, 1])
  expect([outbox.acknowledgeUpTo(2, 0), outbox.dropped]).toEqual([undefined, 1])
  outbox.requeueUnacknowledged()
  expect(outbox.acknowledgeUpTo(3, 0)).toEqual(first(3, '3'))
  expect([sent(outbox), outbox.dropped]).toEqual([['4'], 1])
  expect(outbox.acknowledgeUpTo(9, 0)).toBeUndefined()
  expect([outbox.size, outbox.dropped]).toEqual([{ events: 0, bytes: 0 }, 2])
})

test('a full outbox drops the oldest event that is not sent, and counts it', () => {
  // Each takes 21 bytes while it waits.
  const outbox = holding({ maxBytes: 65, windowBytes: 300 }, 'a', 'b', 'c')
  expect([sent(outbox), outbox.dropped]).toEqual([['a', 'b'], 0])
  for (const [i, text] of ['d', 'e', 'f'].entries()) outbox.add(item(4 + i, text))
  // Events that are sent may still be acknowledged.
  expect([outbox.dropped, outbox.oldest?.number, outbox.size.events]).toEqual([1, 1, 5])
  // There is no room for the oldest of the events that are requeued.
  outbox.requeueUnacknowledged()
  expect([outbox.dropped, outbox.oldest?.number, outbox.size.events]).toEqual([3, 4, 3])
})

test('an event larger than the queue is dropped and counted, and displaces no other', () => {
  const outbox = holding({ maxBytes: 65 }, 'a', 'b', 'c')
  outbox.add(item(4, 'x'.repeat(46)))
  expect([outbox.dropped, outbox.size]).toEqual([1, { events: 3, bytes: 63 }])
  expect(sent(outbox)).toEqual(['a', 'b', 'c'])
})

test('an outbox reads the text of an unacknowledged event from its message', () => {
  const outbox = new Outbox(unbounded, { seal: ({ number, text }) => `${number}:${text}`, textOf: message => message.slice(2) })
  outbox.add(item(1, 'a'))
  outbox.add(item(2, 'b'))
  expect(sent(outbox)).toEqual(['1:a', '2:b'])
  expect(outbox.acknowledge('1:a', 0)).toEqual(first(1, 'a'))
  outbox.requeueUnacknowledged()
  expect(sent(outbox)).toEqual(['2:b'])
})

test('dropping all events of an outbox counts them', () => {
  const outbox = holding({ windowBytes: 1 }, 'a', 'b')
  sent(outbox)
  outbox.dropAll()
  expect([outbox.dropped, outbox.oldest]).toEqual([2, undefined])
})

test('an outbox keeps the order of 5,000 events, of which some are acknowledged while others are added', () => {
  const outbox = holding({})
  for (let number = 1; number <= 5000; number++) {
    outbox.add(item(number, String(number)))
    if (number % 3 === 1) sent(outbox)
    if (number > 2500) expect(outbox.acknowledge(String(number - 2500), 0)).toEqual(first(number - 2500, String(number - 2500)))
  }
  expect(outbox.oldest).toMatchObject({ number: 2501, addedAtMs: 2501 })
  outbox.requeueUnacknowledged()
  expect(sent(outbox)).toEqual(Array.from({ length: 2500 }, (_, i) => String(i + 2501)))
  expect(outbox.dropped).toBe(0)
})

/** An outbox whose events 1, 2, … were sent, and acknowledged at 101, 102, … */
function acknowledged(bounds: Partial<Bounds>, ...texts: string[]): Outbox {
  const outbox = holding(bounds, ...texts)
  sent(outbox)
  outbox.acknowledgeUpTo(1, 101)
  for (const [i, text] of texts.slice(1).entries()) expect(outbox.acknowledge(text, i + 102)).toEqual(first(i + 2, text))
  return outbox
}

test('recently acknowledged events are sent again before the others, once, and are acknowledged as repeated', () => {
  const outbox = acknowledged({}, 'a', 'b', 'c')
  outbox.add(item(4, 'd'))
  outbox.requeueUnacknowledged()
  outbox.requeueRecent(102)
  expect([sent(outbox), outbox.oldest?.number]).toEqual([['b', 'c', 'd'], 2])
  expect([outbox.acknowledge('b', 201), outbox.acknowledgeUpTo(3, 202), outbox.acknowledge('d', 203)]).toEqual([
    repeated(2, 'b', 102),
    repeated(3, 'c', 103),
    first(4, 'd'),
  ])
  // They are kept again, in the order in which they were acknowledged.
  outbox.requeueRecent(0)
  expect(sent(outbox)).toEqual(['b', 'c', 'd'])
})

test('of the acknowledged events the last ones are kept, within a bound', () => {
  // Each takes 21 bytes.
  const outbox = acknowledged({ recentBytes: 50 }, 'a', 'b', 'c', 'x'.repeat(50))
  outbox.requeueRecent(0)
  expect(sent(outbox)).toEqual(['b', 'c'])
})

test('acknowledged events take no room from others in the queue, and do not count where they are dropped', () => {
  const outbox = acknowledged({ maxBytes: 65 }, 'a', 'b', 'c')
  for (const [i, text] of ['d', 'e'].entries()) outbox.add(item(4 + i, text))
  outbox.requeueRecent(0)
  expect(outbox.oldest?.number).toBe(3)
  outbox.add(item(6, 'f'))
  expect([outbox.dropped, sent(outbox)]).toEqual([0, ['d', 'e', 'f']])
  outbox.dropAll()
  expect(outbox.dropped).toBe(3)
})

test('the oldest recent event is one that was acknowledged, and not too long ago', () => {
  const outbox = holding({}, 'a', 'b', 'c')
  sent(outbox)
  for (const [i, text] of ['a', 'b', 'c'].entries()) outbox.acknowledge(text, 10 + i)
  outbox.add(item(4, 'd'))
  expect([0, 11, 12, 13].map(sinceMs => outbox.oldestRecent(sinceMs))).toEqual([1, 2, 3, undefined])
})

test('an event that was sent again is not the oldest recent one', () => {
  const outbox = acknowledged({}, 'a', 'b')
  outbox.requeueRecent(0)
  outbox.add(item(3, 'c'))
  sent(outbox)
  for (const text of ['a', 'b', 'c']) outbox.acknowledge(text, 201)
  expect(outbox.oldestRecent(200)).toBe(3)
})
