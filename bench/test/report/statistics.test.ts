import { describe, expect, test } from 'bun:test'
import { estimate, mergeSorted, percentile } from '../../report/statistics.ts'

describe('an estimate', () => {
  test('of one round has no interval', () => expect(estimate([5])).toEqual({ mean: expect.closeTo(5) }))

  test('is the geometric mean of the rounds: twice as much and half as much cancel out', () => {
    expect(estimate([2, 0.5]).mean).toBeCloseTo(1)
  })

  test('of equal rounds has an interval without width', () => {
    expect(estimate([2, 2, 2])).toEqual({ mean: expect.closeTo(2), interval: { from: expect.closeTo(2), to: expect.closeTo(2) } })
  })

  test("has Student's t interval of the logarithms", () => {
    // Logarithms -1, 0 and 1: standard deviation 1, two degrees of freedom.
    const { mean, interval } = estimate([Math.E, 1 / Math.E, 1])
    const margin = 4.303 / Math.sqrt(3)
    expect([mean, Math.log(interval!.from), Math.log(interval!.to)]).toEqual([1, -margin, margin].map(x => expect.closeTo(x)))
  })

  test('has the same relative interval whatever the unit', () => {
    const [ms, us] = [estimate([10, 11, 12]), estimate([10_000, 11_000, 12_000])]
    expect(us.interval!.to / us.mean).toBeCloseTo(ms.interval!.to / ms.mean)
  })

  /** Standard normal numbers of a seeded generator, so that every run of the test is the same. */
  function* normal(): Generator<number> {
    let seed = 1
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    for (;;) yield Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  }

  test.each([3, 5, 8, 15])('of %d rounds has the true value within its interval in 95 of 100 runs', rounds => {
    const values = normal()
    const run = () => Array.from({ length: rounds }, () => 7 * Math.exp(0.1 * values.next().value!))
    const covered = Array.from({ length: 4000 }, () => {
      const { from, to } = estimate(run()).interval!
      return from <= 7 && 7 <= to
    })
    expect(covered.filter(Boolean).length / covered.length).toBeWithin(0.94, 0.96)
  })
})

const hundred = Float32Array.from({ length: 100 }, (_, i) => i + 1)

test.each([
  [0, 1],
  [0.5, 50.5],
  [0.99, 99.01],
  [1, 100],
])('the quantile %d of the numbers 1 to 100 is %d', (part, expected) => expect(percentile(hundred, part)).toBeCloseTo(expected))

test('latencies of several rounds are merged in ascending order', () => {
  expect(mergeSorted([Float32Array.of(1, 9), Float32Array.of(2)])).toEqual(Float32Array.of(1, 2, 9))
})
