/** Where a run differs from another one, such as the published run or one of another machine. */
import { markdownTable, withInterval } from './format.ts'
import { type Results, ratiosOf } from './results.ts'
import type { Estimate, Interval } from './statistics.ts'

/** Compares every ratio that both runs have with an interval. Two runs differ in a ratio when its intervals do not overlap. */
export function compare(results: Results, other: Results): string {
  const others = new Map(intervals(other).map(({ name, value }) => [name, value]))
  const both = intervals(results).flatMap(({ name, value }) => {
    const otherValue = others.get(name)
    return otherValue === undefined ? [] : [{ name, value, otherValue }]
  })
  const differing = both.filter(({ value, otherValue }) => !overlap(value.interval, otherValue.interval))
  const { date, commit, machine } = other
  const counted = `${differing.length} of ${both.length} ratios differ from the run of ${date}, commit ${commit}, on ${machine.cpu}, ${machine.cores} cores`
  if (differing.length === 0) return `${counted}.`
  const rows = differing.map(({ name, value, otherValue }) => [name, withInterval(otherValue), withInterval(value)])
  return `${counted}: their 95 % intervals do not overlap.\n\n${markdownTable(['ratio', 'that run', 'this run'], rows)}`
}

type Known = Required<Estimate>

function overlap(a: Interval, b: Interval): boolean {
  return a.from <= b.to && b.from <= a.to
}

function intervals({ scenarios }: Results): { readonly name: string; readonly value: Known }[] {
  return scenarios.flatMap(scenario =>
    scenario.lines.flatMap(line => {
      const workload = Object.entries(line.workload).map(([name, value]) => `${value.toLocaleString('en')} ${name}`)
      return ratiosOf(scenario, line).flatMap(({ name, value }) =>
        value?.interval === undefined
          ? []
          : [{ name: [scenario.title, ...workload, name].join(' · '), value: { mean: value.mean, interval: value.interval } }],
      )
    }),
  )
}
