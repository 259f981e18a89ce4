import { expect, test } from 'bun:test'
import { entry, type ScenarioResult } from '../../report/results.ts'
import { report } from '../../report/table.ts'
import { entryOf, fanOut, results, sample } from '../support/results.ts'

const lines = (text: string) => text.split('\n')

test('the report names the command, the machine, the versions, and what was not measured', () => {
  const text = report(results(fanOut))
  expect(text).toContain('`make bench`, quick mode, 2026-01-31, commit abc: 3 rounds')
  expect(text).toContain('A Processor, 2 cores')
  expect(text).toContain('Revurb 1.2.3; bare Bun 1.4.5.')
  expect(text).toContain('Not measured: Soketi, as it has ended: no such file.')
})

test('the report of a quick run names what only a full run shows', () => {
  expect(report(results(fanOut))).toContain('A full run shows whether a goal is reached.')
  expect(report({ ...results(fanOut), mode: 'full' })).not.toContain('Quick mode:')
})

test('a table has a line for each workload, with ratios', () => {
  expect(lines(report(results(fanOut)))).toContain(
    '| 1,000 | 100 | 8 | 1,000 | 1,000 | holds no more than 1000 sockets | 1.00 (0.78–1.28) |  |',
  )
})

function withEntry(changed: ReturnType<typeof entry>): ScenarioResult {
  const [line] = fanOut.lines
  return { ...fanOut, lines: [{ ...line!, entries: { ...line!.entries, revurb: changed } }] }
}

test('a table shows the error of a server that failed', () => {
  const text = report(results(withEntry(entry([sample(1)], { failed: 'it has ended:\n| x' }))))
  expect(text).toContain('| **failed**: it has ended: \\| x |')
})

test('figures that the load generator limits are marked', () => {
  const text = report(results(withEntry(entry([sample(1000, { cpuUs: 2, busy: { server: 0.8, load: 0.99, others: 0 } })], {}))))
  expect(text).toContain('| 1,000 · 2.00 † |')
  expect(text).toContain('† The load generator was the bottleneck')
})

test('the report has the number of disturbed measurements', () => {
  const text = report(results(withEntry(entry([sample(1, { busy: { server: 0.5, load: 0.4, others: 0.6 } })], {}))))
  expect(text).toContain('**Disturbed:** during 1 of 4 measurements')
})

test('the table of latencies has percentiles', () => {
  // Of 1,000: half are short, ten are late, and one is very late.
  const latencies = new Float32Array(1000).fill(0.5, 0, 501).fill(1, 501, 989).fill(2, 989, 998).fill(12.3, 998)
  const latency: ScenarioResult = {
    ...fanOut,
    id: 'latency',
    lines: [
      {
        workload: { 'events/s': 320 },
        entries: { revurb: entry([sample(2, { latencies })], {}), bare: entryOf(1), reverb: entryOf(4) },
      },
    ],
  }
  const text = report(results(latency))
  expect(lines(text)).toContain('| 320 | 0.50 / 2.00 / 12.3 | 1.00 | 4.00 | 2.00 | 0.50 |')
})

test('the report gives the reason why a scenario was left out', () => {
  const text = report(results({ ...fanOut, lines: [], leftOut: 'there is no redis-server' }))
  expect(text).toContain('Not measured: there is no redis-server.')
})
