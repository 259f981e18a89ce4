import { expect, test } from 'bun:test'
import { newSocket, replaceApp, touch } from '../../src/core/socket.ts'
import { Subscriptions } from '../../src/core/subscriptions.ts'
import { testApp } from '../support/apps.ts'

test('a new socket has no channel, and was last seen when it opened', () => {
  const app = testApp()
  expect(newSocket('1.2', app, 7)).toEqual({
    id: '1.2',
    app,
    quota: Number.POSITIVE_INFINITY,
    subscriptions: new Subscriptions(),
    rate: undefined,
    clientEventRate: undefined,
    user: undefined,
    stateBytes: 0,
    openedAtMs: 7,
    lastSeenMs: 7,
    pingedAtMs: undefined,
    speaksControlFrames: false,
  })
})

test('a socket keeps the highest quota since it was accepted', () => {
  const socket = newSocket('1.2', testApp({ maxConnections: 5 }), 0)
  const quotas = [3, 8, 4].map(maxConnections => {
    const app = testApp({ maxConnections })
    replaceApp(socket, app)
    expect(socket.app).toBe(app)
    return socket.quota
  })
  expect(quotas).toEqual([5, 8, 8])
})

test('anything that a client sends answers a ping', () => {
  const socket = newSocket('1.2', testApp(), 0)
  socket.pingedAtMs = 5
  touch(socket, 9)
  expect(socket).toMatchObject({ lastSeenMs: 9, pingedAtMs: undefined })
})
