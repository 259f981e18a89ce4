import { describe, expect, test } from 'bun:test'
import { againMs, bytesPerSecond, mostBytes, Resubscriptions, type Waiting } from '../../src/core/resubscriptions.ts'

const to = (channel: string, socketId = 's1'): Waiting => ({ socketId, channel, member: undefined })
const due = (resubscriptions: Resubscriptions, nowMs: number, bytes = 0) =>
  Array.from(resubscriptions.due(nowMs), ({ socketId, channel }) => {
    resubscriptions.charge(socketId, bytes)
    return `${socketId} ${channel}`
  })

describe('a channel that a socket has left', () => {
  test('is known for ten seconds, to that socket alone', () => {
    const resubscriptions = new Resubscriptions()
    resubscriptions.left('s1', 'a', 0)
    expect(resubscriptions.knows('s1', 'a', againMs - 1)).toBe(true)
    expect(resubscriptions.knows('s1', 'b', 0)).toBe(false)
    expect(resubscriptions.knows('s2', 'a', 0)).toBe(false)
    expect(resubscriptions.knows('s1', 'a', againMs)).toBe(false)
    resubscriptions.expire(againMs)
    expect(resubscriptions.knows('s1', 'a', 0)).toBe(false)
  })
})

describe('the allowance of a socket', () => {
  test('is saved up at first', () => {
    const resubscriptions = new Resubscriptions()
    for (let bytes = 0; bytes < mostBytes; bytes += mostBytes / 8) {
      expect(resubscriptions.admit(to('a'), 0)).toBe(true)
      resubscriptions.charge('s1', mostBytes / 8)
    }
    expect(resubscriptions.admit(to('a'), 0)).toBe(false)
    expect(resubscriptions.admit(to('a', 's2'), 0)).toBe(true)
  })

  test('grows with time, up to what can be saved up', () => {
    const resubscriptions = new Resubscriptions()
    resubscriptions.admit(to('a'), 0)
    resubscriptions.charge('s1', mostBytes + bytesPerSecond)
    expect(resubscriptions.admit(to('a'), 500)).toBe(false)
    expect(due(resubscriptions, 1000)).toEqual([])
    expect(due(resubscriptions, 1100, mostBytes)).toEqual(['s1 a'])
    expect(due(resubscriptions, 3600_000)).toEqual([])
    expect(resubscriptions.admit(to('a'), 3600_000)).toBe(true)
    resubscriptions.charge('s1', mostBytes)
    expect(resubscriptions.admit(to('a'), 3600_000)).toBe(false)
  })
})

describe('subscriptions that wait', () => {
  function waiting(...channels: string[]): Resubscriptions {
    const resubscriptions = new Resubscriptions()
    resubscriptions.admit(to('first'), 0)
    resubscriptions.charge('s1', mostBytes)
    for (const channel of channels) expect(resubscriptions.admit(to(channel), 0)).toBe(false)
    return resubscriptions
  }

  test('come one after the other, as far as the allowance goes', () => {
    const resubscriptions = waiting('a', 'b', 'c')
    expect(resubscriptions.knows('s1', 'a', againMs)).toBe(true)
    expect(due(resubscriptions, 100, bytesPerSecond / 10)).toEqual(['s1 a'])
    expect(resubscriptions.knows('s1', 'a', againMs)).toBe(false)
    expect(due(resubscriptions, 200, bytesPerSecond / 20)).toEqual(['s1 b', 's1 c'])
    expect(due(resubscriptions, 300)).toEqual([])
  })

  test('are one for each channel, the last', () => {
    const resubscriptions = waiting('a', 'b')
    const member = { key: '1', idJson: '1', infoJson: undefined }
    expect(resubscriptions.admit({ ...to('a'), member }, 0)).toBe(false)
    expect([...resubscriptions.due(1000)]).toEqual([{ ...to('a'), member }, to('b')])
  })

  test('are not overtaken by a later one', () => {
    const resubscriptions = waiting('a')
    expect(resubscriptions.admit(to('b'), 1000)).toBe(false)
    expect(due(resubscriptions, 1000)).toEqual(['s1 a', 's1 b'])
    expect(resubscriptions.admit(to('c'), 1000)).toBe(true)
  })

  test('are given up when the socket unsubscribes, or goes', () => {
    const resubscriptions = waiting('a', 'b')
    resubscriptions.cancel('s1', 'a')
    resubscriptions.cancel('s2', 'a')
    expect(due(resubscriptions, 100)).toEqual(['s1 b'])
    resubscriptions.admit(to('a'), 100)
    resubscriptions.forget('s1')
    expect(due(resubscriptions, 9000)).toEqual([])
  })
})
