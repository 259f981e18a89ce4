/** What a target did in several turns, as one sample. */
import type { Faults } from '../load/tally.ts'
import { mean, mergeSorted, percentile } from '../report/statistics.ts'
import type { Sample } from './scenario.ts'

/** @param turns of one length, at least one @param last what else went wrong */
export function together(turns: readonly Sample[], last: Faults): Sample {
  const latencies = turns.flatMap(({ latencies }) => (latencies === undefined ? [] : [latencies]))
  const all = latencies.length === 0 ? undefined : mergeSorted(latencies)
  const value = turns.some(({ value }) => value === undefined) ? undefined : valueIn(turns, all)
  const busy = means(turns.map(({ busy }) => busy))
  const details = means(turns.map(({ details }) => details))
  const countsTime = turns.every(({ cpuUs }) => cpuUs !== undefined)
  return {
    ...(value === undefined ? {} : { value }),
    // Of all turns together: in one of them there may be nothing to divide by.
    ...(countsTime && busy !== undefined && value !== undefined ? { cpuUs: (busy.server * 1e6) / value } : {}),
    ...(busy && { busy }),
    ...(all && { latencies: all }),
    ...(details && { details }),
    faults: sum([...turns.map(({ faults }) => faults), last]),
  }
}

function valueIn(turns: readonly Sample[], latencies: Float32Array | undefined): number {
  return latencies === undefined ? mean(turns.map(({ value }) => value!)) : percentile(latencies, 0.99)
}

/** Name by name; undefined where one has none. */
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
