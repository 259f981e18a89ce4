import { expect, test } from 'bun:test'
import { median, percentile, summary } from '../../../bench/report/statistics.ts'

test.each([
  [[3], 3],
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
])('the median of %p is %d', (values, expected) => expect(median(values)).toBe(expected))

test('a summary has the median and both ends', () => expect(summary([5, 1, 2])).toEqual({ median: 2, min: 1, max: 5 }))

const hundred = Float32Array.from({ length: 100 }, (_, i) => i + 1)
test.each([
  [0, 1],
  [0.5, 50],
  [0.99, 99],
  [0.999, 100],
  [1, 100],
])('of the numbers up to 100, %d do not exceed %d', (part, expected) => expect(percentile(hundred, part)).toBe(expected))
