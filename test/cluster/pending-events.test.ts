import { expect, test } from 'bun:test'
import { type PendingEvent, PendingEvents, PendingRoom } from '../../src/cluster/pending-events.ts'

const mebibyte = 1024 * 1024

/** Buffers that share their room. */
function buffers(count: number) {
  const room = new PendingRoom()
  return { room, buffers: Array.from({ length: count }, () => new PendingEvents(room)) as [PendingEvents, PendingEvents] }
}
const event = (number: number, bytes = 100): PendingEvent => ({
  number,
  epoch: 1,
  body: { type: 'event', topic: '1001/news', frame: 'x'.repeat(bytes), exceptSocketId: undefined },
})
const fill = (buffer: PendingEvents, from: number, to: number, bytes = mebibyte) => {
  for (let number = from; number <= to; number++) buffer.add(event(number, bytes))
}
const numbers = (buffer: PendingEvents) => buffer.takeAll().map(({ number }) => number)

test('events of a peer are taken in their order, once', () => {
  const {
    room,
    buffers: [x],
  } = buffers(1)
  expect(x.lastNumber).toBe(0)
  fill(x, 1, 3, 100)
  expect(x.lastNumber).toBe(3)
  expect([numbers(x), numbers(x), x.bytes, x.lastNumber, room.dropped]).toEqual([[1, 2, 3], [], 0, 0, 0])
})

test('a peer that fills the room loses its later events, which are counted', () => {
  const {
    room,
    buffers: [x],
  } = buffers(1)
  fill(x, 1, 40)
  expect(room.dropped).toBe(25)
  expect(numbers(x)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1))
})

test('the peer with the most bytes loses its last events to one with fewer', () => {
  const {
    room,
    buffers: [x, y],
  } = buffers(2)
  fill(x, 1, 15)
  fill(y, 1, 5)
  expect([numbers(y), numbers(x).length, room.dropped]).toEqual([[1, 2, 3, 4, 5], 10, 5])
})

test('peers with equal shares keep them', () => {
  const {
    room,
    buffers: [x, y],
  } = buffers(2)
  for (let number = 1; number <= 20; number++) for (const buffer of [x, y]) buffer.add(event(number, mebibyte))
  expect([numbers(x).length, numbers(y).length].sort()).toEqual([7, 8])
  expect(room.dropped).toBe(25)
})

test('the events of a peer that is removed are counted, and leave their room to others', () => {
  const {
    room,
    buffers: [x, y],
  } = buffers(2)
  fill(x, 1, 15)
  x.dropAll()
  expect(room.dropped).toBe(15)
  fill(y, 1, 15)
  expect([room.dropped, numbers(y).length]).toEqual([15, 15])
})
