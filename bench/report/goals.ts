/** What this server is to reach, beside what it has reached. */
import { usualGoalRate } from '../scenarios/latency.ts'
import type { Cell, Sample } from '../scenarios/scenario.ts'
import { markdownTable, spread } from './format.ts'
import { type Entry, type Results, ratio } from './results.ts'
import type { Summary } from './statistics.ts'

type Goal = {
  readonly text: string
  /** What the figure depends on in that run. */
  readonly note?: (results: Results) => string
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
    text: "p99 latency at half of what Reverb can do, to 100 / bare Bun's",
    note: results => `${goalRate(results)} events/s`,
    atMost: 1.2,
    reached: results => compared('latency', { 'events/s': goalRate(results) }, 'revurb', 'bare')(results),
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
      goal.note === undefined ? goal.text : `${goal.text} (${goal.note(results)})`,
      wanted(goal),
      reached === undefined ? 'not measured' : spread(reached),
      reached === undefined ? '' : verdict(goal, reached),
    ]
  })
  return markdownTable(['goal', 'wanted', 'median (spread)', ''], rows)
}

/** The highest rate of the run that Reverb could do twice. */
function goalRate({ scenarios }: Results): number {
  const linesOf = (wanted: string) => scenarios.find(({ id }) => id === wanted)?.lines ?? []
  const to100 = linesOf('fan-out').filter(({ cell }) => cell.subscribers === 100)
  const most = Math.max(0, ...to100.map(({ entries }) => entries.reverb?.summary?.median ?? 0)) / 100
  const rates = linesOf('latency').map(({ cell }) => Number(cell['events/s']))
  return Math.max(0, ...rates.filter(rate => rate <= most / 2)) || usualGoalRate
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
  return summary && { ...summary, median: summary.median / 1000 }
}
