import { expect, test } from 'bun:test'
import { besideEarlier } from '../../../bench/report/earlier.ts'
import type { ScenarioResult } from '../../../bench/report/results.ts'
import { entryOf, fanOut, results } from '../support/results.ts'

/** Of ours, with bare Bun's at 10. */
const run = (...ours: number[]): ScenarioResult => ({
  ...fanOut,
  lines: [{ cell: fanOut.lines[0]!.cell, entries: { revurb: entryOf(...ours), bare: entryOf(...ours.map(() => 10)) } }],
})

test('a ratio is borne out when it lies within the spread that it had', () => {
  for (const now of [7, 10, 15]) {
    expect(besideEarlier(results(run(now)), results(run(9, 10, 11)))).toBe(
      '1 of 1 ratios are within the spread that they had on 2026-01-31, commit abc.',
    )
  }
})

test.each([
  [6, '0.60'],
  [16, '1.60'],
])('one that does not is named: %d', (now, text) => {
  const said = besideEarlier(results(run(now)), results(run(9, 10, 11)))
  expect(said).toStartWith('0 of 1 ratios are within')
  expect(said).toContain(
    `| Fan-out · 1,000 subscribers · 100 bytes · 8 publishers · Revurb / bare Bun | 1.00 (0.66–1.51) | ${text} |`,
  )
})

test('what only one of them has is not compared', () => {
  const other = { ...run(1), title: 'Whispers' }
  expect(besideEarlier(results(run(10), other), results(run(9, 10, 11)))).toStartWith('1 of 1 ratios')
  expect(besideEarlier(results(run(10)), results(run(9, 10, 11), other))).toStartWith('1 of 1 ratios')
  expect(besideEarlier(results(run(10)), results())).toStartWith('0 of 0 ratios')
})

test('nothing is compared with one round, which has no spread', () => {
  expect(besideEarlier(results(run(9, 10, 11)), results(run(10)))).toStartWith('0 of 0 ratios')
})
