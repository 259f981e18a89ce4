/** What scenarios have measured, and whether their goals hold. */
import { figure, markdownTable } from 'revurb-bench/report/format.ts'
import { maxRatio } from './goals.ts'

export type Measure = {
  readonly text: string
  readonly value: number
  /** A goal: at most that. */
  readonly limit?: number
  /** The limit on a machine that other programs use too, where that is another one. */
  readonly sharedLimit?: number
  /** The same without what the scenario is about, on the same machine: on a shared one a latency is missed only beside that. */
  readonly without?: number
}

export type ScenarioResult = {
  readonly id: string
  readonly title: string
  readonly group: string
  readonly measures: readonly Measure[]
  /** What must never happen, in a sentence each. */
  readonly faults: readonly string[]
}

export function isScenarioMissed({ measures, faults }: ScenarioResult, isShared: boolean): boolean {
  return faults.length > 0 || measures.some(measure => isMissed(measure, isShared))
}

/** Nothing but latencies is missed, which other programs of a shared machine may have caused. */
export function isOnlyLate({ measures, faults }: ScenarioResult): boolean {
  const missed = measures.filter(measure => isMissed(measure, true))
  return faults.length === 0 && missed.length > 0 && missed.every(({ without }) => without !== undefined)
}

/** A table for each group, and what was missed. */
export function scenarioReport(results: readonly ScenarioResult[], isShared: boolean): string[] {
  return [...Map.groupBy(results, ({ group }) => group)].flatMap(([group, results]) => [
    table(group, results, isShared),
    ...misses(results, isShared),
  ])
}

function table(group: string, results: readonly ScenarioResult[], isShared: boolean): string {
  const measures = results.find(({ measures }) => measures.length > 0)?.measures ?? []
  const rows = results.map(result => [
    result.title,
    ...measures.map((_, i) => cell(result.measures[i], isShared)),
    isScenarioMissed(result, isShared) ? '**missed**' : 'held',
  ])
  return markdownTable([group, ...measures.map(({ text }) => text), 'goals'], rows)
}

function cell(measure: Measure | undefined, isShared: boolean): string {
  if (measure === undefined) return ''
  const text = amount(measure.value)
  return isMissed(measure, isShared) ? `**${text}**` : text
}

/** Counts are whole; what did not happen took for ever. */
function amount(value: number): string {
  if (!Number.isFinite(value)) return 'never'
  return Number.isInteger(value) ? value.toLocaleString('en') : figure(value)
}

function misses(results: readonly ScenarioResult[], isShared: boolean): string[] {
  const lines = results.flatMap(({ title, measures, faults }) => [
    ...faults.map(fault => `- ${title}: ${fault}`),
    ...measures
      .filter(measure => isMissed(measure, isShared))
      .map(measure => `- ${title}: ${measure.text}: ${amount(measure.value)}, wanted ≤ ${limitOf(measure, isShared)}`),
  ])
  return lines.length === 0 ? [] : [lines.join('\n')]
}

function limitOf({ limit, sharedLimit }: Measure, isShared: boolean): number | undefined {
  return isShared ? (sharedLimit ?? limit) : limit
}

function isMissed(measure: Measure, isShared: boolean): boolean {
  const { value, without } = measure
  const limit = limitOf(measure, isShared)
  if (limit === undefined || value <= limit) return false
  return !isShared || without === undefined || value > maxRatio * without
}
