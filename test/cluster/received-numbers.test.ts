import { expect, test } from 'bun:test'
import type { PendingEvent } from '../../src/cluster/pending-events.ts'
import { type AcceptedEvents, ReceivedNumbers } from '../../src/cluster/received-numbers.ts'

const event = (number: number, epoch = 1): PendingEvent => ({
  number,
  epoch,
  body: { type: 'terminate', appId: '1001', userId: String(number) },
})
const users = (events: AcceptedEvents['accepted']) => events.map(({ body }) => (body.type === 'terminate' ? body.userId : ''))
/** Which of these events have not been received yet. */
const open = (numbers: ReceivedNumbers, ...candidates: number[]) => candidates.filter(number => !numbers.hasEvent(number, 1))

test('events and control messages are received apart, each once', () => {
  const numbers = new ReceivedNumbers()
  numbers.receiveEvent(5)
  numbers.receiveControl(8, 1)
  expect(open(numbers, 4, 5, 6)).toEqual([6])
  expect([7, 8, 9].filter(number => !numbers.hasControl(number))).toEqual([9])
})

test('events of an epoch before that of the last control message do not count any more', () => {
  const numbers = new ReceivedNumbers()
  expect(numbers.receiveControl(1, 2)).toBe(true)
  expect(numbers.receiveControl(2, 2)).toBe(false)
  expect([numbers.hasEvent(9, 1), numbers.hasEvent(9, 2)]).toEqual([true, false])
})

test('a peer that was never verified has its pending events accepted from the oldest unacknowledged one on', () => {
  const numbers = new ReceivedNumbers()
  const { accepted, replayed } = numbers.verify(10, 4, 4, [event(3), event(4), event(6)])
  expect([users(accepted), replayed]).toEqual([['4', '6'], 1])
  expect(open(numbers, 5, 6, 7)).toEqual([7])
})

test('a peer that was verified before has the events accepted that it has sent since', () => {
  const numbers = new ReceivedNumbers({ control: 3, event: 4 })
  expect(users(numbers.verify(10, 7, 7, [event(4), event(5), event(6)]).accepted)).toEqual(['5', '6'])
})

test('a pending event with a number that the peer has not reached, or of an earlier epoch, is not accepted', () => {
  const numbers = new ReceivedNumbers()
  numbers.receiveControl(10, 2)
  expect(numbers.verify(10, 4, 4, [event(5, 1), event(6, 2), event(10, 2), event(99, 2)])).toEqual({
    accepted: [{ body: event(6).body, isLate: false }],
    replayed: 3,
  })
})

test('an event that is accepted counts neither as replayed nor as sent again', () => {
  const numbers = new ReceivedNumbers({ control: 1, event: 1_000_000 })
  numbers.receiveControl(10, 2)
  expect(numbers.verify(10, 4, 4, [event(5, 2), event(3, 2), event(6, 1)])).toEqual({
    accepted: [{ body: event(5, 2).body, isLate: false }],
    replayed: 1,
  })
})

test('a number that the peer has not reached is corrected by its next message', () => {
  for (const correct of [
    (numbers: ReceivedNumbers) => numbers.verify(10, 8, 8, []),
    (numbers: ReceivedNumbers) => numbers.advance(10, 8),
  ]) {
    const numbers = new ReceivedNumbers({ control: 1, event: 2 })
    numbers.receiveEvent(1_000_000)
    correct(numbers)
    expect(open(numbers, 7, 8)).toEqual([8])
  }
})

test('events before the oldest unacknowledged one are too late, and the last number never falls by it', () => {
  const numbers = new ReceivedNumbers({ control: 1, event: 5 })
  numbers.advance(20, 10)
  expect(open(numbers, 9, 10)).toEqual([10])
  numbers.receiveEvent(15)
  numbers.advance(21, 12)
  expect(open(numbers, 15, 16)).toEqual([16])
})

test('the last numbers are those that a later peer of the same id begins with', () => {
  const numbers = new ReceivedNumbers()
  expect(numbers.last).toEqual({ control: 0, event: undefined })
  numbers.receiveControl(3, 1)
  numbers.receiveEvent(4)
  expect(numbers.last).toEqual({ control: 3, event: 4 })
})

test('events of before the peer has connected again are no replays where it sends them again, and those of an earlier epoch are', () => {
  const numbers = new ReceivedNumbers()
  numbers.receiveControl(1, 1)
  numbers.receiveEvent(5)
  expect([numbers.isRepeated(5, 1), numbers.isRepeated(5, 2)]).toEqual([false, false])
  numbers.receiveControl(6, 2)
  numbers.receiveEvent(8)
  expect([numbers.isRepeated(4, 1), numbers.isRepeated(4, 2), numbers.isRepeated(5, 2), numbers.isRepeated(8, 2)]).toEqual([
    false,
    true,
    true,
    false,
  ])
  const pending = [event(4, 1), event(5, 2), event(8, 2), event(9, 2)]
  expect(numbers.verify(10, 4, 4, pending)).toEqual({ accepted: [{ body: event(9).body, isLate: false }], replayed: 2 })
})

test('a peer that was never verified has sent no event before', () => {
  const numbers = new ReceivedNumbers()
  numbers.receiveControl(1, 2)
  expect(numbers.isRepeated(1, 2)).toBe(false)
})

test('a peer that was never verified has its recent events accepted, too: those before the oldest unacknowledged one as late', () => {
  const numbers = new ReceivedNumbers()
  const { accepted, replayed } = numbers.verify(20, 8, 5, [event(4), event(5), event(7), event(9)])
  expect(accepted.map(({ body, isLate }) => [body, isLate])).toEqual([
    [event(5).body, true],
    [event(7).body, true],
    [event(9).body, false],
  ])
  expect(replayed).toBe(1)
  const none = new ReceivedNumbers()
  none.verify(20, 8, 5, [event(5)])
  expect(open(none, 6, 7, 8)).toEqual([8])
})

test('recent events do not concern a peer that was verified before, nor do they come after the oldest unacknowledged one', () => {
  const known = new ReceivedNumbers({ control: 1, event: 6 })
  expect(users(known.verify(20, 8, 5, [event(5), event(7)]).accepted)).toEqual(['7'])
  expect(users(new ReceivedNumbers().verify(20, 8, 12, [event(7), event(9)]).accepted)).toEqual(['9'])
})
