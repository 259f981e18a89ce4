import { expect, test } from 'bun:test'
import { type Bounds, type Item, Outbox } from '../../src/cluster/outbox.ts'

const unbounded: Bounds = { maxBytes: 1024 * 1024, windowBytes: Number.POSITIVE_INFINITY, turnBytes: Number.POSITIVE_INFINITY }
const item = (number: number, text: string): Item => ({ number, addedAtMs: number, text })
/** With events 1, 2, … of these texts. */
function holding(bounds: Partial<Bounds>, ...texts: string[]): Outbox {
  const outbox = new Outbox({ ...unbounded, ...bounds })
  for (const [i, text] of texts.entries()) outbox.add(item(i + 1, text))
  return outbox
}
/** The texts that it sends in one turn, which are sealed as they are. */
function sent(outbox: Outbox): string[] {
  const texts: string[] = []
  outbox.send(
    ({ text }) => text,
    text => texts.push(text),
  )
  return texts
}

test('each is sent once, in order, and again when it has not come back', () => {
  const outbox = holding({}, 'one', 'two')
  expect(sent(outbox)).toEqual(['one', 'two'])
  outbox.add(item(3, 'three'))
  expect([sent(outbox), sent(outbox), outbox.oldest?.number]).toEqual([['three'], [], 1])
  expect(outbox.confirm('two')).toBeUndefined()
  expect(outbox.confirm('one')).toEqual(item(1, 'one'))
  expect([sent(outbox), outbox.oldest?.number]).toEqual([[], 2])
  outbox.rewind()
  expect(outbox.confirm('two')).toBeUndefined()
  expect(sent(outbox)).toEqual(['two', 'three'])
})

test('no more is sent than the window allows, until something has come back', () => {
  const outbox = holding({ windowBytes: 1000 }, ...Array.from({ length: 9 }, (_, i) => `${i}`))
  // Each takes 201 bytes: the fifth begins within the window.
  expect(sent(outbox)).toEqual(['0', '1', '2', '3', '4'])
  expect(sent(outbox)).toEqual([])
  outbox.confirm('0')
  expect(sent(outbox)).toEqual(['5'])
  outbox.rewind()
  expect(sent(outbox)).toEqual(['1', '2', '3', '4', '5'])
  outbox.confirmUpTo(6)
  expect(sent(outbox)).toEqual(['6', '7', '8'])
})

test('the window is one of bytes in UTF-8', () => {
  expect(sent(holding({ windowBytes: 1000 }, '漢'.repeat(300), 'a', 'b'))).toEqual(['漢'.repeat(300)])
})

test('a turn sends no more than it may, and tells whether the next one has more to send', () => {
  const outbox = holding({ turnBytes: 400 }, 'a', 'b', 'c')
  const send = () =>
    outbox.send(
      () => 'x',
      () => {},
    )
  expect([send(), send()]).toEqual([true, false])
})

test('with one that came back, those before it do not come any more: they are counted', () => {
  const outbox = holding({}, '1', '2', '3')
  sent(outbox)
  outbox.add(item(4, '4'))
  expect(outbox.confirmUpTo(2)).toEqual(item(2, '2'))
  expect([outbox.oldest?.number, outbox.dropped]).toEqual([3, 1])
  expect([outbox.confirmUpTo(2), outbox.dropped]).toEqual([undefined, 1])
  outbox.rewind()
  expect(outbox.confirmUpTo(3)).toEqual(item(3, '3'))
  expect([sent(outbox), outbox.dropped]).toEqual([['4'], 1])
  expect(outbox.confirmUpTo(9)).toBeUndefined()
  expect([outbox.size, outbox.dropped]).toEqual([{ events: 0, bytes: 0 }, 2])
})

test('where too much waits, the oldest that is not sent is dropped and counted', () => {
  // Each takes 21 bytes while it waits.
  const outbox = holding({ maxBytes: 65, windowBytes: 300 }, 'a', 'b', 'c')
  expect([sent(outbox), outbox.dropped]).toEqual([['a', 'b'], 0])
  for (const [i, text] of ['d', 'e', 'f'].entries()) outbox.add(item(4 + i, text))
  // What is sent may still come back.
  expect([outbox.dropped, outbox.oldest?.number, outbox.size.events]).toEqual([1, 1, 5])
  // The oldest find no room where they wait again.
  outbox.rewind()
  expect([outbox.dropped, outbox.oldest?.number, outbox.size.events]).toEqual([3, 4, 3])
  // One that never fits takes the place of no other.
  outbox.add(item(7, 'x'.repeat(100)))
  expect([outbox.dropped, outbox.size]).toEqual([4, { events: 3, bytes: 63 }])
})

test('when all is dropped, all of it is counted', () => {
  const outbox = holding({ windowBytes: 1 }, 'a', 'b')
  sent(outbox)
  outbox.drop()
  expect([outbox.dropped, outbox.oldest]).toEqual([2, undefined])
})

test('however many go through it', () => {
  const outbox = holding({})
  for (let number = 0; number < 5000; number++) {
    outbox.add(item(number, String(number)))
    if (number % 3 === 0) sent(outbox)
    if (number >= 2500) expect(outbox.confirm(String(number - 2500))).toEqual(item(number - 2500, String(number - 2500)))
  }
  expect(outbox.oldest).toMatchObject({ number: 2500, addedAtMs: 2500 })
  outbox.rewind()
  expect(sent(outbox)).toEqual(Array.from({ length: 2500 }, (_, i) => String(i + 2500)))
  expect(outbox.dropped).toBe(0)
})
