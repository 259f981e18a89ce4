import { expect, test } from 'bun:test'
import { goals, goalsTable } from '../../../bench/report/goals.ts'
import { entry, type ScenarioResult } from '../../../bench/report/results.ts'
import { scenarios } from '../../../bench/scenarios/all.ts'
import { entryOf, fanOut, results, sample } from '../support/results.ts'

const rowOf = (scenario: ScenarioResult, text: string) =>
  goalsTable(results(scenario))
    .split('\n')
    .find(row => row.includes(text))

function memory(bytes: number): ScenarioResult {
  return { ...fanOut, id: 'idle-memory', lines: [{ cell: { clients: 10_000 }, entries: { revurb: entryOf(bytes) } }] }
}

test('says what is reached and what is missed', () => {
  expect(rowOf(fanOut, "by 8: deliveries / bare Bun's")).toContain('| ≥ 0.95 | 1.00 (0.66–1.51) | reached |')
  expect(rowOf(memory(3600), 'KB of memory')).toContain('| ≤ 3.5 | 3.60 | **missed** |')
  expect(rowOf(memory(3400), 'KB of memory')).toContain('| reached |')
})

test('says what was not measured', () => expect(rowOf(fanOut, 'whispers')).toContain('| not measured |  |'))

test('compares latencies at half of what Reverb could do in that run', () => {
  const entries = { revurb: entryOf(2), bare: entryOf(1) }
  const latency = { ...fanOut, id: 'latency', lines: [320, 640, 1280].map(rate => ({ cell: { 'events/s': rate }, entries })) }
  const reverb = { ...fanOut, lines: [{ cell: { subscribers: 100 }, entries: { reverb: entryOf(150_000) } }] }
  expect(goalsTable(results(reverb, latency))).toContain('(640 events/s) | ≤ 1.2 | 2.00 | **missed** |')
  expect(goalsTable(results(latency))).toContain('(320 events/s) |')
})

/** Every contestant in every cell of that mode, so that a goal without a figure is one that looks for a cell that does not exist. */
test.each(['quick', 'full'] as const)('every goal has its cell in a %s run', mode => {
  const all = scenarios.map<ScenarioResult>(({ id, title, text, unit, better, contestants, stages }) => {
    const who = contestants ?? [{ id: 'revurb' }, { id: 'bare' }, { id: 'soketi' }]
    const entries = Object.fromEntries(who.map(({ id }) => [id, entry([sample(1, { cpuUs: 1 })], {})]))
    return {
      id,
      title,
      text,
      unit,
      better,
      contestants: [],
      lines: stages(mode).flatMap(({ cells }) => cells.map(cell => ({ cell, entries }))),
    }
  })
  expect(goals.filter(({ reached }) => reached(results(...all)) === undefined).map(({ text }) => text)).toEqual([])
})
