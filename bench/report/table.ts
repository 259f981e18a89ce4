/** Results → Markdown. */
import type { Sample } from '../scenarios/scenario.ts'
import { figure, markdownTable, spread } from './format.ts'
import { goalsTable } from './goals.ts'
import { type Entry, isDisturbed, type Line, type Results, ratio, type ScenarioResult, usable } from './results.ts'
import { median } from './statistics.ts'

/** Above this the load had too little of its core left for the figure to be the server's. */
const busyLoad = 0.95

/** @param plot where it is seen from */
export function report(results: Results, plot?: string): string {
  return [
    introduction(results),
    `### Goals\n\n${goalsTable(results)}`,
    ...results.scenarios.map(scenario => section(scenario, plot)),
  ].join('\n\n')
}

function introduction(results: Results): string {
  const { command, mode, date, commit, machine, rounds, seconds, contestants, missing } = results
  const place = machine.ownNetwork ? 'a network namespace of its own' : "the machine's own network"
  const who = contestants.map(({ name, version }) => `${name} ${version}`).join('; ')
  const lines = [
    `\`${command}\`, ${mode} mode, ${date}, commit ${commit}: ${rounds} rounds, ${seconds} s a measurement, in turns.`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Linux ${machine.kernel}; the server on one core, the load on another, in ${place}.`,
    `${who}.`,
    ...missing.map(({ name, reason }) => `Not measured: ${name}, as ${oneLine(reason)}.`),
    'Cells: median · µs of server CPU for each. Ratios: round by round, median (smallest–largest).',
    ...disturbance(results),
  ]
  return lines.join('\n')
}

/** Whoever reads the figures should know that the machine had other work. */
function disturbance({ scenarios }: Results): string[] {
  const samples = samplesOf(scenarios)
  const disturbed = samples.filter(isDisturbed).length
  if (disturbed === 0) return []
  return [
    `**Disturbed:** during ${disturbed} of ${samples.length} measurements other programs had more than a tenth of a core. They do not count, except where a cell has no others.`,
  ]
}

function samplesOf(scenarios: readonly ScenarioResult[]): Sample[] {
  return scenarios.flatMap(({ lines }) =>
    lines.flatMap(({ entries }) => Object.values(entries).flatMap(({ samples }) => samples)),
  )
}

function section(scenario: ScenarioResult, plot: string | undefined): string {
  const parts = [`### ${scenario.title}`, scenario.text]
  if (scenario.leftOut === undefined) parts.push(table(scenario), ...notes(scenario))
  else parts.push(`Not measured: ${scenario.leftOut}.`)
  if (scenario.id === 'latency' && plot !== undefined) parts.push(`![Throughput and latency against load](${plot})`)
  return parts.join('\n\n')
}

function table(scenario: ScenarioResult): string {
  const { lines, contestants, unit } = scenario
  const names = Object.keys(lines[0]!.cell)
  const [first, ...others] = contestants as [ScenarioResult['contestants'][0], ...ScenarioResult['contestants']]
  const head = [
    ...names,
    ...contestants.map(({ name }, i) => (i === 0 ? `${name}, ${unit}` : name)),
    ...others.map(({ name }) => quotient(scenario, first.name, name)),
  ]
  const rows = lines.map(line => [
    ...names.map(name => line.cell[name]!.toLocaleString('en')),
    ...contestants.map(({ id }) => entryText(line.entries[id]!)),
    ...others.map(({ id }) => ratioText(scenario, line, first.id, id)),
  ])
  return markdownTable(head, rows)
}

/** Of two servers over one, and otherwise of ours over the others'. */
function isReversed({ id }: ScenarioResult): boolean {
  return id === 'two-nodes'
}

function quotient(scenario: ScenarioResult, first: string, other: string): string {
  return isReversed(scenario) ? `${other} / ${first}` : `${first} / ${other}`
}

function ratioText(scenario: ScenarioResult, { entries }: Line, first: string, other: string): string {
  const [a, b] = isReversed(scenario) ? [other, first] : [first, other]
  const found = ratio(entries[a], entries[b])
  return found === undefined ? '' : spread(found)
}

function entryText(entry: Entry): string {
  const { summary, failed, leftOut } = entry
  const samples = usable(entry.samples)
  if (failed !== undefined) return `**failed**: ${oneLine(failed)}`
  if (summary === undefined) return leftOut ?? 'cannot keep up'
  const percentiles = medians(samples, ['p50', 'p99', 'p999'])
  if (percentiles.length > 0) return percentiles.map(figure).join(' / ')
  const cpu = samples.flatMap(({ cpuUs }) => (cpuUs === undefined ? [] : [cpuUs]))
  const load = samples.flatMap(({ busy }) => (busy === undefined ? [] : [busy.load]))
  const isLoadBound = load.length > 0 && median(load) > busyLoad
  return `${figure(summary.median)}${cpu.length === 0 ? '' : ` · ${figure(median(cpu))}`}${isLoadBound ? ' †' : ''}`
}

function medians(samples: readonly Sample[], names: readonly string[]): number[] {
  return names.flatMap(name => {
    const values = samples.flatMap(({ details }) => (details?.[name] === undefined ? [] : [details[name]]))
    return values.length === 0 ? [] : [median(values)]
  })
}

function notes(scenario: ScenarioResult): string[] {
  const found: string[] = []
  if (scenario.id === 'latency') found.push('Cells: p50 / p99 / p99.9 in milliseconds; ratios of p99.')
  if (scenario.id === 'idle-memory') found.push(`MB of the empty server: ${emptyServers(scenario)}.`)
  if (table(scenario).includes(' †')) found.push('† The load generator had no time left: the server can do more.')
  return found
}

function emptyServers({ contestants, lines }: ScenarioResult): string {
  return contestants
    .flatMap(({ id, name }) => {
      const [empty] = medians(
        lines.flatMap(({ entries }) => entries[id]!.samples),
        ['emptyMb'],
      )
      return empty === undefined ? [] : [`${name} ${Math.round(empty)}`]
    })
    .join(', ')
}

/** Programs' last words in a cell of a table. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 200)
}
