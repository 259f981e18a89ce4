import { describe, expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import { exceedsRate } from '../../src/core/message-rate.ts'
import { newSocket, type Socket } from '../../src/core/socket.ts'
import { rateLimited } from '../../src/protocol/errors.ts'
import * as frames from '../../src/protocol/frames.ts'
import { testApp } from '../support/apps.ts'

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
