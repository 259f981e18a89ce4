/** What several scenarios measure. */
import { percentile } from 'revurb-bench/report/statistics.ts'
import type { Measure } from '../report/scenarios.ts'

/** Milliseconds, in no order. */
export type Pings = { readonly pings: Float32Array; readonly faults: readonly string[] }

export const mebibyte = 1024 * 1024

/** A ping waits for as long as the event loop is not free. */
const usual = { p99: 50, max: Number.POSITIVE_INFINITY }

/** @param limits in milliseconds */
export function pingMeasures(without: Pings, during: Pings, limits: Partial<typeof usual> = {}): Measure[] {
  const { p99: maxP99, max: maxMs } = { ...usual, ...limits }
  const max = ({ pings }: Pings) => pings.toSorted().at(-1)!
  const p99 = ({ pings }: Pings) => percentile(pings.toSorted(), 0.99)
  return [
    { text: 'ping p99 without, ms', value: p99(without) },
    { text: 'p99', value: p99(during), limit: maxP99, without: p99(without) },
    { text: 'max', value: max(during), limit: maxMs, without: max(without) },
  ]
}
