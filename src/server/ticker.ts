/** The periodic work of a server: which part of it runs how often. */
import type { Hub } from '../core/hub.ts'
import type { Executor } from './executor.ts'
import type { IdleConnections } from './idle-connections.ts'
import { Intervals } from './intervals.ts'
import type { Membership } from './membership.ts'
import type { Refusals } from './refusals.ts'

type TickerOptions = {
  readonly hub: Hub
  readonly executor: Executor
  readonly membership: Membership
  readonly refusals: Refusals
  readonly idle: IdleConnections
  readonly nowMs: () => number
  /** An unexpected error, and the part of the work that failed. */
  readonly unexpected: (error: unknown, where: string) => void
}

const tickMs = 1000
/** How often the open descriptors are counted. Where a flood takes all of them in between, Bun busy-loops until the next count. */
const descriptorsMs = 100
/** How often a round over all sockets begins that looks for idle ones. It takes 0.5 ms with 50,000 when none is due: 0.2 % of a core. */
const livenessMs = 250
/** How often a round of cleanup begins, if there is anything to clean up: looking for it takes less than 1 µs. */
const cleanupMs = 20
/** How often deferred work is looked for, and by how much it can be late. Looking takes less than 1 µs where none is deferred. */
const deferredMs = 100

/** Starts the periodic work. The intervals that are returned run until they are ended. */
export function startTicker({ hub, executor, membership, refusals, idle, nowMs, unexpected }: TickerOptions): Intervals {
  const intervals = new Intervals(unexpected)
  intervals.every(tickMs, 'tick', () => {
    executor.apply(hub.tick(nowMs()))
    membership.tick()
    executor.tick()
    refusals.tick(nowMs())
  })
  intervals.turns(livenessMs, 'liveness', () => {
    const { effects, isRoundOver } = hub.checkLiveness(nowMs())
    executor.apply(effects)
    return isRoundOver
  })
  intervals.turns(cleanupMs, 'cleanup', () => {
    const { effects, isDone } = hub.continueCleanup(nowMs())
    executor.apply(effects)
    return isDone
  })
  intervals.every(deferredMs, 'deferred', () => executor.apply(hub.runDeferred(nowMs())))
  intervals.every(descriptorsMs, 'descriptors', () => idle.check())
  return intervals
}
