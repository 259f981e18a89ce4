import { describe, expect, test } from 'bun:test'
import {
  bytesPerSecond,
  initialAllowanceBytes,
  maxAllowanceBytes,
  Resubscriptions,
  repeatWindowMs,
} from '../../src/core/resubscriptions.ts'

const s1 = { id: 's1', openedAtMs: 0 }
/** From when on the allowance is at its largest. */
const fullMs = ((maxAllowanceBytes - initialAllowanceBytes) / bytesPerSecond) * 1000
const due = (resubscriptions: Resubscriptions, nowMs: number, bytes = 0) =>
  Array.from(resubscriptions.due(nowMs), ({ socketId, channel }) => {
    resubscriptions.charge(socketId, bytes)
    return `${socketId} ${channel}`
  })

describe('a channel from which a socket has unsubscribed', () => {
  test('is a repeat for ten seconds, for that socket alone', () => {
    const resubscriptions = new Resubscriptions()
    resubscriptions.unsubscribed('s1', 'a', 0)
    expect(resubscriptions.isRepeat('s1', 'a', repeatWindowMs - 1)).toBe(true)
    expect(resubscriptions.isRepeat('s1', 'b', 0)).toBe(false)
    expect(resubscriptions.isRepeat('s2', 'a', 0)).toBe(false)
    expect(resubscriptions.isRepeat('s1', 'a', repeatWindowMs)).toBe(false)
    resubscriptions.expire(repeatWindowMs)
    expect(resubscriptions.isRepeat('s1', 'a', 0)).toBe(false)
  })
})

describe('the allowance of a socket', () => {
  const admits = (resubscriptions: Resubscriptions, nowMs: number, socket = s1) =>
    resubscriptions.admit(socket, 'a', undefined, nowMs)

  test('is small at first, and then grows', () => {
    const resubscriptions = new Resubscriptions()
    expect(admits(resubscriptions, 0)).toBe(true)
    resubscriptions.charge('s1', initialAllowanceBytes + bytesPerSecond)
    expect(admits(resubscriptions, 500)).toBe(false)
    expect(due(resubscriptions, 1000)).toEqual([])
    expect(due(resubscriptions, 1001)).toEqual(['s1 a'])
  })

  test('grows from the time the socket opens, up to a maximum', () => {
    const resubscriptions = new Resubscriptions()
    for (let bytes = 0; bytes < maxAllowanceBytes; bytes += maxAllowanceBytes / 8) {
      expect(admits(resubscriptions, 3_600_000)).toBe(true)
      resubscriptions.charge('s1', maxAllowanceBytes / 8)
    }
    expect(admits(resubscriptions, 3_600_000)).toBe(false)
    expect(admits(resubscriptions, 3_600_000, { id: 's2', openedAtMs: 3_600_000 })).toBe(true)
  })

  test('grows again after it was used', () => {
    const resubscriptions = new Resubscriptions()
    for (const nowMs of [fullMs, 10 * fullMs]) {
      expect(admits(resubscriptions, nowMs)).toBe(true)
      resubscriptions.charge('s1', maxAllowanceBytes - 1)
      expect(admits(resubscriptions, nowMs)).toBe(true)
      resubscriptions.charge('s1', 1)
      expect(admits(resubscriptions, nowMs)).toBe(false)
      resubscriptions.cancel('s1', 'a')
      expect(due(resubscriptions, 9 * fullMs)).toEqual([])
    }
  })
})

describe('subscriptions that wait', () => {
  function waiting(...channels: string[]): Resubscriptions {
    const resubscriptions = new Resubscriptions()
    resubscriptions.admit(s1, 'first', undefined, 0)
    resubscriptions.charge('s1', initialAllowanceBytes)
    for (const channel of channels) expect(resubscriptions.admit(s1, channel, undefined, 0)).toBe(false)
    return resubscriptions
  }

  test('are completed one after the other, as far as the allowance goes', () => {
    const resubscriptions = waiting('a', 'b', 'c')
    expect(resubscriptions.isRepeat('s1', 'a', repeatWindowMs)).toBe(true)
    expect(due(resubscriptions, 125, bytesPerSecond / 4)).toEqual(['s1 a'])
    expect(resubscriptions.isRepeat('s1', 'a', repeatWindowMs)).toBe(false)
    expect(due(resubscriptions, 200)).toEqual([])
    expect(due(resubscriptions, 500, bytesPerSecond / 16)).toEqual(['s1 b', 's1 c'])
    expect(due(resubscriptions, 600)).toEqual([])
  })

  test('are one for each channel, the last one', () => {
    const resubscriptions = waiting('a', 'b')
    const member = { key: '1', idJson: '1', infoJson: undefined }
    expect(resubscriptions.admit(s1, 'a', member, 0)).toBe(false)
    expect([...resubscriptions.due(1000)]).toEqual([
      { socketId: 's1', channel: 'a', member },
      { socketId: 's1', channel: 'b', member: undefined },
    ])
  })

  test('are not overtaken by a later one', () => {
    const resubscriptions = waiting('a')
    expect(resubscriptions.admit(s1, 'b', undefined, 1000)).toBe(false)
    expect(due(resubscriptions, 1000)).toEqual(['s1 a', 's1 b'])
    expect(resubscriptions.admit(s1, 'c', undefined, 1000)).toBe(true)
  })

  test('are discarded when the socket unsubscribes, or disconnects', () => {
    const resubscriptions = waiting('a', 'b')
    resubscriptions.cancel('s1', 'a')
    resubscriptions.cancel('s2', 'a')
    expect(due(resubscriptions, 100, bytesPerSecond)).toEqual(['s1 b'])
    expect(resubscriptions.admit(s1, 'a', undefined, 100)).toBe(false)
    resubscriptions.remove('s1')
    expect(due(resubscriptions, 9000)).toEqual([])
  })
})
