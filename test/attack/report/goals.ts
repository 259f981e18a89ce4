/** What holds against a flood, and how sure that is. */
import { range, type Summary, summary } from '../../../bench/report/statistics.ts'
import { amplification, type FloodResult, type Latency, type Round } from './results.ts'

/** `missed` and `held` are certain as far as rounds tell; otherwise the limit is within the interval. */
export type Verdict = 'held' | 'probably held' | 'probably missed' | 'missed'

export type Judged = {
  readonly text: string
  readonly limit: number
  readonly value: Summary /** Round by round. */
  readonly values: readonly number[]
  readonly verdict: Verdict
}

type Goal = { readonly text: string; readonly limit: number; readonly of: (round: Round) => number }

export const maxPingMs = 50
export const maxPostMs = 100
export const maxAmplification = 10
export const usualMaxRatio = 5

/** @param maxRatio of a p99 with the flood to that without it */
export function judge({ rounds, isPresence }: FloodResult, maxRatio: number): Judged[] {
  return goals(maxRatio, isPresence).map(({ text, limit, of }) => {
    const values = rounds.map(of)
    const value = summary(values)
    return { text, limit, value, values, verdict: verdict(value, limit) }
  })
}

/** Missed for certain, or something happened that must never happen. */
export function isMissed(result: FloodResult, maxRatio: number): boolean {
  return faultsOf(result).length > 0 || judge(result, maxRatio).some(({ verdict }) => verdict === 'missed')
}

export function faultsOf({ rounds, failed }: FloodResult): string[] {
  return [...new Set([...rounds.flatMap(({ faults }) => faults), ...(failed === undefined ? [] : [failed])])]
}

export function verdict(value: Summary, limit: number): Verdict {
  const { from, to } = range(value)
  if (to <= limit) return 'held'
  if (from > limit) return 'missed'
  return value.median <= limit ? 'probably held' : 'probably missed'
}

export function ratio(of: (measured: Round['with']) => Latency): (round: Round) => number {
  return round => of(round.with).p99 / of(round.without).p99
}

function goals(maxRatio: number, isPresence: boolean): Goal[] {
  return [
    { text: 'ping p99, ms', limit: maxPingMs, of: round => round.with.pings.p99 },
    { text: 'POST p99, ms', limit: maxPostMs, of: round => round.with.posts.p99 },
    { text: 'ping p99, with ÷ without', limit: maxRatio, of: ratio(({ pings }) => pings) },
    { text: 'POST p99, with ÷ without', limit: maxRatio, of: ratio(({ posts }) => posts) },
    ...(isPresence ? [{ text: 'bytes out ÷ in', limit: maxAmplification, of: amplification }] : []),
  ]
}
