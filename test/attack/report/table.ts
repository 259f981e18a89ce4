/** Results → Markdown. */
import { figure, markdownTable, withInterval } from 'revurb-bench/report/format.ts'
import { median } from 'revurb-bench/report/statistics.ts'
import { sum } from '../attacker/outcome.ts'
import { faultsOf, judge, ratio } from './goals.ts'
import { amplification, type FloodResult, type Latency, type Measured, type PeakResult, type Results } from './results.ts'
import { scenarioReport } from './scenarios.ts'

export function report({ floods, peaks, scenarios }: Results, isShared = false): string {
  const parts = [
    ...(floods.length === 0 ? [] : [latencies(floods), endings(floods), ...lateness(floods), ...misses(floods)]),
    ...(peaks.length === 0 ? [] : [peakTable(peaks)]),
    ...scenarioReport(scenarios, isShared),
  ]
  return parts.join('\n\n')
}

/** Medians of the rounds. */
function latencies(floods: readonly FloodResult[]): string {
  const head = ['flood', 'ping p50 / p99 without', 'with', 'p99 ratio', 'POST p50 / p99 without', 'with', 'p99 ratio', 'goals']
  const rows = floods.map(flood => [
    flood.title,
    ...columns(flood, ({ pings }) => pings),
    ...columns(flood, ({ posts }) => posts),
    goalsText(flood),
  ])
  return `Milliseconds: medians of the rounds.\n\n${markdownTable(head, rows)}`
}

function columns({ rounds }: FloodResult, of: (measured: Measured) => Latency): string[] {
  if (rounds.length === 0) return ['', '', '']
  const text = (when: 'without' | 'with') =>
    (['p50', 'p99'] as const).map(part => figure(median(rounds.map(round => of(round[when])[part])))).join(' / ')
  return [text('without'), text('with'), figure(median(rounds.map(ratio(of))))]
}

function goalsText(flood: FloodResult): string {
  if (faultsOf(flood).length > 0) return '**missed**'
  const verdicts = judge(flood).map(({ verdict }) => verdict)
  for (const verdict of ['missed', 'probably missed', 'probably held'] as const) {
    if (verdicts.includes(verdict)) return verdict === 'missed' ? '**missed**' : verdict
  }
  return 'held'
}

/** How much was sent, and what the server did about it. */
function endings(floods: readonly FloodResult[]): string {
  const head = ['flood', 'MB in', 'MB out', 'out ÷ in', 'connections', 'ended by', 'answers', 'MB of memory before / at most']
  const rows = floods
    .filter(({ rounds }) => rounds.length > 0)
    .map(({ title, rounds, rssBytes }) => {
      const outcome = sum(rounds.map(({ outcome }) => outcome))
      const received = outcome.bytesReceived + rounds.reduce((sum, { audienceBytes }) => sum + audienceBytes, 0)
      return [
        title,
        megabytes(outcome.bytesSent),
        megabytes(received),
        figure(median(rounds.map(amplification))),
        outcome.connections.toLocaleString('en') +
          (outcome.failedConnections > 0 ? `, ${outcome.failedConnections} refused` : ''),
        counts(outcome.closes),
        counts(outcome.statuses),
        `${megabytes(rssBytes)} / ${megabytes(Math.max(...rounds.map(({ rssBytes }) => rssBytes)))}`,
      ]
    })
  return markdownTable(head, rows)
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${name} × ${count.toLocaleString('en')}`)
    .join(', ')
}

function lateness(floods: readonly FloodResult[]): string[] {
  const rounds = floods.flatMap(({ rounds }) => rounds)
  if (rounds.length === 0) return []
  const text = (when: 'without' | 'with') => {
    const values = rounds.map(round => round[when].lateness)
    return `p99 ${figure(median(values.map(({ p99 }) => p99)))} ms, at most ${figure(Math.max(...values.map(({ max }) => max)))} ms`
  }
  return [
    `The probe itself was late, which is part of the figures: ${text('without')} without a flood, ${text('with')} with one.`,
  ]
}

/** Everything that is not held for certain, with its interval. */
function misses(floods: readonly FloodResult[]): string[] {
  const lines = floods.flatMap(flood => [
    ...faultsOf(flood).map(fault => `- ${flood.title}: ${fault}`),
    ...judge(flood)
      .filter(({ verdict }) => verdict !== 'held')
      .map(
        ({ text, limit, value, values, verdict }) =>
          `- ${flood.title}: ${text}: ${withInterval(value)}, wanted ≤ ${limit}: ${verdict}; rounds: ${values.map(figure).join(', ')}`,
      ),
  ])
  return lines.length === 0 ? [] : [lines.join('\n')]
}

function peakTable(peaks: readonly PeakResult[]): string {
  const rows = peaks.map(({ title, faults }) => [title, faults.length === 0 ? 'untouched' : `**${faults.join('; ')}**`])
  return markdownTable(['legitimate peak', ''], rows)
}

function megabytes(bytes: number): string {
  return figure(bytes / 1_000_000)
}
