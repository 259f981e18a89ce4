import { expect, test } from 'bun:test'
import { everySoOften } from './schedule.ts'

test('a schedule calls at its rate, with the time at which each call was due, and never earlier', async () => {
  const calls: { dueMs: number; number: number; isEarly: boolean }[] = []
  await everySoOften({ perSecond: 1000, seconds: 0.02 }, (dueMs, number) =>
    calls.push({ dueMs, number, isEarly: performance.now() < dueMs }),
  )
  expect(calls.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  expect(calls.some(({ isEarly }) => isEarly)).toBe(false)
  for (const [i, { dueMs }] of calls.entries()) expect(dueMs - calls[0]!.dueMs).toBeCloseTo(i, 6)
})
