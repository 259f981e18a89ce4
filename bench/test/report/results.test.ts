import { describe, expect, test } from 'bun:test'
import { absolute, entry, hasFailed, ratio, typical } from '../../report/results.ts'
import { estimate } from '../../report/statistics.ts'
import { entryOf, fanOut, results, sample } from '../support/results.ts'

const busy = (others: number) => ({ busy: { server: 0.9, load: 0.5, others } })

describe('an entry', () => {
  test('has the median of its rounds, and their mean with its interval', () => {
    expect(typical(entryOf(3, 1, 2))).toBe(2)
    expect(absolute(entryOf(3, 1, 2))).toEqual(estimate([3, 1, 2]))
  })

  test('fails when a round lost a frame', () => {
    const faults = { missing: 2, repeated: 0, skipped: 1 }
    expect(entry([sample(1), sample(1, { faults })], {}).failed).toBe('2 frames lost, 0 duplicated or late, 1 gaps')
  })

  test('has no figure when the server never kept up', () => {
    const never = entry([sample(undefined)], {})
    expect([typical(never), absolute(never)]).toEqual([undefined, undefined])
  })

  test('has no mean when it failed or was not measured', () => {
    expect(absolute(entry([sample(1)], { failed: 'it has ended' }))).toBeUndefined()
    expect(absolute(undefined)).toBeUndefined()
  })

  test('leaves out rounds that other programs disturbed', () => {
    expect(typical(entry([sample(1, busy(0.5)), sample(9, busy(0))], {}))).toBe(9)
  })

  test('keeps disturbed rounds when there are no others', () => {
    expect(typical(entry([sample(1, busy(0.5)), sample(3, busy(0.5))], {}))).toBe(2)
  })
})

describe('latencies', () => {
  const late = (...ms: number[]) => sample(ms.at(-1), { latencies: Float32Array.from(ms) })

  test('of all rounds are merged for the percentiles, and then discarded', () => {
    const { percentiles, samples } = entry([late(1, 2, 3), late(4, 50)], {})
    expect(percentiles).toEqual({ p50: 3, p99: expect.closeTo(48.16), p999: expect.closeTo(49.816) })
    expect(samples).toEqual([sample(3), sample(50)])
  })

  test('of disturbed rounds, and of rounds in which the server did not keep up, do not count', () => {
    const disturbed = sample(9, { latencies: Float32Array.of(9), ...busy(1) })
    const growing = sample(undefined, { latencies: Float32Array.of(900) })
    expect(entry([late(1), disturbed, growing], {}).percentiles).toEqual({ p50: 1, p99: 1, p999: 1 })
    expect(entry([growing], {}).percentiles).toBeUndefined()
    expect(entryOf(1).percentiles).toBeUndefined()
  })
})

describe('a ratio', () => {
  test('is computed round by round', () => {
    expect(ratio(entryOf(1, 4, 9), entryOf(1, 2, 3))).toEqual(estimate([1, 2, 3]))
  })

  test('can be of server CPU', () => {
    const [a, b] = [entry([sample(9, { cpuUs: 4 })], {}), entry([sample(1, { cpuUs: 2 })], {})]
    expect(ratio(a, b, ({ cpuUs }) => cpuUs)?.mean).toBeCloseTo(2)
  })

  test('uses rounds that were disturbed for neither server', () => {
    const [a, b] = [entry([sample(1), sample(8)], {}), entry([sample(1, busy(1)), sample(2)], {})]
    expect(ratio(a, b)).toEqual(estimate([4]))
  })

  test('is undefined when a server failed or was not measured', () => {
    expect(ratio(entryOf(1), undefined)).toBeUndefined()
    expect(ratio(entryOf(1), entry([sample(1)], { failed: 'it has ended' }))).toBeUndefined()
    expect(ratio(entryOf(1), entry([], { leftOut: 'too slow' }))).toBeUndefined()
  })

  test('leaves out rounds in which a server did not keep up', () => {
    expect(ratio(entry([sample(undefined), sample(6)], {}), entryOf(1, 2))).toEqual(estimate([3]))
  })
})

test('a run has failed when one of its entries has', () => {
  expect(hasFailed(results(fanOut))).toBe(false)
  const [line] = fanOut.lines
  const broken = { ...fanOut, lines: [{ ...line!, entries: { revurb: entry([], { failed: 'it has ended' }) } }] }
  expect(hasFailed(results(broken))).toBe(true)
})
