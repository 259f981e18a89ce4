import { expect, test } from 'bun:test'
import { Outbox } from '../../src/cluster/outbox.ts'

/** What it says now. */
function said(outbox: Outbox): string[] {
  const texts: string[] = []
  outbox.say(text => texts.push(text))
  return texts
}

test('each is said once, in order, and again when it has not come back', () => {
  const outbox = new Outbox(100)
  expect([said(outbox), outbox.oldest]).toEqual([[], undefined])
  outbox.add(1, 'one')
  outbox.add(2, 'two')
  expect(said(outbox)).toEqual(['one', 'two'])
  outbox.add(3, 'three')
  expect([said(outbox), said(outbox), outbox.oldest]).toEqual([['three'], [], 1])
  expect(outbox.confirm('two')).toBe(false)
  expect(outbox.confirm('one')).toBe(true)
  expect([said(outbox), outbox.oldest]).toEqual([[], 2])
  outbox.rewind()
  expect(outbox.confirm('two')).toBe(false)
  expect(said(outbox)).toEqual(['two', 'three'])
})

test('with one that came back, those before it are done with, but not those that are not said yet', () => {
  const outbox = new Outbox(100)
  for (const number of [1, 2, 3]) outbox.add(number, String(number))
  said(outbox)
  outbox.add(4, '4')
  outbox.confirmUpTo(2)
  expect(outbox.oldest).toBe(3)
  outbox.confirmUpTo(9)
  expect([outbox.oldest, said(outbox)]).toEqual([4, ['4']])
})

test('the oldest go when they are too many, and those that were not said are counted', () => {
  const outbox = new Outbox(10)
  for (const [number, text] of ['aaaa', 'bbbb', 'cc'].entries()) outbox.add(number, text)
  expect(outbox.dropped).toBe(0)
  outbox.add(3, 'd')
  expect(outbox.dropped).toBe(1)
  expect(said(outbox)).toEqual(['bbbb', 'cc', 'd'])
  outbox.add(4, 'eeee')
  expect([outbox.dropped, outbox.oldest]).toEqual([1, 2])
  outbox.add(5, 'fffffffffff')
  expect([outbox.dropped, outbox.oldest]).toEqual([3, undefined])
  outbox.add(6, 'g')
  expect(said(outbox)).toEqual(['g'])
})

test('however many go through it', () => {
  const outbox = new Outbox(1_000_000)
  for (let number = 0; number < 5000; number++) {
    outbox.add(number, String(number))
    if (number % 3 === 0) said(outbox)
    if (number >= 2500) expect(outbox.confirm(String(number - 2500))).toBe(true)
  }
  expect(outbox.oldest).toBe(2500)
  outbox.rewind()
  expect(said(outbox)).toEqual(Array.from({ length: 2500 }, (_, i) => String(i + 2500)))
  expect(outbox.dropped).toBe(0)
})
