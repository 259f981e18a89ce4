/** All that a run has found out, as `bench/results/*.json` keeps it. */
import { isFaultless } from '../load/tally.ts'
import type { Cell, ModeName, Sample, Scenario } from '../scenarios/scenario.ts'
import { type Summary, summary } from './statistics.ts'

/** What became of one contestant in one cell. */
export type Entry = {
  readonly samples: readonly Sample[]
  /** Of the usable values; undefined when no round has one. */
  readonly summary?: Summary
  /** Why it was not measured, or not in every round. */
  readonly leftOut?: string
  /** What went wrong. */
  readonly failed?: string
}

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
  readonly contestants: readonly (Who & { readonly version: string })[]
  readonly missing: readonly (Who & { readonly reason: string })[]
  readonly scenarios: readonly ScenarioResult[]
}

export function entry(samples: readonly Sample[], { leftOut, failed }: Pick<Entry, 'leftOut' | 'failed'>): Entry {
  const values = valuesOf(usable(samples))
  const wrong = failed ?? faultsOf(samples)
  return {
    samples,
    ...(values.length > 0 ? { summary: summary(values) } : {}),
    ...(leftOut === undefined ? {} : { leftOut }),
    ...(wrong === undefined ? {} : { failed: wrong }),
  }
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
export function valuesOf(samples: readonly Sample[]): number[] {
  return samples.flatMap(({ value }) => (value === undefined ? [] : [value]))
}

/** How many times as much the first has as the second, round by round: what disturbs a round disturbs both. */
export function ratio(a: Entry | undefined, b: Entry | undefined, of = (sample: Sample) => sample.value): Summary | undefined {
  if (a === undefined || b === undefined || a.failed !== undefined || b.failed !== undefined) return undefined
  const rounds = a.samples.slice(0, b.samples.length).map((sample, i) => [sample, b.samples[i]!] as const)
  const calm = rounds.filter(pair => !pair.some(isDisturbed))
  const ratios = (calm.length > 0 ? calm : rounds).map(([x, y]) => (of(x) ?? Number.NaN) / (of(y) ?? Number.NaN))
  const known = ratios.filter(Number.isFinite)
  return known.length === 0 ? undefined : summary(known)
}

/** Whether anything went wrong that a run must not end well with. */
export function hasFailed({ scenarios }: Results): boolean {
  return scenarios.some(({ lines }) =>
    lines.some(({ entries }) => Object.values(entries).some(({ failed }) => failed !== undefined)),
  )
}
