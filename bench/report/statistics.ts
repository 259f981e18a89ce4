/** Statistics of several rounds. */
import { mean, quantileSorted, sampleStandardDeviation } from 'simple-statistics'

export { mean, median } from 'simple-statistics'

/** The geometric mean of the rounds, and its 95 % confidence interval; one round alone has none. */
export type Estimate = { readonly mean: number; readonly interval?: Interval }

export type Interval = { readonly from: number; readonly to: number }

/**
 * Rounds differ by a factor rather than by an amount, so the interval is Student's t interval of their logarithms.
 *
 * @param values of one round each, above 0
 */
export function estimate(values: readonly number[]): Estimate {
  const logs = values.map(Math.log)
  const middle = mean(logs)
  if (values.length < 2) return { mean: Math.exp(middle) }
  const margin = (studentT(values.length - 1) * sampleStandardDeviation(logs)) / Math.sqrt(values.length)
  return { mean: Math.exp(middle), interval: { from: Math.exp(middle - margin), to: Math.exp(middle + margin) } }
}

/**
 * Critical values of Student's t for 95 %, by degrees of freedom. simple-statistics has no quantile of t, and @stdlib, which has
 * one, would add 232 packages for these ten numbers.
 */
const criticalValues = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]

/** Beyond the table an approximation that is within 0.3 % of the exact value. */
function studentT(degreesOfFreedom: number): number {
  return criticalValues[degreesOfFreedom - 1] ?? 1.96 + 2.6 / degreesOfFreedom
}

/** @param sorted ascending @param part such as 0.99 */
export function percentile(sorted: Float32Array, part: number): number {
  return quantileSorted(sorted as unknown as number[], part)
}

/** The values of all parts, ascending. */
export function mergeSorted(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let filled = 0
  for (const part of parts) {
    all.set(part, filled)
    filled += part.length
  }
  return all.sort()
}
