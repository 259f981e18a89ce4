/**
 * Closes connections without a request when the process is close to its limit of open files. At the limit Bun busy-loops, and
 * publishers cannot connect; without this, connections that send nothing would take every descriptor that WebSockets leave.
 */
import { openDescriptors } from './descriptors.ts'
import type { Unfinished } from './unfinished.ts'

export type IdleConnectionsOptions = {
  /** How many file descriptors the process may have. */
  readonly limit: number
  readonly nowMs: () => number
  /** Called with the number of connections that were closed, at least one. */
  readonly onClosed: (count: number) => void
  readonly openDescriptors?: () => number
}

type Server = Pick<Bun.Server<unknown>, 'closeIdleConnections'> & { readonly port: number | undefined }

/** How many descriptors are kept free: half of those that WebSockets leave, or an eighth of a small limit. */
const keptFree = 64
const keptFreeShare = 1 / 8
/** Below this multiple of `keptFree`, unsigned answers close their connections. With the most WebSockets that fit, more are still free. */
const answeredTimes = 1.5
/** How long a client may send nothing before its request is complete: `most` at the threshold, and less with each descriptor less. */
const quietMs = { most: 250, least: 50 }
/** A whole request may take this multiple of that time, however steadily its bytes arrive. */
const requestTimes = 4
/** For this long only connections with unfinished requests are closed; after that, those that wait for their next request are, too. */
const withoutIdleMs = 500
/** How long a count is reused. On an old kernel counting takes milliseconds: it may take this share of the time at most. */
const countedMs = 2
const shareOfTime = 1 / 20

export class IdleConnections {
  private readonly keptFree: number
  private readonly nowMs: () => number
  private readonly openDescriptors: () => number
  private free = Number.POSITIVE_INFINITY
  private countAtMs = Number.NEGATIVE_INFINITY
  private fewSinceMs: number | undefined
  /** When each unfinished connection was first seen, by its id. */
  private seen = new Map<number, number>()

  /** @param unfinished undefined where the system cannot list them */
  constructor(
    private readonly server: Server,
    private readonly unfinished: Unfinished | undefined,
    private readonly options: IdleConnectionsOptions,
  ) {
    this.keptFree = Math.min(keptFree, options.limit * keptFreeShare)
    this.nowMs = options.nowMs
    this.openDescriptors = options.openDescriptors ?? openDescriptors
  }

  /**
   * Returns whether the connection of a request without a signature is to be closed with its answer. A proxy reads that in the answer,
   * whereas it may be sending a request on a connection that is closed later.
   */
  closesAfterAnswer(): boolean {
    this.count(this.nowMs())
    if (this.free >= answeredTimes * this.keptFree) return false
    this.options.onClosed(1)
    return true
  }

  /** Called ten times a second. */
  check(): void {
    const nowMs = this.nowMs()
    this.count(nowMs)
    if (this.free < this.keptFree) this.freeDescriptors(nowMs)
    else {
      this.fewSinceMs = undefined
      this.seen.clear()
    }
  }

  private count(nowMs: number): void {
    if (nowMs < this.countAtMs) return
    this.free = this.options.limit - this.openDescriptors()
    const endedAtMs = this.nowMs()
    this.countAtMs = endedAtMs + Math.max(countedMs, (endedAtMs - nowMs) / shareOfTime)
  }

  /** Connections that wait for their next request may belong to a proxy: they are closed only where closing the others is not enough. */
  private freeDescriptors(nowMs: number): void {
    this.fewSinceMs ??= nowMs
    const allowedQuietMs = Math.max(quietMs.least, (quietMs.most * this.free) / this.keptFree)
    let closed = this.shutDownUnfinished(allowedQuietMs, nowMs)
    if (this.free + closed < this.keptFree && nowMs - this.fewSinceMs >= withoutIdleMs)
      closed += this.server.closeIdleConnections()
    if (closed > 0) this.options.onClosed(closed)
  }

  private shutDownUnfinished(allowedQuietMs: number, nowMs: number): number {
    const { unfinished, seen } = this
    if (unfinished === undefined) return 0
    this.seen = new Map()
    let ended = 0
    for (const connection of unfinished.list(this.server.port ?? 0, this.options.limit)) {
      const since = seen.get(connection.id) ?? nowMs
      if (connection.quietMs >= allowedQuietMs || nowMs - since >= requestTimes * allowedQuietMs) {
        unfinished.shutDown(connection)
        ended++
      } else this.seen.set(connection.id, since)
    }
    return ended
  }
}
