/** What a run says of an earlier one: whether its ratios are where those were. */
import { markdownTable, spread } from './format.ts'
import { type Results, ratiosOf } from './results.ts'
import { range, type Summary } from './statistics.ts'

/** Every ratio of the tables that both have, where there was a spread; one is borne out when its median now is within its spread then. */
export function besideEarlier(results: Results, earlier: Results): string {
  const before = new Map(allRatios(earlier).map(({ name, value }) => [name, value]))
  const both = allRatios(results).flatMap(({ name, value }) => {
    const then = before.get(name)
    return then?.factor === undefined ? [] : [{ name, then, now: value }]
  })
  const strays = both.filter(({ then, now }) => isOutside(then, now.median))
  const { date, commit } = earlier
  const counted = `${both.length - strays.length} of ${both.length} ratios are within the spread that they had on ${date}, commit ${commit}`
  if (strays.length === 0) return `${counted}.`
  const rows = strays.map(({ name, then, now }) => [name, spread(then), spread(now)])
  return `${counted}; these are not:\n\n${markdownTable(['ratio', 'then', 'now'], rows)}`
}

function isOutside(summary: Summary, value: number): boolean {
  const { from, to } = range(summary)
  return value < from || value > to
}

function allRatios({ scenarios }: Results): { readonly name: string; readonly value: Summary }[] {
  return scenarios.flatMap(scenario =>
    scenario.lines.flatMap(line => {
      const cell = Object.entries(line.cell).map(([name, value]) => `${value.toLocaleString('en')} ${name}`)
      return ratiosOf(scenario, line).flatMap(({ name, value }) =>
        value === undefined ? [] : [{ name: [scenario.title, ...cell, name].join(' · '), value }],
      )
    }),
  )
}
