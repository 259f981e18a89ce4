import { expect, test } from 'bun:test'
import { compare } from '../../report/comparison.ts'
import type { ScenarioResult } from '../../report/results.ts'
import { entryOf, fanOut, results } from '../support/results.ts'

/** Revurb's figure in each round, where bare Bun's is 10. */
const run = (...ours: number[]): ScenarioResult => ({
  ...fanOut,
  lines: [{ workload: fanOut.lines[0]!.workload, entries: { revurb: entryOf(...ours), bare: entryOf(...ours.map(() => 10)) } }],
})

test('two runs do not differ in a ratio whose intervals overlap', () => {
  expect(compare(results(run(11, 12, 13)), results(run(9, 10, 11)))).toBe(
    '0 of 1 ratios differ from the run of 2026-01-31, commit abc, on A Processor, 2 cores.',
  )
})

test.each([
  [[5, 5.1, 5.2], '0.51 (0.49–0.54)'],
  [[19, 20, 21], '2.00 (1.76–2.26)'],
])('a ratio whose intervals do not overlap is listed with both: %p', (ours, text) => {
  const compared = compare(results(run(...ours)), results(run(9, 10, 11)))
  expect(compared).toStartWith('1 of 1 ratios differ from the run of 2026-01-31')
  expect(compared).toContain(
    `| Fan-out · 1,000 subscribers · 100 bytes · 8 publishers · Revurb / bare Bun | 1.00 (0.78–1.28) | ${text} |`,
  )
})

test('a ratio that only one of the runs has is not compared', () => {
  const other = { ...run(1, 2, 3), title: 'Whispers' }
  expect(compare(results(run(9, 10, 11), other), results(run(9, 10, 11)))).toStartWith('0 of 1 ratios')
  expect(compare(results(run(9, 10, 11)), results(run(9, 10, 11), other))).toStartWith('0 of 1 ratios')
  expect(compare(results(run(9, 10, 11)), results())).toStartWith('0 of 0 ratios')
})

test('one round has no interval to compare', () => {
  expect(compare(results(run(9, 10, 11)), results(run(10)))).toStartWith('0 of 0 ratios')
})
