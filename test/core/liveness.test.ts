import { describe, expect, test } from 'bun:test'
import { livenessOf, pingAfterMs } from '../../src/core/liveness.ts'
import { newSocket, touch } from '../../src/core/socket.ts'
import { testApp } from '../support/apps.ts'

const app = testApp({ pingIntervalSeconds: 10 })

test.each([
  [1, 750],
  [10, 7_500],
  [60, 45_000],
  [66, 49_500],
  [67, 50_000],
  [3600, 50_000],
])('with a ping_interval of %p seconds a ping is due after %p ms of silence', (pingIntervalSeconds, ms) => {
  expect(pingAfterMs(testApp({ pingIntervalSeconds }))).toBe(ms)
})

describe('an idle socket', () => {
  test('is pinged after three quarters of the ping interval, and expires a whole interval after the ping', () => {
    const socket = newSocket('1.1', app, 1_000)
    expect(livenessOf(socket, 1_000)).toBe('alive')
    expect(livenessOf(socket, 8_499)).toBe('alive')
    expect(livenessOf(socket, 8_500)).toBe('ping')
    socket.pingedAtMs = 8_600
    expect(livenessOf(socket, 8_600)).toBe('alive')
    expect(livenessOf(socket, 18_599)).toBe('alive')
    expect(livenessOf(socket, 18_600)).toBe('expired')
  })

  test('is alive again after anything that its client sends', () => {
    const socket = newSocket('1.1', app, 0)
    socket.pingedAtMs = 7_500
    touch(socket, 17_499)
    expect(livenessOf(socket, 17_500)).toBe('alive')
    expect(livenessOf(socket, 24_998)).toBe('alive')
    expect(livenessOf(socket, 24_999)).toBe('ping')
  })
})
