/** Results of a run, for tests of reports. */
import { noFaults } from '../../load/tally.ts'
import { type Entry, entry, type Results, type ScenarioResult } from '../../report/results.ts'
import type { Sample } from '../../scenarios/scenario.ts'

export function sample(value: number | undefined, others: Partial<Sample> = {}): Sample {
  return { ...(value === undefined ? {} : { value }), faults: noFaults, ...others }
}

export function entryOf(...values: number[]): Entry {
  return entry(
    values.map(value => sample(value)),
    {},
  )
}

export const fanOut: ScenarioResult = {
  id: 'fan-out',
  title: 'Fan-out',
  text: 'One to many.',
  unit: 'deliveries/s',
  better: 'more',
  targets: [
    { id: 'revurb', name: 'Revurb' },
    { id: 'bare', name: 'bare Bun' },
    { id: 'reverb', name: 'Reverb' },
  ],
  lines: [
    {
      workload: { subscribers: 1000, bytes: 100, publishers: 8 },
      entries: {
        revurb: entryOf(1000, 900, 1100),
        bare: entryOf(1000, 1000, 1000),
        reverb: entry([], { leftOut: 'holds no more than 1000 sockets' }),
      },
    },
  ],
}

export function results(...scenarios: ScenarioResult[]): Results {
  return {
    command: 'make bench',
    mode: 'quick',
    date: '2026-01-31',
    commit: 'abc',
    machine: { cpu: 'A Processor', cores: 2, memoryGb: 24, kernel: '6.1', ownNetwork: true, descriptors: 20_000 },
    rounds: 3,
    seconds: 0.5,
    turns: 2,
    targets: [
      { id: 'revurb', name: 'Revurb', version: '1.2.3' },
      { id: 'bare', name: 'bare Bun', version: '1.4.5' },
    ],
    missing: [{ id: 'soketi', name: 'Soketi', reason: 'it has ended:\nno such file' }],
    scenarios,
  }
}
