import { expect, test } from 'bun:test'
import { logAxis, plot } from '../../../bench/report/plot.ts'
import { entry, type ScenarioResult } from '../../../bench/report/results.ts'
import { fanOut, results, sample } from '../support/results.ts'

const at = (rate: number, p99: number | undefined): ScenarioResult['lines'][0] => {
  const details = { deliveriesPerSecond: rate * 100 }
  const entryAt = entry([sample(p99, { latencies: Float32Array.of(p99 ?? 900), details })], {})
  return { cell: { 'events/s': rate }, entries: { revurb: entryAt, bare: entryAt, reverb: entryAt } }
}

test('draws a line for each contestant, without latencies of a queue that grows', () => {
  const latency = { ...fanOut, id: 'latency', lines: [at(80, 1), at(320, 2), at(1280, undefined)] }
  const svg = plot(results(latency))!
  expect(svg.match(/<polyline/g)).toHaveLength(6)
  expect(svg.match(/<circle/g)).toHaveLength(3 * 3 + 3 * 2)
  expect(svg).not.toContain('NaN')
  expect(svg).toContain('prefers-color-scheme:dark')
  for (const name of ['Revurb', 'bare Bun', 'Reverb']) expect(svg).toContain(`>${name}</text>`)
})

test('draws nothing of a run without latencies', () => expect(plot(results(fanOut))).toBeUndefined())

test.each([
  [[80, 5120], 50, 10_000],
  [[1, 2], 1, 2],
  [[3, 3], 2, 5],
  [[0.3, 700], 0.2, 1000],
])('an axis for %p goes from %d to %d', (values, from, to) => {
  const axis = logAxis(values)
  expect([axis.from, axis.to]).toEqual([from, to])
  expect(axis.ticks.length).toBeLessThanOrEqual(8)
})
