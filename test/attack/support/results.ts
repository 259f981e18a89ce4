/** Results as a run would have them. */
import type { FloodResult, Latency, Measured, Round } from '../report/results.ts'

type Changes = {
  readonly pingMs?: number
  readonly postMs?: number
  /** The p99 of pings without the flood. */
  readonly withoutMs?: number
  readonly bytesSent?: number
  readonly audienceBytes?: number
  readonly faults?: readonly string[]
}

/** Without the flood, p99 is 2 ms for pings and 3 ms for POSTs. */
export function round({
  pingMs = 2,
  postMs = 3,
  withoutMs = 2,
  bytesSent = 1000,
  audienceBytes = 0,
  faults = [],
}: Changes = {}): Round {
  const outcome = { bytesSent, bytesReceived: 0, connections: 1, failedConnections: 0, closes: {}, statuses: {} }
  return { without: measured(withoutMs, 3), with: measured(pingMs, postMs), outcome, audienceBytes, rssBytes: 60_000_000, faults }
}

export function floodResult(changes: Partial<FloodResult>): FloodResult {
  return { id: 'text', title: 'text `x`', isPresence: false, rssBytes: 50_000_000, rounds: [], ...changes }
}

function measured(pingMs: number, postMs: number): Measured {
  return { pings: latency(pingMs), posts: latency(postMs), lateness: latency(1) }
}

function latency(p99: number): Latency {
  return { p50: p99 / 2, p99, max: 2 * p99 }
}
