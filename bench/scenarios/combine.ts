/** Combines the turns of one server in one round into one sample. */
import type { Faults } from '../load/tally.ts'
import { mean, mergeSorted, percentile } from '../report/statistics.ts'
import type { Sample } from './scenario.ts'

/** @param turns at least one, all equally long @param last faults that showed after the last turn */
export function combine(turns: readonly Sample[], last: Faults): Sample {
  const latencies = turns.flatMap(({ latencies }) => (latencies === undefined ? [] : [latencies]))
  const all = latencies.length === 0 ? undefined : mergeSorted(latencies)
  const value = turns.some(({ value }) => value === undefined) ? undefined : combinedValue(turns, all)
  const busy = means(turns.map(({ busy }) => busy))
  const details = means(turns.map(({ details }) => details))
  const hasCpu = turns.every(({ cpuUs }) => cpuUs !== undefined)
  return {
    ...(value === undefined ? {} : { value }),
    // Computed from all turns, because a single turn may have delivered nothing to divide by.
    ...(hasCpu && busy !== undefined && value !== undefined ? { cpuUs: (busy.server * 1e6) / value } : {}),
    ...(busy && { busy }),
    ...(all && { latencies: all }),
    ...(details && { details }),
    faults: sum([...turns.map(({ faults }) => faults), last]),
  }
}

function combinedValue(turns: readonly Sample[], latencies: Float32Array | undefined): number {
  return latencies === undefined ? mean(turns.map(({ value }) => value!)) : percentile(latencies, 0.99)
}

/** The mean of each member; undefined when a part is undefined. */
function means<T extends Readonly<Record<string, number>>>(parts: readonly (T | undefined)[]): T | undefined {
  const known = parts.filter(part => part !== undefined)
  const [first] = known
  if (first === undefined || known.length < parts.length) return undefined
  return Object.fromEntries(Object.keys(first).map(name => [name, mean(known.map(part => part[name]!))])) as T
}

function sum(faults: readonly Faults[]): Faults {
  const add = (name: keyof Faults) => faults.reduce((sum, each) => sum + each[name], 0)
  return { missing: add('missing'), repeated: add('repeated'), skipped: add('skipped') }
}
