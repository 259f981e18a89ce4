/** The Markdown report of a run. */
import type { Sample } from '../scenarios/scenario.ts'
import { figure, markdownTable, withInterval } from './format.ts'
import { goalsTable } from './goals.ts'
import { type Entry, isDisturbed, type Results, ratiosOf, type ScenarioResult, typical, usable } from './results.ts'
import { median } from './statistics.ts'

/** When the load generator is busier than this, it is the bottleneck and not the server. */
const busyLoad = 0.95

export function report(results: Results): string {
  return [introduction(results), `### Goals\n\n${goalsTable(results)}`, ...results.scenarios.map(section)].join('\n\n')
}

function introduction(results: Results): string {
  const { command, mode, date, commit, machine, rounds, seconds, turns, targets, missing } = results
  const place = machine.ownNetwork ? 'a network namespace of its own' : "the machine's own network"
  const servers = targets.map(({ name, version }) => `${name} ${version}`).join('; ')
  const lines = [
    `\`${command}\`, ${mode} mode, ${date}, commit ${commit}: ${rounds} rounds, fewer where a round takes long; ${seconds} s per measurement, in ${turns} turns where servers are measured side by side.`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Linux ${machine.kernel}; the servers on one core, the load generator on another, in ${place}.`,
    `${servers}.`,
    ...missing.map(({ name, reason }) => `Not measured: ${name}, as ${oneLine(reason)}.`),
    'Each cell: median of the rounds · µs of server CPU for each delivery, request or connection. Each ratio: geometric mean of the rounds (95 % confidence interval).',
    ...(mode === 'quick'
      ? ['Quick mode: few, short rounds give wide intervals. A full run shows whether a goal is reached.']
      : []),
    ...disturbance(results),
  ]
  return lines.join('\n')
}

function disturbance({ scenarios }: Results): string[] {
  const samples = samplesOf(scenarios)
  const disturbed = samples.filter(isDisturbed).length
  if (disturbed === 0) return []
  return [
    `**Disturbed:** during ${disturbed} of ${samples.length} measurements other programs had more than a tenth of a core. These do not count, unless a cell has no others.`,
  ]
}

function samplesOf(scenarios: readonly ScenarioResult[]): Sample[] {
  return scenarios.flatMap(({ lines }) =>
    lines.flatMap(({ entries }) => Object.values(entries).flatMap(({ samples }) => samples)),
  )
}

function section(scenario: ScenarioResult): string {
  const parts = [`### ${scenario.title}`, scenario.text]
  if (scenario.leftOut === undefined) parts.push(table(scenario), ...notes(scenario))
  else parts.push(`Not measured: ${scenario.leftOut}.`)
  return parts.join('\n\n')
}

function table(scenario: ScenarioResult): string {
  const { lines, targets, unit } = scenario
  const names = Object.keys(lines[0]!.workload)
  const head = [
    ...names,
    ...targets.map(({ name }, i) => (i === 0 ? `${name}, ${unit}` : name)),
    ...ratiosOf(scenario, lines[0]!).map(({ name }) => name),
  ]
  const rows = lines.map(line => [
    ...names.map(name => line.workload[name]!.toLocaleString('en')),
    ...targets.map(({ id }) => entryText(line.entries[id]!)),
    ...ratiosOf(scenario, line).map(({ value }) => (value === undefined ? '' : withInterval(value))),
  ])
  return markdownTable(head, rows)
}

function entryText(entry: Entry): string {
  const { percentiles, failed, leftOut } = entry
  const value = typical(entry)
  const samples = usable(entry.samples)
  if (failed !== undefined) return `**failed**: ${oneLine(failed)}`
  if (value === undefined) return leftOut ?? 'cannot keep up'
  if (percentiles !== undefined) return [percentiles.p50, percentiles.p99, percentiles.p999].map(figure).join(' / ')
  const cpu = samples.flatMap(({ cpuUs }) => (cpuUs === undefined ? [] : [cpuUs]))
  const load = samples.flatMap(({ busy }) => (busy === undefined ? [] : [busy.load]))
  const isLoadBound = load.length > 0 && median(load) > busyLoad
  return `${figure(value)}${cpu.length === 0 ? '' : ` · ${figure(median(cpu))}`}${isLoadBound ? ' †' : ''}`
}

function notes(scenario: ScenarioResult): string[] {
  const found: string[] = []
  if (scenario.id === 'latency')
    found.push('Each cell: p50 / p99 / p99.9 in milliseconds, of all rounds together. Each ratio: of the p99 of each round.')
  if (scenario.id === 'idle-memory') found.push(`MB of the empty server: ${emptyServers(scenario)}.`)
  if (table(scenario).includes(' †')) found.push('† The load generator was the bottleneck: the server can do more.')
  return found
}

function emptyServers({ targets, lines }: ScenarioResult): string {
  return targets
    .flatMap(({ id, name }) => {
      const samples = lines.flatMap(({ entries }) => entries[id]!.samples)
      const values = samples.flatMap(({ details }) => details?.emptyMb ?? [])
      return values.length === 0 ? [] : [`${name} ${Math.round(median(values))}`]
    })
    .join(', ')
}

/** An error message in a cell of a table. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 200)
}
