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

test('a byte queue through which 500 MB pass takes no more memory than its bound', () => {
  const queue = new ByteQueue(4 * 1024 * 1024)
  const record = { number: 1, addedAtMs: 0, text: 'x'.repeat(50_000) }
  const buffers = () => process.memoryUsage().arrayBuffers
  Bun.gc(true)
  const before = buffers()
  for (let i = 0; i < 10_000; i++) while (!queue.push(record)) queue.removeFirst()
  expect(buffers() - before).toBeLessThan(6 * 1024 * 1024)
})
