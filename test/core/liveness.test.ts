import { describe, expect, test } from 'bun:test'
import { verdict } from '../../src/core/liveness.ts'
import { newSocket, touch } from '../../src/core/socket.ts'
import { testApp } from '../support/apps.ts'

const app = testApp({ pingIntervalSeconds: 10 })

describe('a socket that says nothing', () => {
  test('is asked after the ping interval, and gone after as long again', () => {
    const socket = newSocket('1.1', app, 1_000)
    expect(verdict(socket, 1_000)).toBe('alive')
    expect(verdict(socket, 10_999)).toBe('alive')
    expect(verdict(socket, 11_000)).toBe('ask')
    socket.pingedAtMs = 11_500
    expect(verdict(socket, 11_500)).toBe('alive')
    expect(verdict(socket, 21_499)).toBe('alive')
    expect(verdict(socket, 21_500)).toBe('gone')
  })

  test('is alive again after any sign of life', () => {
    const socket = newSocket('1.1', app, 0)
    socket.pingedAtMs = 10_000
    touch(socket, 19_999)
    expect(verdict(socket, 20_000)).toBe('alive')
    expect(verdict(socket, 29_998)).toBe('alive')
    expect(verdict(socket, 29_999)).toBe('ask')
  })
})
