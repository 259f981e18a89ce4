import { expect, test } from 'bun:test'
import { admit, isFirstRefusal, newWindow } from '../../src/core/rate-limit.ts'

const limit = { maxAttempts: 2, decaySeconds: 10, terminate: false }

test('a rate limit admits so many attempts in a window, which opens with the first one', () => {
  const window = newWindow()
  expect(admit(window, limit, 5_000)).toBe(true)
  expect(admit(window, limit, 14_999)).toBe(true)
  expect(admit(window, limit, 14_999)).toBe(false)
  expect(admit(window, limit, 15_000)).toBe(true)
  expect(admit(window, limit, 24_999)).toBe(true)
  expect(admit(window, limit, 24_999)).toBe(false)
  expect(admit(window, limit, 25_000)).toBe(true)
})

test('an attempt that is refused neither counts nor prolongs the window', () => {
  const window = newWindow()
  for (let i = 0; i < 100; i++) admit(window, limit, 0)
  expect(window).toEqual({ attempts: 2, endsAtMs: 10_000, hasRefused: false })
  expect(admit(window, limit, 9_999)).toBe(false)
  expect(admit(window, limit, 10_000)).toBe(true)
})

test('a clock that starts at 0 opens the first window, too', () => {
  const window = newWindow()
  expect(admit(window, { ...limit, maxAttempts: 1 }, 0)).toBe(true)
  expect(window.endsAtMs).toBe(10_000)
})

test('the first refusal in each window is told apart', () => {
  const window = newWindow()
  const refusals = [0, 0, 0, 1, 2, 10_000, 10_000, 10_001, 10_002].map(
    nowMs => !admit(window, limit, nowMs) && isFirstRefusal(window),
  )
  expect(refusals).toEqual([false, false, true, false, false, false, false, true, false])
})
