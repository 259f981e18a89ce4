/** What holds against a flood, and how sure that is. */
import { type Estimate, estimate } from 'revurb-bench/report/statistics.ts'
import { amplification, type FloodResult, type Latency, type Round } from './results.ts'

/** `missed` and `held` are certain as far as the rounds show; otherwise the limit is within the interval. */
export type Verdict = 'held' | 'probably held' | 'probably missed' | 'missed'

export type Judged = {
  readonly kind: Kind
  readonly text: string
  readonly limit: number
  readonly value: Estimate
  /** Round by round. */
  readonly values: readonly number[]
  readonly verdict: Verdict
}

/** `limit`: of a latency in milliseconds; `ratio`: of that latency to the one without the flood. */
type Kind = 'ping limit' | 'ping ratio' | 'POST limit' | 'POST ratio' | 'amplification'

type Goal = { readonly kind: Kind; readonly text: string; readonly limit: number; readonly of: (round: Round) => number }

const maxPingMs = 50
const maxPostMs = 100
const maxAmplification = 10
export const maxRatio = 5

/** Nothing can be judged of a flood that no round was measured of. */
export function judge({ rounds, isPresence }: FloodResult): Judged[] {
  if (rounds.length === 0) return []
  return goals(isPresence).map(({ kind, text, limit, of }) => {
    const values = rounds.map(of)
    const value = estimate(values)
    return { kind, text, limit, value, values, verdict: verdict(value, limit) }
  })
}

/**
 * A goal is missed for certain, or something happened that must never happen. On a machine that other programs share, a latency is
 * over its limit for their sake too, and one without a flood may be over the next: there both its limit and its ratio have to be missed.
 */
export function isMissed(result: FloodResult, isShared: boolean): boolean {
  const missed = new Set(judge(result).flatMap(({ kind, verdict }) => (verdict === 'missed' ? [kind] : [])))
  if (faultsOf(result).length > 0 || missed.has('amplification')) return true
  const latencies = (['ping', 'POST'] as const).map(what => [missed.has(`${what} limit`), missed.has(`${what} ratio`)])
  return latencies.some(missed => (isShared ? missed.every(Boolean) : missed.some(Boolean)))
}

export function faultsOf({ rounds, failed }: FloodResult): string[] {
  return [...new Set([...rounds.flatMap(({ faults }) => faults), ...(failed === undefined ? [] : [failed])])]
}

export function verdict(value: Estimate, limit: number): Verdict {
  const { from, to } = value.interval ?? { from: value.mean, to: value.mean }
  if (to <= limit) return 'held'
  if (from > limit) return 'missed'
  return value.mean <= limit ? 'probably held' : 'probably missed'
}

export function ratio(of: (measured: Round['with']) => Latency): (round: Round) => number {
  return round => of(round.with).p99 / of(round.without).p99
}

function goals(isPresence: boolean): Goal[] {
  return [
    { kind: 'ping limit', text: 'ping p99, ms', limit: maxPingMs, of: round => round.with.pings.p99 },
    { kind: 'POST limit', text: 'POST p99, ms', limit: maxPostMs, of: round => round.with.posts.p99 },
    { kind: 'ping ratio', text: 'ping p99, with ÷ without', limit: maxRatio, of: ratio(({ pings }) => pings) },
    { kind: 'POST ratio', text: 'POST p99, with ÷ without', limit: maxRatio, of: ratio(({ posts }) => posts) },
    ...(isPresence
      ? [{ kind: 'amplification' as const, text: 'bytes out ÷ in', limit: maxAmplification, of: amplification }]
      : []),
  ]
}
