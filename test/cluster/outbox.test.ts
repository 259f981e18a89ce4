import { expect, test } from 'bun:test'
import type { EventBody } from '../../src/cluster/envelope.ts'
import { Outbox } from '../../src/cluster/outbox.ts'

const event: EventBody = { type: 'terminate', appId: '1001', userId: 'u' }

/** What it says now. */
function said(outbox: Outbox): string[] {
  const texts: string[] = []
  outbox.say(text => texts.push(text))
  return texts
}

test('each is said once, in order, and again when it has not come back', () => {
  const outbox = new Outbox(100)
  expect([said(outbox), outbox.oldest]).toEqual([[], undefined])
  outbox.add(1, 'one', event)
  outbox.add(2, 'two', event)
  expect(said(outbox)).toEqual(['one', 'two'])
  outbox.add(3, 'three', event)
  expect([said(outbox), said(outbox), outbox.oldest]).toEqual([['three'], [], 1])
  expect(outbox.confirm('two')).toBeUndefined()
  expect(outbox.confirm('one')).toEqual({ number: 1, text: 'one', event })
  expect([said(outbox), outbox.oldest]).toEqual([[], 2])
  outbox.rewind()
  expect(outbox.confirm('two')).toBeUndefined()
  expect(said(outbox)).toEqual(['two', 'three'])
})

test('with one that came back, those before it are done with, but not those that are not said yet', () => {
  const outbox = new Outbox(100)
  for (const number of [1, 2, 3]) outbox.add(number, String(number), event)
  said(outbox)
  outbox.add(4, '4', event)
  expect(outbox.confirmUpTo(2)?.text).toBe('2')
  expect(outbox.oldest).toBe(3)
  expect(outbox.confirmUpTo(2)).toBeUndefined()
  expect(outbox.confirmUpTo(9)).toBeUndefined()
  expect([outbox.oldest, said(outbox)]).toEqual([4, ['4']])
})

test('the oldest go when they are too many, and those that were not said are counted', () => {
  const outbox = new Outbox(10)
  for (const [number, text] of ['aaaa', 'bbbb', 'cc'].entries()) outbox.add(number, text, event)
  expect(outbox.dropped).toBe(0)
  outbox.add(3, 'd', event)
  expect(outbox.dropped).toBe(1)
  expect(said(outbox)).toEqual(['bbbb', 'cc', 'd'])
  outbox.add(4, 'eeee', event)
  expect([outbox.dropped, outbox.oldest]).toEqual([1, 2])
  outbox.add(5, 'fffffffffff', event)
  expect([outbox.dropped, outbox.oldest]).toEqual([3, undefined])
  outbox.add(6, 'g', event)
  expect(said(outbox)).toEqual(['g'])
})

test('however many go through it', () => {
  const outbox = new Outbox(1_000_000)
  for (let number = 0; number < 5000; number++) {
    outbox.add(number, String(number), event)
    if (number % 3 === 0) said(outbox)
    if (number >= 2500) expect(outbox.confirm(String(number - 2500))?.number).toBe(number - 2500)
  }
  expect(outbox.oldest).toBe(2500)
  outbox.rewind()
  expect(said(outbox)).toEqual(Array.from({ length: 2500 }, (_, i) => String(i + 2500)))
  expect(outbox.dropped).toBe(0)
})
