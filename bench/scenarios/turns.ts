/** What a contestant did in several turns, as one sample. */
import type { Faults } from '../load/tally.ts'
import { merged, percentile } from '../report/statistics.ts'
import type { Sample } from './scenario.ts'

/** @param turns of one length, at least one @param last what else went wrong */
export function together(turns: readonly Sample[], last: Faults): Sample {
  const latencies = turns.flatMap(({ latencies }) => (latencies === undefined ? [] : [latencies]))
  const all = latencies.length === 0 ? undefined : merged(latencies)
  const value = turns.some(({ value }) => value === undefined) ? undefined : valueIn(turns, all)
  const busy = meansOf('busy', turns)
  const details = meansOf('details', turns)
  const countsTime = turns.every(({ cpuUs }) => cpuUs !== undefined)
  return {
    ...(value === undefined ? {} : { value }),
    // Of all turns together: in one of them there may be nothing to divide by.
    ...(countsTime && busy !== undefined && value !== undefined ? { cpuUs: (busy.server! * 1e6) / value } : {}),
    ...(busy && { busy: busy as Required<Sample>['busy'] }),
    ...(all && { latencies: all }),
    ...(details && { details }),
    faults: sum([...turns.map(({ faults }) => faults), last]),
  }
}

function valueIn(turns: readonly Sample[], latencies: Float32Array | undefined): number {
  return latencies === undefined ? mean(turns.map(({ value }) => value!)) : percentile(latencies, 0.99)
}

/** Name by name; undefined where a turn has none. */
function meansOf(field: 'busy' | 'details', turns: readonly Sample[]): Record<string, number> | undefined {
  const known = turns.flatMap(turn => (turn[field] === undefined ? [] : [turn[field] as Readonly<Record<string, number>>]))
  if (known.length < turns.length) return undefined
  return Object.fromEntries(Object.keys(known[0]!).map(name => [name, mean(known.map(values => values[name]!))]))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function sum(faults: readonly Faults[]): Faults {
  const add = (name: keyof Faults) => faults.reduce((sum, each) => sum + each[name], 0)
  return { missing: add('missing'), repeated: add('repeated'), skipped: add('skipped') }
}
