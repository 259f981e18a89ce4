/** Results → Markdown. */
import type { Sample } from '../scenarios/scenario.ts'
import { besideEarlier } from './earlier.ts'
import { figure, markdownTable, spread } from './format.ts'
import { goalsTable } from './goals.ts'
import { type Entry, isDisturbed, type Results, ratiosOf, type ScenarioResult, usable } from './results.ts'
import { median } from './statistics.ts'

/** Above this the load had too little of its core left for the figure to be the server's. */
const busyLoad = 0.95

/**
 * @param earlier run to compare with
 * @param plot where it is seen from
 */
export function report(results: Results, earlier?: Results, plot?: string): string {
  return [
    introduction(results),
    `### Goals\n\n${goalsTable(results)}`,
    ...results.scenarios.map(scenario => section(scenario, plot)),
    ...(earlier === undefined ? [] : [`### Beside the run before\n\n${besideEarlier(results, earlier)}`]),
  ].join('\n\n')
}

function introduction(results: Results): string {
  const { command, mode, date, commit, machine, rounds, seconds, turns, contestants, missing } = results
  const place = machine.ownNetwork ? 'a network namespace of its own' : "the machine's own network"
  const who = contestants.map(({ name, version }) => `${name} ${version}`).join('; ')
  const lines = [
    `\`${command}\`, ${mode} mode, ${date}, commit ${commit}: ${rounds} rounds, fewer where one takes long; ${seconds} s a measurement, in ${turns} turns where all are measured side by side.`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Linux ${machine.kernel}; the server on one core, the load on another, in ${place}.`,
    `${who}.`,
    ...missing.map(({ name, reason }) => `Not measured: ${name}, as ${oneLine(reason)}.`),
    'Cells: median · µs of server CPU for each. Ratios: round by round, median (spread: where the median of another such run is, 19 times in 20, as far as the rounds tell).',
    ...(mode === 'quick'
      ? ['Quick: rounds are few and short, and spreads are wide. Whether a goal is reached, a full run says.']
      : []),
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
  const head = [
    ...names,
    ...contestants.map(({ name }, i) => (i === 0 ? `${name}, ${unit}` : name)),
    ...ratiosOf(scenario, lines[0]!).map(({ name }) => name),
  ]
  const rows = lines.map(line => [
    ...names.map(name => line.cell[name]!.toLocaleString('en')),
    ...contestants.map(({ id }) => entryText(line.entries[id]!)),
    ...ratiosOf(scenario, line).map(({ value }) => (value === undefined ? '' : spread(value))),
  ])
  return markdownTable(head, rows)
}

function entryText(entry: Entry): string {
  const { summary, percentiles, failed, leftOut } = entry
  const samples = usable(entry.samples)
  if (failed !== undefined) return `**failed**: ${oneLine(failed)}`
  if (summary === undefined) return leftOut ?? 'cannot keep up'
  if (percentiles !== undefined) return [percentiles.p50, percentiles.p99, percentiles.p999].map(figure).join(' / ')
  const cpu = samples.flatMap(({ cpuUs }) => (cpuUs === undefined ? [] : [cpuUs]))
  const load = samples.flatMap(({ busy }) => (busy === undefined ? [] : [busy.load]))
  const isLoadBound = load.length > 0 && median(load) > busyLoad
  return `${figure(summary.median)}${cpu.length === 0 ? '' : ` · ${figure(median(cpu))}`}${isLoadBound ? ' †' : ''}`
}

function notes(scenario: ScenarioResult): string[] {
  const found: string[] = []
  if (scenario.id === 'latency')
    found.push('Cells: p50 / p99 / p99.9 in milliseconds, of all rounds together; ratios of that p99.')
  if (scenario.id === 'idle-memory') found.push(`MB of the empty server: ${emptyServers(scenario)}.`)
  if (table(scenario).includes(' †')) found.push('† The load generator had no time left: the server can do more.')
  return found
}

function emptyServers({ contestants, lines }: ScenarioResult): string {
  return contestants
    .flatMap(({ id, name }) => {
      const samples = lines.flatMap(({ entries }) => entries[id]!.samples)
      const values = samples.flatMap(({ details }) => details?.emptyMb ?? [])
      return values.length === 0 ? [] : [`${name} ${Math.round(median(values))}`]
    })
    .join(', ')
}

/** Programs' last words in a cell of a table. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 200)
}
