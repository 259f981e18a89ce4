/**
 * Ends connections without a request when the process comes near to its limit of open files. At the limit Bun spins, and publishers
 * cannot connect; without this, connections that send nothing would take every descriptor that WebSockets leave.
 */
import { openDescriptors } from './descriptors.ts'
import type { Unfinished } from './unfinished.ts'

export type IdleConnectionsOptions = {
  /** Of file descriptors. */
  readonly limit: number
  readonly nowMs: () => number
  readonly openDescriptors?: () => number
}

/** The listening server, as far as it is needed. */
type Server = Pick<Bun.Server<unknown>, 'closeIdleConnections'> & { readonly port: number | undefined }

/** As many descriptors are kept free: half of what WebSockets leave, or an eighth of a small limit. */
const keptFree = 64
const keptFreeShare = 1 / 8
/** So long a client may send nothing before its request is whole, as long as nearly so many are free; the fewer are left the less. */
const quietMs = { most: 250, least: 50 }
/** A request may take so many times as long, however steadily its bytes come. */
const requestTimes = 4
/** A look may take this part of the time: on an old kernel it has to read a folder with an entry for each descriptor. */
const shareOfTime = 1 / 20

export class IdleConnections {
  private readonly keptFree: number
  private readonly nowMs: () => number
  private readonly openDescriptors: () => number
  private nextAtMs = Number.NEGATIVE_INFINITY
  /** When each connection that is not finished was seen first, by its id. */
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

  /** Ends what it has to. Returns how many. */
  look(): number {
    const startedAtMs = this.nowMs()
    if (startedAtMs < this.nextAtMs) return 0
    const free = this.options.limit - this.openDescriptors()
    const ended = free < this.keptFree ? this.end(free, startedAtMs) : this.forget()
    const endedAtMs = this.nowMs()
    this.nextAtMs = endedAtMs + (endedAtMs - startedAtMs) / shareOfTime
    return ended
  }

  /** Those that wait for their next request may be a proxy's, so they go only where the others are not enough. */
  private end(free: number, nowMs: number): number {
    const patienceMs = Math.max(quietMs.least, (quietMs.most * free) / this.keptFree)
    const ended = this.endUnfinished(patienceMs, nowMs)
    return free + ended >= this.keptFree ? ended : ended + this.server.closeIdleConnections()
  }

  private endUnfinished(patienceMs: number, nowMs: number): number {
    const { unfinished, seen } = this
    if (unfinished === undefined) return 0
    this.seen = new Map()
    let ended = 0
    for (const connection of unfinished.list(this.server.port ?? 0, this.options.limit)) {
      const since = seen.get(connection.id) ?? nowMs
      if (connection.quietMs >= patienceMs || nowMs - since >= requestTimes * patienceMs) {
        unfinished.end(connection)
        ended++
      } else this.seen.set(connection.id, since)
    }
    return ended
  }

  private forget(): 0 {
    this.seen.clear()
    return 0
  }
}
