import { expect, test } from 'bun:test'
import { noFaults } from '../../load/tally.ts'
import { percentile } from '../../report/statistics.ts'
import { together } from '../../scenarios/turns.ts'
import { sample } from '../support/results.ts'

const busy = (others: number) => ({ busy: { server: 1, load: 0.5, others } })

test('turns of one length are a mean, and time is for each of what was done', () => {
  const turns = [sample(0, { cpuUs: Number.POSITIVE_INFINITY, ...busy(-0.1) }), sample(400, { cpuUs: 2500, ...busy(0.3) })]
  const both = { server: 1, load: 0.5, others: expect.closeTo(0.1) }
  expect(together(turns, noFaults)).toEqual(sample(200, { cpuUs: 5000, busy: both }))
})

test('one turn is as it was', () => {
  const turn = sample(1e6, { cpuUs: 1, ...busy(0), details: { emptyMb: 4 } })
  expect(together([turn], noFaults)).toEqual(turn)
})

test('latencies are those of all turns, and their value is the p99 of them', () => {
  const turns = [sample(9, { latencies: Float32Array.of(1, 9) }), sample(3, { latencies: Float32Array.of(2, 3) })]
  const latencies = Float32Array.of(1, 2, 3, 9)
  expect(together(turns, noFaults)).toEqual({ ...sample(percentile(latencies, 0.99)), latencies })
})

test('who did not keep up in one turn did not keep up', () => {
  expect(together([sample(1), sample(undefined)], noFaults).value).toBeUndefined()
})

test('faults of all turns count, and those that show at the end', () => {
  const faults = { missing: 1, repeated: 2, skipped: 3 }
  expect(together([sample(1, { faults }), sample(1)], faults).faults).toEqual({ missing: 2, repeated: 4, skipped: 6 })
})
