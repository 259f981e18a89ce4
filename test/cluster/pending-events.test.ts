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
  expect(x.has(1, 1)).toBe(false)
  fill(x, 1, 3, 100)
  expect([x.has(3, 1), x.has(4, 1)]).toEqual([true, false])
  expect([numbers(x), numbers(x), x.bytes, x.has(1, 1), room.dropped]).toEqual([[1, 2, 3], [], 0, false, 0])
})

test('events that are sent again in a later epoch replace those of earlier ones, from the first that is sent again on', () => {
  const {
    room,
    buffers: [x, y],
  } = buffers(2)
  fill(x, 1, 5)
  fill(y, 1, 1)
  y.add({ ...event(1), epoch: 2 })
  expect(numbers(y)).toEqual([1])
  expect([x.has(5, 1), x.has(6, 1), x.has(4, 2)]).toEqual([true, false, false])
  const again = (number: number) => ({ ...event(number, mebibyte), epoch: 2 })
  for (const number of [4, 5, 6]) x.add(again(number))
  expect([x.has(6, 2), x.has(7, 2), x.has(7, 1), room.dropped]).toEqual([true, false, true, 0])
  expect(x.takeAll().map(({ number, epoch }) => [number, epoch])).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
    [6, 2],
  ])
  fill(y, 1, 15)
  expect([numbers(y).length, room.dropped]).toEqual([15, 0])
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
