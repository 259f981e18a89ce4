/** All that a run has found out, as `bench/results/*.json` keeps it. */
import { isFaultless } from '../load/tally.ts'
import type { Cell, ModeName, Sample, Scenario } from '../scenarios/scenario.ts'
import { merged, percentile, type Summary, summary } from './statistics.ts'

/** What became of one contestant in one cell. */
export type Entry = {
  readonly samples: readonly Sample[]
  /** Of the usable values; undefined when no round has one. */
  readonly summary?: Summary
  /** Of the latencies of all usable rounds together, in milliseconds: one round has too few late events to tell by them. */
  readonly percentiles?: Percentiles
  /** Why it was not measured, or not in every round. */
  readonly leftOut?: string
  /** What went wrong. */
  readonly failed?: string
}

type Percentiles = { readonly p50: number; readonly p99: number; readonly p999: number }

export type Line = { readonly cell: Cell; readonly entries: Readonly<Record<string, Entry>> }

export type ScenarioResult = Pick<Scenario, 'id' | 'title' | 'text' | 'unit' | 'better'> & {
  /** Who took part, in order. */
  readonly contestants: readonly Who[]
  readonly lines: readonly Line[]
  /** Why there are no lines. */
  readonly leftOut?: string
}

export type Who = { readonly id: string; readonly name: string }

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
  readonly contestants: readonly (Who & { readonly version: string })[]
  readonly missing: readonly (Who & { readonly reason: string })[]
  readonly scenarios: readonly ScenarioResult[]
}

export function entry(samples: readonly Sample[], { leftOut, failed }: Pick<Entry, 'leftOut' | 'failed'>): Entry {
  const values = valuesOf(usable(samples))
  const percentiles = percentilesOf(usable(samples))
  const wrong = failed ?? faultsOf(samples)
  return {
    samples: samples.map(({ latencies: _, ...sample }) => sample),
    ...(values.length > 0 ? { summary: summary(values) } : {}),
    ...(percentiles && { percentiles }),
    ...(leftOut === undefined ? {} : { leftOut }),
    ...(wrong === undefined ? {} : { failed: wrong }),
  }
}

/** Of the rounds in which it kept up. */
function percentilesOf(samples: readonly Sample[]): Percentiles | undefined {
  const rounds = samples.flatMap(({ value, latencies }) => (value === undefined || latencies === undefined ? [] : [latencies]))
  if (rounds.length === 0) return undefined
  const all = merged(rounds)
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), p999: percentile(all, 0.999) }
}

function faultsOf(samples: readonly Sample[]): string | undefined {
  const bad = samples.find(({ faults }) => !isFaultless(faults))
  if (bad === undefined) return undefined
  const { missing, repeated, skipped } = bad.faults
  return `${missing} frames lost, ${repeated} doubled or late, ${skipped} gaps`
}

/** Above this somebody else had a noticeable part of the two cores. */
const disturbance = 0.1

export function isDisturbed({ busy }: Sample): boolean {
  return busy !== undefined && busy.others > disturbance
}

/** What was measured without others in the way; everything, when others always were. */
export function usable(samples: readonly Sample[]): readonly Sample[] {
  const calm = samples.filter(sample => !isDisturbed(sample))
  return calm.length > 0 ? calm : samples
}

/** Of the rounds in which it kept up. */
function valuesOf(samples: readonly Sample[]): number[] {
  return samples.flatMap(({ value }) => (value === undefined ? [] : [value]))
}

/**
 * How many times as much the first has as the second, round by round: what disturbs a round disturbs both. Of latencies the
 * figure in the middle is that of all rounds together.
 */
export function ratio(a: Entry | undefined, b: Entry | undefined, of = plainValue): Summary | undefined {
  if (a === undefined || b === undefined || a.failed !== undefined || b.failed !== undefined) return undefined
  const rounds = a.samples.slice(0, b.samples.length).map((sample, i) => [sample, b.samples[i]!] as const)
  const calm = rounds.filter(pair => !pair.some(isDisturbed))
  const ratios = (calm.length > 0 ? calm : rounds).map(([x, y]) => (of(x) ?? Number.NaN) / (of(y) ?? Number.NaN))
  const known = ratios.filter(Number.isFinite)
  if (known.length === 0) return undefined
  if (of !== plainValue || a.percentiles === undefined || b.percentiles === undefined) return summary(known)
  return { ...summary(known), median: a.percentiles.p99 / b.percentiles.p99 }
}

function plainValue({ value }: Sample): number | undefined {
  return value
}

/** Those of a line of a table: of the first contestant over the others, or of two servers over one. */
export function ratiosOf(
  { id, contestants }: ScenarioResult,
  { entries }: Line,
): { readonly name: string; readonly value: Summary | undefined }[] {
  const [first, ...others] = contestants as [Who, ...Who[]]
  return others.map(other => {
    const [a, b] = id === 'two-nodes' ? [other, first] : [first, other]
    return { name: `${a.name} / ${b.name}`, value: ratio(entries[a.id], entries[b.id]) }
  })
}

/** Whether anything went wrong that a run must not end well with. */
export function hasFailed({ scenarios }: Results): boolean {
  return scenarios.some(({ lines }) =>
    lines.some(({ entries }) => Object.values(entries).some(({ failed }) => failed !== undefined)),
  )
}
