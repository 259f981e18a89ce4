import { describe, expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import { exceedsRate } from '../../src/core/message-rate.ts'
import { newSocket, type Socket } from '../../src/core/socket.ts'
import { rateLimited } from '../../src/protocol/errors.ts'
import * as frames from '../../src/protocol/frames.ts'
import { testApp } from '../support/apps.ts'
import { close, error, hubWith, put, send } from '../support/core.ts'

const refused: Effect = { type: 'refused', refusal: 'message-rate', appId: '1001', about: '' }
const { code, message } = rateLimited()
const answer: Effect = { type: 'send', socketId: '1.1', frame: frames.error(code, message) }

/** What is appended for a message that exceeds the limit; undefined where it does not. */
function refusalsOf(socket: Socket, nowMs: number): Effect[] | undefined {
  const effects: Effect[] = []
  if (exceedsRate(socket, nowMs, effects)) return effects
  expect(effects).toEqual([])
  return undefined
}

describe('rate_limiting', () => {
  test('counts every message beyond it, and answers the first one in a window', () => {
    const socket = newSocket('1.1', testApp({ rateLimit: { maxAttempts: 1, decaySeconds: 10, terminate: false } }), 0)
    expect([0, 1, 2, 9_999, 10_000, 10_001, 10_002].map(nowMs => refusalsOf(socket, nowMs))).toEqual([
      undefined,
      [refused, answer],
      [refused],
      [refused],
      undefined,
      [refused, answer],
      [refused],
    ])
  })

  test('without a limit accepts any number of messages', () => {
    const socket = newSocket('1.1', testApp(), 0)
    for (let i = 0; i < 1000; i++) expect(refusalsOf(socket, 0)).toBeUndefined()
    expect(socket.rate).toBeUndefined()
  })
})

describe('the rate limit of an app', () => {
  const limited = (terminate: boolean) => testApp({ rateLimit: { maxAttempts: 2, decaySeconds: 10, terminate } })
  const ping = '{"event":"pusher:ping"}'
  const pong = send('1.1', '{"event":"pusher:pong"}')

  test('ignores each message beyond it until the window has ended, and answers the first', () => {
    const hub = hubWith(limited(false), '1.1')
    const answers = [0, 0, 0, 9_999, 10_000].map(nowMs => hub.message('1.1', ping, nowMs))
    const refused = [error('1.1', 4301, 'Rate limit exceeded')]
    expect(answers).toEqual([[pong], [pong], refused, [], [pong]])
  })

  test('counts messages of every kind, but no control frames', () => {
    const hub = hubWith(limited(false), '1.1')
    hub.control('1.1', 0)
    hub.control('1.1', 0)
    hub.message('1.1', 'nonsense', 0)
    expect(hub.message('1.1', ping, 0)).toEqual([pong])
    expect(hub.message('1.1', ping, 0)).toEqual([error('1.1', 4301, 'Rate limit exceeded')])
  })

  test('applies to each socket separately', () => {
    const hub = hubWith(limited(false), '1.1', '2.2')
    for (let i = 0; i < 3; i++) hub.message('2.2', ping, 0)
    expect(hub.message('1.1', ping, 0)).toEqual([pong])
  })

  test('can close the socket, with a code after which clients reconnect', () => {
    const hub = hubWith(limited(true), '1.1')
    put(hub, testApp(), '1.1', 'news')
    hub.message('1.1', ping, 0)
    expect(hub.message('1.1', ping, 0)).toEqual([
      error('1.1', 4301, 'Rate limit exceeded'),
      { type: 'unsubscribe', socketId: '1.1', topic: '1001/news' },
      { type: 'notify', notice: { event: 'channel_removed', appId: '1001', channel: 'news' } },
      close('1.1', 4100, 'Rate limit exceeded'),
    ])
    expect(hub.message('1.1', ping, 20_000)).toEqual([])
  })
})
