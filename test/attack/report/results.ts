/** What one run has found out. */
import { mergeSorted, percentile } from 'revurb-bench/report/statistics.ts'
import type { Outcome } from '../attacker/outcome.ts'
import type { ProbeReport } from '../probe/probe.ts'
import type { ScenarioResult } from './scenarios.ts'

/** Latencies in milliseconds. */
export type Latency = { readonly p50: number; readonly p99: number; readonly max: number }

/** What the probe has measured in one round, or in the time before and after it. */
export type Measured = { readonly pings: Latency; readonly posts: Latency; readonly lateness: Latency }

export type Round = {
  /** Right before and right after the flood. */
  readonly without: Measured
  readonly with: Measured
  readonly outcome: Outcome
  /** What the members of a presence channel received meanwhile. */
  readonly audienceBytes: number
  /** The largest resident memory of the server. */
  readonly rssBytes: number
  /** What must never happen, in a sentence each. */
  readonly faults: readonly string[]
}

export type FloodResult = {
  readonly id: string
  readonly title: string
  readonly isPresence: boolean
  /** What the server held before the first round. */
  readonly rssBytes: number
  readonly rounds: readonly Round[]
  /** Why there are fewer rounds than were asked for. */
  readonly failed?: string
}

export type PeakResult = { readonly id: string; readonly title: string; readonly faults: readonly string[] }

export type Results = {
  readonly floods: readonly FloodResult[]
  readonly peaks: readonly PeakResult[]
  readonly scenarios: readonly ScenarioResult[]
}

export function measured(reports: readonly Omit<ProbeReport, 'faults'>[]): Measured {
  return {
    pings: latency(reports.map(({ pings }) => pings)),
    posts: latency(reports.map(({ posts }) => posts)),
    lateness: latency(reports.map(({ lateness }) => lateness)),
  }
}

function latency(parts: readonly Float32Array[]): Latency {
  const sorted = mergeSorted(parts)
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: sorted.at(-1)! }
}

/** What the server has sent, for each byte that it received of the flood. */
export function amplification({ outcome, audienceBytes }: Round): number {
  return (outcome.bytesReceived + audienceBytes) / outcome.bytesSent
}
