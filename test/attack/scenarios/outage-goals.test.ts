import { describe, expect, test } from 'bun:test'
import { isScenarioMissed } from '../report/scenarios.ts'
import { judged, type Measured } from './outage-goals.ts'

const mebibytes = (count: number) => count * 1024 * 1024
const pings = (ms: number) => ({ pings: Float32Array.of(1, ms), faults: [] })

/** All goals hold: of 1,000 events 100 are missing on the other server, and counted. */
function measured(changes: Partial<Measured> = {}): Measured {
  return {
    seconds: 10,
    delivers: false,
    published: { last: [600, 400], events: 900, failures: [] },
    here: { received: 1000, repeated: 0, skipped: 0 },
    there: { received: 900, repeated: 0, skipped: 3 },
    dropped: 100,
    without: [pings(2), pings(2)],
    pings: [pings(40), pings(40)],
    rssBefore: [mebibytes(80), mebibytes(80)],
    rssDuring: [mebibytes(190), mebibytes(100)],
    rssMost: [mebibytes(390), mebibytes(100)],
    degradedAfter: 4.2,
    isReady: true,
    ...changes,
  }
}

const isMissed = (changes: Partial<Measured>) =>
  isScenarioMissed({ id: 'x', title: 'x', group: 'x', ...judged(measured(changes)) }, false)

describe('the goal of an outage of Redis', () => {
  test('is held when every measure is within its limit', () => {
    expect(isMissed({})).toBe(false)
  })

  test.each<[string, Partial<Measured>]>([
    ['memory of the publishing server', { rssDuring: [mebibytes(201), mebibytes(100)] }],
    ['memory of the other server', { rssDuring: [mebibytes(100), mebibytes(201)] }],
    ['memory while the backlog is delivered', { rssMost: [mebibytes(401), mebibytes(100)] }],
    ['pings of either server', { pings: [pings(2), pings(51)] }],
    ['/ready that is not degraded', { degradedAfter: Number.POSITIVE_INFINITY }],
    ['/ready that stays degraded', { isReady: false }],
    ['a failed publish', { published: { last: [600, 400], events: 900, failures: ['no answer'] } }],
    ['an event that a client of the same server did not receive', { here: { received: 999, repeated: 0, skipped: 1 } }],
    ['an event that arrived twice', { there: { received: 901, repeated: 1, skipped: 3 } }],
    ['a missing event that is not counted', { dropped: 99 }],
  ])('is missed by %s', (_, changes) => {
    expect(isMissed(changes)).toBe(true)
  })

  test('allows an event that was counted as dropped and delivered all the same', () => {
    expect(isMissed({ dropped: 102 })).toBe(false)
  })

  test('does not require a degraded /ready while Redis delivers', () => {
    expect(isMissed({ delivers: true, degradedAfter: Number.POSITIVE_INFINITY })).toBe(false)
  })
})
