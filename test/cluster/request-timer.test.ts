import { expect, test } from 'bun:test'
import { RequestTimer } from '../../src/cluster/request-timer.ts'

/** When a request that was sent at 0 ms is repeated, where the last answer took so long; as a list of [ms, isDue]. */
function dueAfter(answerMs: number, ...times: number[]): boolean[] {
  const timer = new RequestTimer(undefined)
  timer.sent(1, -answerMs)
  timer.answered(0)
  timer.sent(2, 0)
  return times.map(nowMs => timer.isDue(nowMs))
}

test('a request is due at first, and again two seconds after it was sent', () => {
  const timer = new RequestTimer(undefined)
  expect(timer.isDue(0)).toBe(true)
  timer.sent(1, 0)
  expect([timer.isDue(1999), timer.isDue(2000)]).toEqual([false, true])
})

test('a request is repeated after three times as long as the last answer took, and after a minute at most', () => {
  expect(dueAfter(100, 1999, 2000)).toEqual([false, true])
  expect(dueAfter(4000, 11_999, 12_000)).toEqual([false, true])
  expect(dueAfter(3_600_000, 59_999, 60_000)).toEqual([false, true])
})

test('the next request is due at once where it is allowed', () => {
  const timer = new RequestTimer(undefined)
  timer.sent(1, 0)
  timer.allow()
  expect(timer.isDue(1)).toBe(true)
})

test('a message answers the first open request or a later one, up to the last message of this node', () => {
  const timer = new RequestTimer(undefined)
  expect(timer.isAnswer(1, 9)).toBe(false)
  timer.sent(3, 0)
  timer.sent(5, 2000)
  expect([2, 3, 5, 9, 10].map(answers => timer.isAnswer(answers, 9))).toEqual([false, true, true, true, false])
  timer.answered(2500)
  expect([timer.open, timer.isAnswer(5, 9)]).toEqual([undefined, false])
})

test('the time of an answer counts from the first of the requests that it may answer', () => {
  const timer = new RequestTimer(undefined)
  timer.sent(3, 0)
  timer.sent(5, 2000)
  timer.answered(3000)
  timer.sent(6, 3000)
  expect([timer.isDue(11_999), timer.isDue(12_000)]).toEqual([false, true])
})

test('an answer without an open request changes nothing', () => {
  const timer = new RequestTimer(undefined)
  timer.answered(3000)
  timer.sent(1, 3000)
  expect(timer.isDue(5000)).toBe(true)
})

test('a request stays open where the peer is removed, and is forgotten where this node connects again', () => {
  const timer = new RequestTimer({ number: 3, sentAtMs: 0 })
  expect([timer.isAnswer(3, 9), timer.open]).toEqual([true, { number: 3, sentAtMs: 0 }])
  timer.sent(4, 8000)
  timer.answered(9000)
  timer.sent(5, 9000)
  expect(timer.isDue(11_000)).toBe(false)
  timer.reset()
  expect([timer.isDue(9000), timer.isAnswer(5, 9)]).toEqual([true, false])
})
