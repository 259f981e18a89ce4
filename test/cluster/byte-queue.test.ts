import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { ByteQueue, type Record } from '../../src/cluster/byte-queue.ts'

const maxBytes = 2_000_000
const headerBytes = 20
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.nat(300_000).map(length => 'é'.repeat(length)),
)
const step = fc.oneof(
  fc.record({ do: fc.constantFrom('push' as const, 'unshift' as const), text }),
  fc.record({ do: fc.constantFrom('shift' as const, 'removeFirst' as const) }),
)

test('a byte queue holds what a list would hold that is bounded in bytes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const queue = new ByteQueue(maxBytes)
      const list: Record[] = []
      const bytes = () => list.reduce((sum, record) => sum + headerBytes + Buffer.byteLength(record.text), 0)
      for (const [number, action] of steps.entries()) {
        if ('text' in action) {
          const record = { number, addedAtMs: number / 7, text: action.text }
          const fits = bytes() + headerBytes + Buffer.byteLength(action.text) <= maxBytes
          expect(queue[action.do](record)).toBe(fits)
          if (fits) list[action.do](record)
        } else if (action.do === 'shift') expect(queue.shift()).toEqual(list.shift())
        else if (list.length > 0) {
          queue.removeFirst()
          list.shift()
        }
        const { number: first, addedAtMs } = list[0] ?? {}
        expect([queue.length, queue.bytes, queue.head]).toEqual([
          list.length,
          bytes(),
          first === undefined ? undefined : { number: first, addedAtMs: addedAtMs! },
        ])
      }
      while (list.length > 0) expect(queue.shift()).toEqual(list.shift())
    }),
    { numRuns: 200 },
  )
})

test('a byte queue has no room for a record that exceeds its bound together with those before, at neither end', () => {
  const record = (number: number, length: number) => ({ number, addedAtMs: 0, text: 'x'.repeat(length) })
  const queue = new ByteQueue(headerBytes * 2 + 30)
  expect([queue.push(record(1, 10)), queue.push(record(2, 21)), queue.unshift(record(3, 21))]).toEqual([true, false, false])
  expect([queue.unshift(record(4, 20)), queue.unshift(record(5, 0)), queue.bytes]).toEqual([true, false, headerBytes * 2 + 30])
  expect([queue.shift()?.number, queue.shift()?.number, queue.shift(), queue.head]).toEqual([4, 1, undefined, undefined])
})

test('whether a byte queue can hold a record depends on its size in UTF-8, and not on the records that are queued', () => {
  const record = (text: string) => ({ number: 1, addedAtMs: 0, text })
  const queue = new ByteQueue(headerBytes + 6)
  queue.push(record('xxxxxx'))
  expect(['xxxxxx', '漢漢', 'xxxxxxx', '漢漢x'].map(text => queue.canHold(record(text)))).toEqual([true, true, false, false])
})

test('a byte queue through which 500 MB pass takes no more memory than its bound', () => {
  const queue = new ByteQueue(4 * 1024 * 1024)
  const record = { number: 1, addedAtMs: 0, text: 'x'.repeat(50_000) }
  const buffers = () => process.memoryUsage().arrayBuffers
  Bun.gc(true)
  const before = buffers()
  for (let i = 0; i < 10_000; i++) while (!queue.push(record)) queue.removeFirst()
  expect(buffers() - before).toBeLessThan(6 * 1024 * 1024)
})
