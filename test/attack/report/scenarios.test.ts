import { expect, test } from 'bun:test'
import { isOnlyLate, isScenarioMissed, type Measure, type ScenarioResult, scenarioReport } from './scenarios.ts'

function result(measures: readonly Measure[], faults: readonly string[] = []): ScenarioResult {
  return { id: 'hung', title: 'hung: SIGSTOP', group: 'Redis is', measures, faults }
}

test('a measure without a limit is never missed', () => {
  expect(isScenarioMissed(result([{ text: 'events', value: 1_000_000 }]), false)).toBe(false)
})

test('a latency on a shared machine is missed when it exceeds both its limit and the latency without the scenario', () => {
  const delay = { text: 'p99', value: 60, limit: 50, without: 20 }
  expect(isScenarioMissed(result([delay]), false)).toBe(true)
  expect(isScenarioMissed(result([delay]), true)).toBe(false)
  expect(isScenarioMissed(result([{ ...delay, value: 101 }]), true)).toBe(true)
})

test('only missed latencies are measured again on a shared machine', () => {
  const delay = { text: 'p99', value: 101, limit: 50, without: 20 }
  const memory = { text: 'MiB', value: 201, limit: 200 }
  expect(isOnlyLate(result([delay]))).toBe(true)
  for (const other of [result([]), result([delay, memory]), result([delay], ['1 event arrived twice'])])
    expect(isOnlyLate(other)).toBe(false)
})

test('memory is missed on a shared machine too', () => {
  expect(isScenarioMissed(result([{ text: 'MiB', value: 201, limit: 200 }]), true)).toBe(true)
})

test('a measure may have another limit on a shared machine', () => {
  const memory = { text: 'MiB', value: 250, limit: 200, sharedLimit: 300 }
  expect([isScenarioMissed(result([memory]), false), isScenarioMissed(result([memory]), true)]).toEqual([true, false])
  const more = result([{ ...memory, value: 301 }])
  expect(isScenarioMissed(more, true)).toBe(true)
  expect(scenarioReport([more], true).at(-1)).toBe('- hung: SIGSTOP: MiB: 301, wanted ≤ 300')
})

test('the table has a row for each scenario of a group, with what it missed', () => {
  const never = { text: 'degraded after, s', value: Number.POSITIVE_INFINITY, limit: 5 }
  const held = result([
    { text: 'events', value: 12_000 },
    { ...never, value: 3.5 },
  ])
  const missed = result([{ text: 'events', value: 9 }, never], ['1 event arrived twice'])
  expect(scenarioReport([held, missed], false).join('\n\n').split('\n')).toEqual([
    '| Redis is | events | degraded after, s | goals |',
    '|---|---|---|---|',
    '| hung: SIGSTOP | 12,000 | 3.50 | held |',
    '| hung: SIGSTOP | 9 | **never** | **missed** |',
    '',
    '- hung: SIGSTOP: 1 event arrived twice',
    '- hung: SIGSTOP: degraded after, s: never, wanted ≤ 5',
  ])
})
