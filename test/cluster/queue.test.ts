import { expect, test } from 'bun:test'
import { Queue } from '../../src/cluster/queue.ts'

function queueOf(...items: number[]): Queue<number> {
  const queue = new Queue<number>()
  for (const item of items) queue.push(item)
  return queue
}

test('a queue gives items in the order in which they were pushed, and undefined where none is left', () => {
  const queue = queueOf(1, 2)
  expect([queue.length, queue.head, queue.last]).toEqual([2, 1, 2])
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([1, 2, undefined])
  expect([queue.length, queue.head, queue.last]).toEqual([0, undefined, undefined])
})

test('a queue keeps its order also where more items were taken than it keeps empty slots for', () => {
  const queue = queueOf()
  const taken: (number | undefined)[] = []
  for (let i = 0; i < 3000; i++) {
    queue.push(2 * i)
    queue.push(2 * i + 1)
    taken.push(queue.shift())
  }
  expect([...taken, ...queue.takeAll()]).toEqual(Array.from({ length: 6000 }, (_, i) => i))
  expect(queue.length).toBe(0)
})

test('items that are prepended come before all others, in their order', () => {
  const queue = queueOf(1, 2, 3)
  queue.shift()
  queue.prepend([8, 9])
  expect(queue.takeAll()).toEqual([8, 9, 2, 3])
})

test('an item that was taken is not kept in memory, also while others wait', () => {
  const queue = new Queue<object>()
  const first = (() => {
    const item = { text: 'x'.repeat(1000) }
    queue.push(item)
    return new WeakRef(item)
  })()
  queue.push({})
  queue.shift()
  // A WeakRef holds its target until the turn in which it was made is over.
  return Bun.sleep(0).then(() => {
    Bun.gc(true)
    expect(first.deref()).toBeUndefined()
    expect(queue.length).toBe(1)
  })
})
