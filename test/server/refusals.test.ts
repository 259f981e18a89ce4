import { describe, expect, test } from 'bun:test'
import { type RefusalReport, Refusals } from '../../src/server/refusals.ts'

function counted(limit?: number) {
  const reports: RefusalReport[] = []
  const refusals = new Refusals(report => void reports.push(report), limit)
  /** What was reported since the last look. */
  const reported = () => reports.splice(0)
  return { refusals, reported }
}

const report = (changes: Partial<RefusalReport>): RefusalReport => ({
  refusal: 'unknown-key',
  appId: undefined,
  count: 1,
  seconds: 0,
  about: '',
  ...changes,
})

describe('a refusal', () => {
  test('is reported at once when it is the first', () => {
    const { refusals, reported } = counted()
    refusals.count('unknown-key', undefined, 'a', 5)
    expect(reported()).toEqual([report({ about: 'a' })])
  })

  test('is reported at the end of the minute where another was reported in it, with the first of those since', () => {
    const { refusals, reported } = counted()
    for (const about of ['a', 'b', 'c', 'd']) refusals.count('unknown-key', undefined, about, 1000)
    refusals.tick(60_999)
    expect(reported()).toEqual([report({ about: 'a' })])
    refusals.tick(61_000)
    expect(reported()).toEqual([report({ count: 3, seconds: 60, about: 'b' })])
    refusals.tick(200_000)
    expect(reported()).toEqual([])
  })

  test('is reported at once after a minute without any', () => {
    const { refusals, reported } = counted()
    refusals.count('unknown-key', undefined, 'a', 0)
    refusals.tick(60_000)
    refusals.count('unknown-key', undefined, 'b', 90_400)
    expect(reported()).toEqual([report({ about: 'a' }), report({ about: 'b', seconds: 90 })])
  })

  test('is reported once a minute however many there are', () => {
    const { refusals, reported } = counted()
    for (let ms = 0; ms < 180_000; ms += 10) {
      refusals.count('unknown-key', undefined, '', ms)
      if (ms % 1000 === 0) refusals.tick(ms)
    }
    expect(reported().map(({ count }) => count)).toEqual([1, 6000, 6000])
  })

  test('that stands for several counts as several', () => {
    const { refusals, reported } = counted()
    refusals.count('idle-connection', undefined, '', 0, 300)
    refusals.count('idle-connection', undefined, '', 100, 20)
    refusals.count('idle-connection', undefined, '', 200, 5)
    refusals.tick(60_000)
    expect(reported().map(({ count }) => count)).toEqual([300, 25])
    expect([...refusals.totals()].map(({ total }) => total)).toEqual([325])
  })

  test('is counted by kind and by app', () => {
    const { refusals, reported } = counted()
    refusals.count('unknown-key', undefined, '', 0)
    refusals.count('origin-not-allowed', '1', 'x', 0)
    refusals.count('origin-not-allowed', '2', 'y', 0)
    refusals.count('origin-not-allowed', '1', 'z', 0)
    expect(reported()).toEqual([
      report({}),
      report({ refusal: 'origin-not-allowed', appId: '1', about: 'x' }),
      report({ refusal: 'origin-not-allowed', appId: '2', about: 'y' }),
    ])
    refusals.tick(60_000)
    expect(reported()).toEqual([report({ refusal: 'origin-not-allowed', appId: '1', about: 'z', seconds: 60 })])
  })
})

test('the end of the server reports all refusals that are not reported yet', () => {
  const { refusals, reported } = counted()
  for (let i = 0; i < 3; i++) refusals.count('unknown-key', undefined, '', 0)
  reported()
  refusals.end(10_000)
  expect(reported()).toEqual([report({ count: 2, seconds: 10 })])
  refusals.end(20_000)
  expect(reported()).toEqual([])
})

describe('counters of refusals', () => {
  test('never decrease', () => {
    const { refusals } = counted()
    for (let ms = 0; ms < 100_000; ms += 1000) refusals.count('unknown-key', undefined, '', ms)
    refusals.count('message-rate', '1', '', 0)
    expect([...refusals.totals()]).toMatchObject([
      { refusal: 'unknown-key', appId: undefined, total: 100 },
      { refusal: 'message-rate', appId: '1', total: 1 },
    ])
  })

  test('are bounded: apps beyond the limit are counted together', () => {
    const { refusals, reported } = counted(3)
    for (let i = 0; i < 10; i++) refusals.count('message-rate', String(i), '', 0)
    refusals.count('unknown-key', undefined, '', 0)
    refusals.count('message-rate', '0', '', 0)
    expect([...refusals.totals()].map(({ refusal, appId, total }) => `${refusal} ${appId} ${total}`)).toEqual([
      'message-rate 0 2',
      'message-rate 1 1',
      'message-rate 2 1',
      'message-rate undefined 7',
      'unknown-key undefined 1',
    ])
    expect(reported()).toHaveLength(5)
  })
})

test('what a refusal is about is kept up to 1,000 characters, without the rest in memory', () => {
  const { refusals, reported } = counted()
  refusals.count('request-invalid', '0', 'a'.repeat(1000), 0)
  refusals.count('request-invalid', '1', 'é'.repeat(1001), 0)
  expect(reported().map(({ about }) => about)).toEqual(['a'.repeat(1000), 'é'.repeat(1000)])
  Bun.gc(true)
  const before = process.memoryUsage.rss()
  for (let i = 0; i < 1000; i++) {
    for (const _ of [1, 2]) refusals.count('request-invalid', `${i}`, 'x'.repeat(99_999) + i, 1000)
    if (i % 50 === 0) Bun.gc(true)
  }
  Bun.gc(true)
  // 1,000 of 100 KB would be 95 MiB.
  expect((process.memoryUsage.rss() - before) / 1024 / 1024).toBeLessThan(50)
})
