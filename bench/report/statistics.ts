/** What many rounds say together. */

export type Summary = {
  readonly median: number
  /**
   * The median of another run with as many rounds is within this factor of this one, 19 times in 20. Undefined of one round,
   * which says nothing of others.
   */
  readonly factor?: number
}

/** @param values above 0, of one round each */
export function summary(values: readonly number[]): Summary {
  if (values.length < 2) return { median: median(values) }
  return { median: median(values), factor: Math.exp(margin(values.map(Math.log))) }
}

/** From where to where another run's median is to be expected. */
export function range({ median, factor = 1 }: Summary): { readonly from: number; readonly to: number } {
  return { from: median / factor, to: median * factor }
}

/**
 * How far apart the medians of two such samples are at most, 19 times in 20, where values are spread normally: a prediction
 * interval with Student's t. The variance of a median of n is close to that of one value, times pi / (2 n + 1).
 */
function margin(values: readonly number[]): number {
  const n = values.length
  const middle = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (n - 1)
  return studentT(n - 1) * Math.sqrt((2 * variance * Math.PI) / (2 * n + 1))
}

const firstTs = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306]

/** Exceeded on both sides together once in 20 times. */
function studentT(degreesOfFreedom: number): number {
  return firstTs[degreesOfFreedom - 1] ?? 1.96 + 2.6 / degreesOfFreedom
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)]!
}

/** @param sorted in order of size @param part such as 0.99 @returns the smallest value that so many do not exceed */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)]!
}

/** All of them, in order of size. */
export function merged(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let filled = 0
  for (const part of parts) {
    all.set(part, filled)
    filled += part.length
  }
  return all.sort()
}
