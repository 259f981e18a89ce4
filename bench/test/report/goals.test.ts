import { describe, expect, test } from 'bun:test'
import { goals, goalsTable, verdict } from '../../report/goals.ts'
import { entry, type ScenarioResult } from '../../report/results.ts'
import { scenarios } from '../../scenarios/all.ts'
import { entryOf, fanOut, results, sample } from '../support/results.ts'

const rowOf = (scenario: ScenarioResult, text: string) =>
  goalsTable(results(scenario))
    .split('\n')
    .find(row => row.includes(text))

function memory(...bytes: number[]): ScenarioResult {
  return { ...fanOut, id: 'idle-memory', lines: [{ workload: { clients: 10_000 }, entries: { revurb: entryOf(...bytes) } }] }
}

describe('a goal of at least 0.95', () => {
  const judged = (from: number, to: number) => verdict({ atLeast: 0.95 }, { mean: 1, interval: { from, to } })

  test('is reached when the whole interval reaches it', () => expect(judged(0.95, 1.1)).toBe('reached'))
  test('is not shown when the interval contains it', () => expect(judged(0.94, 1.1)).toBe('not shown'))
  test('is not shown when the mean misses it but the interval contains it', () => expect(judged(0.8, 0.96)).toBe('not shown'))
  test('is missed when the whole interval misses it', () => expect(judged(0.8, 0.94)).toBe('missed'))
})

describe('a goal of at most 1.1', () => {
  const judged = (from: number, to: number) => verdict({ atMost: 1.1 }, { mean: 1, interval: { from, to } })

  test('is reached when the whole interval reaches it', () => expect(judged(1, 1.1)).toBe('reached'))
  test('is not shown when the interval contains it', () => expect(judged(1, 1.2)).toBe('not shown'))
  test('is missed when the whole interval misses it', () => expect(judged(1.11, 1.2)).toBe('missed'))
})

test('a goal is not shown by one round, which has no interval', () => {
  expect(verdict({ atLeast: 0.95 }, { mean: 2 })).toBe('not shown')
  expect(rowOf(memory(3400), 'KB of memory')).toContain('| ≤ 3.5 | 3.40 | not shown |')
})

test('the table has the verdict on each goal', () => {
  expect(rowOf(fanOut, 'subscribers, 8 publishers / bare Bun')).toContain('| ≥ 0.95 | 1.00 (0.78–1.28) | not shown |')
  expect(rowOf(memory(3400, 3410, 3390), 'KB of memory')).toContain('| ≤ 3.5 | 3.40 (3.38–3.42) | reached |')
  expect(rowOf(memory(3600, 3610, 3590), 'KB of memory')).toContain('| ≤ 3.5 | 3.60 (3.58–3.62) | **missed** |')
})

test('the table names a goal that was not measured', () => expect(rowOf(fanOut, 'whispers')).toContain('| not measured |  |'))

test('latencies are compared at half of the rate that Reverb sustained in the run', () => {
  const entries = { revurb: entryOf(2), bare: entryOf(1) }
  const latency = { ...fanOut, id: 'latency', lines: [320, 640, 1280].map(rate => ({ workload: { 'events/s': rate }, entries })) }
  const reverb = { ...fanOut, lines: [{ workload: { subscribers: 100 }, entries: { reverb: entryOf(150_000) } }] }
  expect(goalsTable(results(reverb, latency))).toContain('(640 events/s) | ≤ 1.2 | 2.00 | not shown |')
  expect(goalsTable(results(latency))).toContain('(320 events/s) |')
})

/** The results have every server under every workload of that mode, so a goal that is not measured names a workload that does not exist. */
test.each(['quick', 'full'] as const)('every goal is measured by a workload of a %s run', mode => {
  const all = scenarios.map<ScenarioResult>(({ id, title, text, unit, better, targets, stages }) => {
    const who = targets ?? [{ id: 'revurb' }, { id: 'bare' }, { id: 'soketi' }]
    const entries = Object.fromEntries(who.map(({ id }) => [id, entry([sample(1, { cpuUs: 1 })], {})]))
    return {
      id,
      title,
      text,
      unit,
      better,
      targets: [],
      lines: stages(mode).flatMap(({ workloads }) => workloads.map(workload => ({ workload, entries }))),
    }
  })
  expect(goals.filter(({ measured }) => measured(results(...all)) === undefined).map(({ text }) => text)).toEqual([])
})
