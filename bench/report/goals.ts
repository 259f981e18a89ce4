/** What this server is to reach, beside what it has reached. */
import { goalRate } from '../scenarios/latency.ts'
import type { Cell, Sample } from '../scenarios/scenario.ts'
import { markdownTable, spread } from './format.ts'
import { type Entry, type Results, ratio } from './results.ts'
import type { Summary } from './statistics.ts'

type Goal = {
  readonly text: string
  readonly atLeast?: number
  readonly atMost?: number
  readonly reached: (results: Results) => Summary | undefined
}

const at1000 = (publishers: number): Cell => ({ subscribers: 1000, bytes: 100, publishers })

const fanOutGoals = [1, 8, 64].map<Goal>(publishers => ({
  text: `fan-out to 1,000 by ${publishers}: deliveries / bare Bun's`,
  atLeast: 0.95,
  reached: compared('fan-out', at1000(publishers), 'revurb', 'bare'),
}))

const cpuGoals = [1, 8, 64].map<Goal>(publishers => ({
  text: `fan-out to 1,000 by ${publishers}: CPU per delivery / bare Bun's`,
  atMost: 1.1,
  reached: compared('fan-out', at1000(publishers), 'revurb', 'bare', ({ cpuUs }) => cpuUs),
}))

const soketiGoals = (
  [
    [8, 12],
    [64, 28],
  ] as const
).map<Goal>(([publishers, atLeast]) => ({
  text: `fan-out to 1,000 by ${publishers}: deliveries / Soketi's`,
  atLeast,
  reached: compared('fan-out', at1000(publishers), 'revurb', 'soketi'),
}))

export const goals: readonly Goal[] = [
  ...fanOutGoals,
  ...cpuGoals,
  ...soketiGoals,
  { text: "signed POSTs / bare Bun's", atLeast: 0.95, reached: compared('posts', {}, 'revurb', 'bare') },
  { text: "whispers / bare Bun's", atLeast: 0.9, reached: compared('whispers', {}, 'revurb', 'bare') },
  {
    text: 'KB of memory for each of 10,000 idle connections',
    atMost: 3.5,
    reached: results => inThousands(entryOf(results, 'idle-memory', { clients: 10_000 }, 'revurb')?.summary),
  },
  {
    text: `p99 latency at ${goalRate} events/s to 100 (half of what Reverb can do) / bare Bun's`,
    atMost: 1.2,
    reached: compared('latency', { 'events/s': goalRate }, 'revurb', 'bare'),
  },
  {
    text: 'fan-out to 1,000 by 64: two servers over Redis / one',
    atLeast: 1.7,
    reached: compared('two-nodes', at1000(64), 'nodes-2', 'nodes-1'),
  },
]

export function goalsTable(results: Results): string {
  const rows = goals.map(goal => {
    const reached = goal.reached(results)
    return [
      goal.text,
      wanted(goal),
      reached === undefined ? 'not measured' : spread(reached),
      reached === undefined ? '' : verdict(goal, reached),
    ]
  })
  return markdownTable(['goal', 'wanted', 'median (spread)', ''], rows)
}

function wanted({ atLeast, atMost }: Goal): string {
  return atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`
}

function verdict({ atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }: Goal, { median }: Summary): string {
  return median >= atLeast && median <= atMost ? 'reached' : '**missed**'
}

function compared(
  scenario: string,
  cell: Cell,
  ours: string,
  theirs: string,
  of?: (sample: Sample) => number | undefined,
): Goal['reached'] {
  return results => ratio(entryOf(results, scenario, cell, ours), entryOf(results, scenario, cell, theirs), of)
}

/** In the first line that agrees with the cell. */
function entryOf({ scenarios }: Results, scenario: string, wanted: Cell, contestant: string): Entry | undefined {
  const lines = scenarios.find(({ id }) => id === scenario)?.lines ?? []
  return lines.find(({ cell }) => Object.entries(wanted).every(([name, value]) => cell[name] === value))?.entries[contestant]
}

function inThousands(summary: Summary | undefined): Summary | undefined {
  return summary && { median: summary.median / 1000, min: summary.min / 1000, max: summary.max / 1000 }
}
