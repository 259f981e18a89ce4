import { expect, test } from 'bun:test'
import { noFaults } from '../../load/tally.ts'
import { percentile } from '../../report/statistics.ts'
import { combine } from '../../scenarios/combine.ts'
import { sample } from '../support/results.ts'

const busy = (others: number) => ({ busy: { server: 1, load: 0.5, others } })

test('the value is the mean of the turns, and CPU time is divided by all that was done', () => {
  const turns = [sample(0, { cpuUs: Number.POSITIVE_INFINITY, ...busy(-0.1) }), sample(400, { cpuUs: 2500, ...busy(0.3) })]
  const both = { server: 1, load: 0.5, others: expect.closeTo(0.1) }
  expect(combine(turns, noFaults)).toEqual(sample(200, { cpuUs: 5000, busy: both }))
})

test('a single turn is not changed', () => {
  const turn = sample(1e6, { cpuUs: 1, ...busy(0), details: { emptyMb: 4 } })
  expect(combine([turn], noFaults)).toEqual(turn)
})

test('latencies of all turns are merged, and the value is their p99', () => {
  const turns = [sample(9, { latencies: Float32Array.of(1, 9) }), sample(3, { latencies: Float32Array.of(2, 3) })]
  const latencies = Float32Array.of(1, 2, 3, 9)
  expect(combine(turns, noFaults)).toEqual({ ...sample(percentile(latencies, 0.99)), latencies })
})

test('a server that did not keep up in one turn has no value', () => {
  expect(combine([sample(1), sample(undefined)], noFaults).value).toBeUndefined()
})

test('faults of all turns and those after the last turn are added up', () => {
  const faults = { missing: 1, repeated: 2, skipped: 3 }
  expect(combine([sample(1, { faults }), sample(1)], faults).faults).toEqual({ missing: 2, repeated: 4, skipped: 6 })
})
