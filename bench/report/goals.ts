/** The goals of this server, each judged by the confidence interval of what was measured. */
import { usualGoalRate } from '../scenarios/latency.ts'
import type { Sample, Workload } from '../scenarios/scenario.ts'
import { markdownTable, withInterval } from './format.ts'
import { absolute, type Entry, type Results, ratio, typical } from './results.ts'
import type { Estimate } from './statistics.ts'

type Bound = { readonly atLeast?: number; readonly atMost?: number }

type Goal = Bound & {
  readonly text: string
  /** What the figure depends on in this run. */
  readonly note?: (results: Results) => string
  readonly measured: (results: Results) => Estimate | undefined
}

const counted = (publishers: number) => `${publishers} publisher${publishers === 1 ? '' : 's'}`
const at1000 = (publishers: number): Workload => ({ subscribers: 1000, bytes: 100, publishers })

const fanOutGoals = [1, 8, 64].map<Goal>(publishers => ({
  text: `deliveries to 1,000 subscribers, ${counted(publishers)} / bare Bun`,
  atLeast: 0.95,
  measured: compared('fan-out', at1000(publishers), 'revurb', 'bare'),
}))

const cpuGoals = [1, 8, 64].map<Goal>(publishers => ({
  text: `CPU per delivery to 1,000 subscribers, ${counted(publishers)} / bare Bun`,
  atMost: 1.1,
  measured: compared('fan-out', at1000(publishers), 'revurb', 'bare', ({ cpuUs }) => cpuUs),
}))

const soketiGoals = (
  [
    [8, 12],
    [64, 28],
  ] as const
).map<Goal>(([publishers, atLeast]) => ({
  text: `deliveries to 1,000 subscribers, ${counted(publishers)} / Soketi`,
  atLeast,
  measured: compared('fan-out', at1000(publishers), 'revurb', 'soketi'),
}))

export const goals: readonly Goal[] = [
  ...fanOutGoals,
  ...cpuGoals,
  ...soketiGoals,
  { text: 'signed POSTs / bare Bun', atLeast: 0.95, measured: compared('posts', {}, 'revurb', 'bare') },
  { text: 'whispers / bare Bun', atLeast: 0.9, measured: compared('whispers', {}, 'revurb', 'bare') },
  {
    text: 'KB of memory per connection, 10,000 idle connections',
    atMost: 3.5,
    measured: results => inThousands(absolute(entryOf(results, 'idle-memory', { clients: 10_000 }, 'revurb'))),
  },
  {
    text: 'p99 latency to 100 subscribers at half of the highest rate of Reverb / bare Bun',
    note: results => `${goalRate(results)} events/s`,
    atMost: 1.2,
    measured: results => compared('latency', { 'events/s': goalRate(results) }, 'revurb', 'bare')(results),
  },
  {
    text: 'deliveries to 1,000 subscribers, 64 publishers: two servers over Redis / one',
    atLeast: 1.7,
    measured: compared('two-nodes', at1000(64), 'nodes-2', 'nodes-1'),
  },
]

export function goalsTable(results: Results): string {
  const rows = goals.map(goal => {
    const measured = goal.measured(results)
    return [
      goal.note === undefined ? goal.text : `${goal.text} (${goal.note(results)})`,
      bound(goal),
      measured === undefined ? 'not measured' : withInterval(measured),
      measured === undefined ? '' : shown[verdict(goal, measured)],
    ]
  })
  return markdownTable(['goal', 'bound', 'mean (95 % interval)', 'verdict'], rows)
}

/** The highest measured rate that is at most half of what Reverb sustained in the same run. */
function goalRate({ scenarios }: Results): number {
  const linesOf = (parameters: string) => scenarios.find(({ id }) => id === parameters)?.lines ?? []
  const to100 = linesOf('fan-out').filter(({ workload }) => workload.subscribers === 100)
  const most = Math.max(0, ...to100.map(({ entries }) => (entries.reverb && typical(entries.reverb)) ?? 0)) / 100
  const rates = linesOf('latency').map(({ workload }) => Number(workload['events/s']))
  return Math.max(0, ...rates.filter(rate => rate <= most / 2)) || usualGoalRate
}

function bound({ atLeast, atMost }: Bound): string {
  return atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`
}

type Verdict = 'reached' | 'not shown' | 'missed'

const shown: Record<Verdict, string> = { reached: 'reached', 'not shown': 'not shown', missed: '**missed**' }

/** Reached or missed only where the whole interval is; one round, which has no interval, shows nothing. */
export function verdict({ atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Bound, { interval }: Estimate): Verdict {
  if (interval === undefined) return 'not shown'
  if (interval.from >= atLeast && interval.to <= atMost) return 'reached'
  return interval.to < atLeast || interval.from > atMost ? 'missed' : 'not shown'
}

function compared(
  scenario: string,
  workload: Workload,
  ours: string,
  theirs: string,
  of?: (sample: Sample) => number | undefined,
): Goal['measured'] {
  return results => ratio(entryOf(results, scenario, workload, ours), entryOf(results, scenario, workload, theirs), of)
}

/** The entry of the first line with these parameters. */
function entryOf({ scenarios }: Results, scenario: string, parameters: Workload, target: string): Entry | undefined {
  const lines = scenarios.find(({ id }) => id === scenario)?.lines ?? []
  return lines.find(({ workload }) => Object.entries(parameters).every(([name, value]) => workload[name] === value))?.entries[
    target
  ]
}

function inThousands(estimate: Estimate | undefined): Estimate | undefined {
  if (estimate === undefined) return undefined
  const { mean, interval } = estimate
  return { mean: mean / 1000, ...(interval && { interval: { from: interval.from / 1000, to: interval.to / 1000 } }) }
}
