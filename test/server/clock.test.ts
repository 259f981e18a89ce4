import { expect, test } from 'bun:test'
import { clockMs } from '../../src/server/clock.ts'

test('the clock of a server has begun at the time of day, and goes forward by parts of a millisecond', () => {
  // The clock of a machine that is set while the tests run may differ by more.
  expect(Math.abs(clockMs() - Date.now())).toBeLessThan(60_000)
  const times = Array.from({ length: 1000 }, clockMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times.some(time => !Number.isInteger(time))).toBe(true)
})
