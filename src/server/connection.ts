/**
 * The connection of a server with the other nodes of its cluster: whether they receive its events, and it theirs. One table has every
 * transition.
 */

/** `slow`: events are delivered, more than 3 seconds late. */
export type ConnectionState = 'connected' | 'slow' | 'disconnected'

/** `late`, `fair` and `quick` are how long messages of this server take to come back to it. */
type Change = 'up' | 'down' | 'late' | 'fair' | 'quick'

/** A message that takes longer to come back is slow: other nodes deliver it as late. */
export const slowMs = 3000
/** Once messages come back within this time again, the connection is no longer slow. */
const quickMs = 1000
/** Where a measurement is this late, the server itself was stalled and cannot judge how long its messages took. */
const stalledMs = 2500

const next: Readonly<Record<Change, Readonly<Record<ConnectionState, ConnectionState>>>> = {
  // A connection that is established again may still be slow.
  up: { connected: 'connected', slow: 'slow', disconnected: 'connected' },
  down: { connected: 'disconnected', slow: 'disconnected', disconnected: 'disconnected' },
  late: { connected: 'slow', slow: 'slow', disconnected: 'disconnected' },
  fair: { connected: 'connected', slow: 'slow', disconnected: 'disconnected' },
  quick: { connected: 'connected', slow: 'connected', disconnected: 'disconnected' },
}

export class Connection {
  private current: ConnectionState
  private measuredAtMs: number

  /** @param isConnected whether it counts as established before it is */
  constructor(isConnected: boolean, nowMs: number) {
    this.current = isConnected ? 'connected' : 'disconnected'
    this.measuredAtMs = nowMs
  }

  get state(): ConnectionState {
    return this.current
  }

  up(): void {
    this.change('up')
  }

  down(): void {
    this.change('down')
  }

  /**
   * To be called every second.
   *
   * @param lagMs how long messages of this server take to come back to it
   * @returns whether the connection has become slow, or is no longer slow
   */
  measure(lagMs: number, nowMs: number): boolean {
    const isStalled = nowMs - this.measuredAtMs >= stalledMs
    this.measuredAtMs = nowMs
    if (isStalled) return false
    return this.change(lagMs >= slowMs ? 'late' : lagMs >= quickMs ? 'fair' : 'quick')
  }

  /** Returns whether the state is another one. */
  private change(change: Change): boolean {
    const before = this.current
    this.current = next[change][before]
    return this.current !== before
  }
}
