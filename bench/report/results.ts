/** The results of a run, as `results/*.json` stores them. */
import { isFaultless } from '../load/tally.ts'
import type { ModeName, Sample, Scenario, Workload } from '../scenarios/scenario.ts'
import { type Estimate, estimate, median, mergeSorted, percentile } from './statistics.ts'

/** The results of one server under one workload. */
export type Entry = {
  readonly samples: readonly Sample[]
  /** Percentiles of the latencies of all usable rounds together, in milliseconds: one round has too few late events. */
  readonly percentiles?: Percentiles
  /** Why it was not measured, or not in every round. */
  readonly leftOut?: string
  /** The error, or the faults in deliveries. */
  readonly failed?: string
}

type Percentiles = { readonly p50: number; readonly p99: number; readonly p999: number }

export type Line = { readonly workload: Workload; readonly entries: Readonly<Record<string, Entry>> }

export type ScenarioResult = Pick<Scenario, 'id' | 'title' | 'text' | 'unit' | 'better'> & {
  /** The servers in the order of the columns. */
  readonly targets: readonly TargetName[]
  readonly lines: readonly Line[]
  /** Why the scenario was not measured. */
  readonly leftOut?: string
}

export type TargetName = { readonly id: string; readonly name: string }

export type Results = {
  readonly command: string
  readonly mode: ModeName
  readonly date: string
  readonly commit: string
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryGb: number
    readonly kernel: string
    readonly ownNetwork: boolean
    readonly descriptors: number
  }
  readonly rounds: number
  readonly seconds: number
  readonly turns: number
  readonly targets: readonly (TargetName & { readonly version: string })[]
  readonly missing: readonly (TargetName & { readonly reason: string })[]
  readonly scenarios: readonly ScenarioResult[]
}

export function entry(samples: readonly Sample[], { leftOut, failed }: Pick<Entry, 'leftOut' | 'failed'>): Entry {
  const percentiles = percentilesOf(usable(samples))
  const wrong = failed ?? faultsOf(samples)
  return {
    samples: samples.map(({ latencies: _, ...sample }) => sample),
    ...(percentiles && { percentiles }),
    ...(leftOut === undefined ? {} : { leftOut }),
    ...(wrong === undefined ? {} : { failed: wrong }),
  }
}

/** Percentiles of the rounds in which the server kept up. */
function percentilesOf(samples: readonly Sample[]): Percentiles | undefined {
  const rounds = samples.flatMap(({ value, latencies }) => (value === undefined || latencies === undefined ? [] : [latencies]))
  if (rounds.length === 0) return undefined
  const all = mergeSorted(rounds)
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), p999: percentile(all, 0.999) }
}

function faultsOf(samples: readonly Sample[]): string | undefined {
  const bad = samples.find(({ faults }) => !isFaultless(faults))
  if (bad === undefined) return undefined
  const { missing, repeated, skipped } = bad.faults
  return `${missing} frames lost, ${repeated} duplicated or late, ${skipped} gaps`
}

/** When other programs used more than this part of a core, a measurement counts as disturbed. */
const maxOthers = 0.1

export function isDisturbed({ busy }: Sample): boolean {
  return busy !== undefined && busy.others > maxOthers
}

/** The undisturbed samples, or all of them when there are none. */
export function usable(samples: readonly Sample[]): readonly Sample[] {
  const undisturbed = samples.filter(sample => !isDisturbed(sample))
  return undisturbed.length > 0 ? undisturbed : samples
}

/** The usable values of the rounds in which the server kept up. */
function valuesOf({ samples }: Entry): number[] {
  return usable(samples).flatMap(({ value }) => (value === undefined ? [] : [value]))
}

/** What one round typically measures; undefined when the server never kept up. */
export function typical(entry: Entry): number | undefined {
  const values = valuesOf(entry)
  return values.length === 0 ? undefined : median(values)
}

/** The measured figure itself, where it is not compared with that of another server. */
export function absolute(entry: Entry | undefined): Estimate | undefined {
  if (entry === undefined || entry.failed !== undefined) return undefined
  const values = valuesOf(entry)
  return values.length === 0 ? undefined : estimate(values)
}

/** How many times as much the first has as the second, round by round: what disturbs a round disturbs both. */
export function ratio(a: Entry | undefined, b: Entry | undefined, of = plainValue): Estimate | undefined {
  if (a === undefined || b === undefined || a.failed !== undefined || b.failed !== undefined) return undefined
  const rounds = a.samples.slice(0, b.samples.length).map((sample, i) => [sample, b.samples[i]!] as const)
  const undisturbed = rounds.filter(pair => !pair.some(isDisturbed))
  const ratios = (undisturbed.length > 0 ? undisturbed : rounds).map(([x, y]) => (of(x) ?? Number.NaN) / (of(y) ?? Number.NaN))
  const known = ratios.filter(Number.isFinite)
  return known.length === 0 ? undefined : estimate(known)
}

function plainValue({ value }: Sample): number | undefined {
  return value
}

/** The ratios of a line: of the first server to each other one, or of two servers to one. */
export function ratiosOf(
  { id, targets }: ScenarioResult,
  { entries }: Line,
): { readonly name: string; readonly value: Estimate | undefined }[] {
  const [first, ...others] = targets as [TargetName, ...TargetName[]]
  return others.map(other => {
    const [a, b] = id === 'two-nodes' ? [other, first] : [first, other]
    return { name: `${a.name} / ${b.name}`, value: ratio(entries[a.id], entries[b.id]) }
  })
}

/** Whether a server failed, or a frame was lost, duplicated or out of order. */
export function hasFailed({ scenarios }: Results): boolean {
  return scenarios.some(({ lines }) =>
    lines.some(({ entries }) => Object.values(entries).some(({ failed }) => failed !== undefined)),
  )
}
