import { describe, expect, test } from 'bun:test'
import { floodResult, round } from '../support/results.ts'
import { faultsOf, isMissed, judge, verdict } from './goals.ts'

const verdicts = (...args: Parameters<typeof judge>) =>
  Object.fromEntries(judge(...args).map(({ text, verdict }) => [text, verdict]))

describe('the verdict on a value and its limit', () => {
  const estimateOf = (mean: number) => ({ mean, interval: { from: mean / 2, to: mean * 2 } })

  test('is certain when the whole interval is on one side', () => {
    expect(verdict(estimateOf(10), 50)).toBe('held')
    expect(verdict(estimateOf(200), 50)).toBe('missed')
  })

  test('is probable when the limit is within the interval', () => {
    expect(verdict(estimateOf(40), 50)).toBe('probably held')
    expect(verdict(estimateOf(60), 50)).toBe('probably missed')
  })

  test('of a single round is that of the value', () => {
    expect([verdict({ mean: 50 }, 50), verdict({ mean: 51 }, 50)]).toEqual(['held', 'missed'])
  })
})

describe('the goal of a flood', () => {
  test('is held when pings and POSTs are as fast as without it', () => {
    const result = floodResult({ rounds: [round(), round(), round()] })
    expect(verdicts(result)).toEqual({
      'ping p99, ms': 'held',
      'POST p99, ms': 'held',
      'ping p99, with ÷ without': 'held',
      'POST p99, with ÷ without': 'held',
    })
    expect(isMissed(result, false)).toBe(false)
  })

  test('is missed when each round is far slower', () => {
    const result = floodResult({ rounds: [1800, 2000, 2200].map(pingMs => round({ pingMs })) })
    expect(verdicts(result)).toMatchObject({ 'ping p99, ms': 'missed', 'POST p99, ms': 'held' })
    expect(isMissed(result, false)).toBe(true)
  })

  test('is missed when only the ratio is exceeded', () => {
    const result = floodResult({ rounds: [29, 30, 31].map(postMs => round({ postMs })) })
    expect(verdicts(result)).toMatchObject({ 'POST p99, ms': 'held', 'POST p99, with ÷ without': 'missed' })
    expect(isMissed(result, false)).toBe(true)
  })

  test('is missed on a shared machine where both the limit and the ratio are, of the same latency', () => {
    const both = floodResult({ rounds: [1800, 2000, 2200].map(pingMs => round({ pingMs })) })
    const ratioOnly = floodResult({ rounds: [29, 30, 31].map(postMs => round({ postMs })) })
    const limitOnly = floodResult({ rounds: [118, 120, 122].map(pingMs => round({ pingMs, withoutMs: 60 })) })
    expect([both, ratioOnly, limitOnly].map(result => isMissed(result, true))).toEqual([true, false, false])
    expect([both, ratioOnly, limitOnly].map(result => isMissed(result, false))).toEqual([true, true, true])
  })

  test('is not missed because of one slow round', () => {
    const result = floodResult({ rounds: [3, 300, 3].map(pingMs => round({ pingMs })) })
    expect(isMissed(result, false)).toBe(false)
  })

  test('of a presence channel is also judged by what the server sends for each byte', () => {
    const rounds = [100, 95, 105].map(factor => round({ bytesSent: 1000, audienceBytes: 1000 * factor }))
    const presence = floodResult({ isPresence: true, rounds })
    expect(verdicts(presence)).toMatchObject({ 'bytes out ÷ in': 'missed' })
    expect(isMissed(presence, true)).toBe(true)
    expect(verdicts(floodResult({ rounds }))).not.toHaveProperty('bytes out ÷ in')
  })

  test('is missed when something happened that must never happen, however fast it was', () => {
    const result = floodResult({ rounds: [round(), round({ faults: ['2 pings were not answered'] }), round()] })
    expect(faultsOf(result)).toEqual(['2 pings were not answered'])
    expect(isMissed(result, false)).toBe(true)
  })

  test('is missed when the server did not finish reading it', () => {
    expect(isMissed(floodResult({ rounds: [], failed: 'the probe has ended with 1' }), true)).toBe(true)
  })
})
