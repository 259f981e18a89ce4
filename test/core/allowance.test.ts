import { describe, expect, test } from 'bun:test'
import { type Allowance, spend, type Throttling, type Usage } from '../../src/core/allowance.ts'

const stock: Allowance = { messagesPerSecond: 2000, bytesPerSecond: 2_000_000, burstSeconds: 3 }
const unbounded: Allowance = { ...stock, messagesPerSecond: Number.POSITIVE_INFINITY, bytesPerSecond: Number.POSITIVE_INFINITY }

/** What becomes of so many messages at one moment: how many of each verdict. */
function verdicts(spent: Usage, allowance: Allowance, count: number, bytes: number, nowMs: number): Record<Throttling, number> {
  const counts = { now: 0, later: 0, over: 0 }
  for (let i = 0; i < count; i++) counts[spend(spent, allowance, bytes, nowMs)]++
  return counts
}

const fresh = (): Usage => ({ messagesUntilMs: 0, bytesUntilMs: 0 })

describe('the messages of a client', () => {
  test('of three seconds can be sent at once, of which those of 5 ms are handled first', () => {
    expect(verdicts(fresh(), stock, 10_000, 1, 1000)).toEqual({ now: 11, later: 5990, over: 3999 })
  })

  test('at the rate of the allowance never wait', () => {
    const spent = fresh()
    for (let i = 0; i < 20_000; i++) expect(spend(spent, stock, 1, 1000 + i / 2)).toBe('now')
  })

  test('above that rate are refused once the burst is used up', () => {
    const spent = fresh()
    let sent = 0
    // Three messages a millisecond, of which two are paid for: 6,000 saved ones last six seconds.
    while (spend(spent, stock, 1, 1000 + sent / 3) !== 'over') sent++
    expect(Math.round(sent / 3)).toBe(6000)
  })

  test('can be sent in a burst again after three seconds, and no more than before', () => {
    const spent = fresh()
    verdicts(spent, stock, 10_000, 1, 1000)
    expect(verdicts(spent, stock, 10_000, 1, 2000)).toMatchObject({ over: 8000 })
    expect(verdicts(spent, stock, 10_000, 1, 5001)).toMatchObject({ over: 3999 })
    expect(verdicts(spent, stock, 10_000, 1, 3_600_000)).toMatchObject({ over: 3999 })
  })
})

test('the burst of a client lasts as long as it is configured', () => {
  expect(verdicts(fresh(), { ...stock, burstSeconds: 1 }, 10_000, 1, 1000)).toEqual({ now: 11, later: 1990, over: 7999 })
  expect(verdicts(fresh(), { ...stock, burstSeconds: 5 }, 10_000, 1, 1000)).toEqual({ now: 11, later: 9989, over: 0 })
})

describe('the bytes of a client', () => {
  test('of three seconds can be sent at once', () => {
    expect(verdicts(fresh(), stock, 1000, 10_000, 1000)).toEqual({ now: 2, later: 599, over: 399 })
  })

  test('of a single message are never too many, and delay the next', () => {
    const spent = fresh()
    expect(spend(spent, stock, 16_777_216, 1000)).toBe('now')
    expect(spend(spent, stock, 1, 6388)).toBe('over')
    expect(spend(spent, stock, 1, 6389)).toBe('later')
    expect(spend(spent, stock, 1, 9384)).toBe('now')
  })
})

test('messages without a limit are never refused, and never wait', () => {
  expect(verdicts(fresh(), unbounded, 100_000, 100_000, 1000)).toEqual({ now: 100_000, later: 0, over: 0 })
  expect(verdicts(fresh(), { ...unbounded, messagesPerSecond: 1 }, 6, 100_000, 1000)).toEqual({ now: 1, later: 3, over: 2 })
})
