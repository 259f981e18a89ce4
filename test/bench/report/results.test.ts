import { describe, expect, test } from 'bun:test'
import { entry, hasFailed, ratio } from '../../../bench/report/results.ts'
import { summary } from '../../../bench/report/statistics.ts'
import { entryOf, fanOut, results, sample } from '../support/results.ts'

const busy = (others: number) => ({ busy: { server: 0.9, load: 0.5, others } })

describe('an entry', () => {
  test('sums up its rounds', () => expect(entryOf(3, 1, 2).summary).toEqual(summary([3, 1, 2])))

  test('fails when a round has lost a frame', () => {
    const faults = { missing: 2, repeated: 0, skipped: 1 }
    expect(entry([sample(1), sample(1, { faults })], {}).failed).toBe('2 frames lost, 0 doubled or late, 1 gaps')
  })

  test('has no summary when it never kept up', () => expect(entry([sample(undefined)], {}).summary).toBeUndefined())

  test('leaves out rounds in which others were in the way', () => {
    expect(entry([sample(1, busy(0.5)), sample(9, busy(0))], {}).summary?.median).toBe(9)
  })

  test('keeps them when there are no others', () => {
    expect(entry([sample(1, busy(0.5)), sample(3, busy(0.5))], {}).summary?.median).toBe(2)
  })
})

describe('latencies', () => {
  const late = (...ms: number[]) => sample(ms.at(-1), { latencies: Float32Array.from(ms) })

  test('of all rounds are put together, and then not kept', () => {
    const { percentiles, samples } = entry([late(1, 2, 3), late(4, 50)], {})
    expect(percentiles).toEqual({ p50: 3, p99: 50, p999: 50 })
    expect(samples).toEqual([sample(3), sample(50)])
  })

  test('of rounds in which others were in the way, or it did not keep up, do not count', () => {
    const disturbed = sample(9, { latencies: Float32Array.of(9), ...busy(1) })
    const growing = sample(undefined, { latencies: Float32Array.of(900) })
    expect(entry([late(1), disturbed, growing], {}).percentiles).toEqual({ p50: 1, p99: 1, p999: 1 })
    expect(entry([growing], {}).percentiles).toBeUndefined()
    expect(entryOf(1).percentiles).toBeUndefined()
  })

  test('have for a ratio that of all rounds together, and the spread of single rounds', () => {
    const [a, b] = [entry([late(2, 2), late(3, 9)], {}), entry([late(1, 1), late(1, 3)], {})]
    expect(ratio(a, b)).toEqual({ ...summary([2, 3]), median: 3 })
  })

  test('say nothing of what else was measured', () => {
    const [a, b] = [entry([{ ...late(9), cpuUs: 4 }], {}), entry([{ ...late(1), cpuUs: 2 }], {})]
    expect(ratio(a, b, ({ cpuUs }) => cpuUs)?.median).toBe(2)
  })
})

describe('a ratio', () => {
  test('is taken round by round', () => {
    expect(ratio(entryOf(1, 4, 9), entryOf(1, 2, 3))).toEqual(summary([1, 2, 3]))
  })

  test('takes rounds in which nobody was in the way of either', () => {
    const [a, b] = [entry([sample(1), sample(8)], {}), entry([sample(1, busy(1)), sample(2)], {})]
    expect(ratio(a, b)?.median).toBe(4)
  })

  test('is none of what failed or was not measured', () => {
    expect(ratio(entryOf(1), undefined)).toBeUndefined()
    expect(ratio(entryOf(1), entry([sample(1)], { failed: 'it has ended' }))).toBeUndefined()
    expect(ratio(entryOf(1), entry([], { leftOut: 'too slow' }))).toBeUndefined()
  })

  test('leaves out rounds in which one did not keep up', () => {
    expect(ratio(entry([sample(undefined), sample(6)], {}), entryOf(1, 2))?.median).toBe(3)
  })
})

test('a run has failed when one entry has', () => {
  expect(hasFailed(results(fanOut))).toBe(false)
  const [line] = fanOut.lines
  const broken = { ...fanOut, lines: [{ ...line!, entries: { revurb: entry([], { failed: 'it has ended' }) } }] }
  expect(hasFailed(results(broken))).toBe(true)
})
