import { expect, test } from 'bun:test'
import { ControlWindow } from '../../src/cluster/control-window.ts'

const half = 'é'.repeat(256 * 1024)

test('there is room until a mebibyte of messages is unacknowledged, in UTF-8', () => {
  const window = new ControlWindow()
  expect([window.hasRoom, window.oldestAtMs]).toEqual([true, undefined])
  window.add(1, half, 10)
  expect(window.hasRoom).toBe(true)
  window.add(4, half, 20)
  expect([window.hasRoom, window.oldestAtMs]).toEqual([false, 10])
})

test('an echo acknowledges all messages up to its number', () => {
  const window = new ControlWindow()
  for (const number of [1, 4, 6]) window.add(number, half, number)
  window.acknowledgeUpTo(3)
  expect([window.hasRoom, window.oldestAtMs]).toEqual([false, 4])
  window.acknowledgeUpTo(4)
  expect([window.hasRoom, window.oldestAtMs]).toEqual([true, 6])
  window.acknowledgeUpTo(99)
  expect([window.hasRoom, window.oldestAtMs]).toEqual([true, undefined])
})

test('no echo is awaited once it is cleared', () => {
  const window = new ControlWindow()
  for (const number of [1, 2]) window.add(number, half, 0)
  window.clear()
  expect([window.hasRoom, window.oldestAtMs]).toEqual([true, undefined])
})
