import { describe, expect, test } from 'bun:test'
import { median, percentile, range, summary } from '../../../bench/report/statistics.ts'

test.each([
  [[3], 3],
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
])('the median of %p is %d', (values, expected) => expect(median(values)).toBe(expected))

describe('a summary', () => {
  test('of one value has no spread', () => expect(summary([5])).toEqual({ median: 5 }))

  test('of values that are alike has none to speak of', () => expect(summary([2, 2, 2])).toEqual({ median: 2, factor: 1 }))

  test('has the median, and the factor of three rounds by hand', () => {
    // Logarithms -1, 0 and 1: variance 1, t of two degrees of freedom, the median's part of the variance pi / 7, twice.
    const { median, factor } = summary([Math.E, 1 / Math.E, 1])
    expect([median, Math.log(factor!)]).toEqual([1, expect.closeTo(4.303 * Math.sqrt((2 * Math.PI) / 7))])
  })

  test('has the same factor whatever the unit', () => {
    expect(summary([10, 11, 12]).factor).toBeCloseTo(summary([1000, 1100, 1200]).factor!)
  })

  test('goes up and down by its factor', () => expect(range({ median: 6, factor: 2 })).toEqual({ from: 3, to: 12 }))

  /** Of a generator of one's own, so that every run of the test is the same. */
  function* normal(): Generator<number> {
    let seed = 1
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    for (;;) yield Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  }

  test.each([3, 5, 8, 15])('of %d rounds holds the median of another run 19 times in 20', rounds => {
    const values = normal()
    const run = () => Array.from({ length: rounds }, () => Math.exp(0.1 * values.next().value!))
    const held = Array.from({ length: 4000 }, () => {
      const { from, to } = range(summary(run()))
      const again = summary(run()).median
      return from <= again && again <= to
    })
    expect(held.filter(Boolean).length / held.length).toBeWithin(0.94, 0.965)
  })
})

const hundred = Float32Array.from({ length: 100 }, (_, i) => i + 1)
test.each([
  [0, 1],
  [0.5, 50],
  [0.99, 99],
  [0.999, 100],
  [1, 100],
])('of the numbers up to 100, %d do not exceed %d', (part, expected) => expect(percentile(hundred, part)).toBe(expected))
