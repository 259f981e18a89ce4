/** The connections of a running server: it begins to answer them, and stops without losing requests. */
import type { Hub } from '../core/hub.ts'
import { closes } from '../protocol/errors.ts'
import type { Admission } from './admission.ts'
import type { Executor } from './executor.ts'
import type { Intervals } from './intervals.ts'
import type { Membership } from './membership.ts'
import type { Refusals } from './refusals.ts'
import type { SocketData } from './socket-data.ts'

export type Traffic = {
  /** Requests are answered from now on; until then they wait. */
  readonly open: () => void
  /**
   * Publishers and other servers no longer rely on this one: every answer of the API closes its connection, so that the next request
   * opens a new one, and no other server sends its clients here.
   */
  readonly disableKeepAlive: () => void
  /** New connections are no longer accepted; those that are open stay. */
  readonly stopAccepting: () => void
  /** How many sockets are open. */
  readonly openSockets: () => number
  /** Whether another server takes over the clients of this one when it stops. */
  readonly hasSuccessor: () => boolean
  /** Closes so many sockets, the oldest first, with the code on which clients reconnect at once. Returns how many there were. */
  readonly closeOldest: (count: number) => number
  /** Whether requests are not answered yet, or frames wait for a slow client. */
  readonly isBusy: () => boolean
  /** Closes every socket that is still open with the code on which clients reconnect after a second, and ends the server. */
  readonly stop: () => Promise<void>
}

type TrafficOptions = {
  readonly server: Pick<Bun.Server<SocketData>, 'stop' | 'pendingRequests'>
  readonly hub: Hub
  readonly executor: Executor
  readonly membership: Membership
  readonly admission: Admission
  readonly intervals: Intervals
  readonly refusals: Refusals
  readonly nowMs: () => number
}

export function trafficOf({ server, hub, executor, membership, admission, intervals, refusals, nowMs }: TrafficOptions): Traffic {
  return {
    open: () => admission.open(),
    disableKeepAlive() {
      admission.disableKeepAlive()
      membership.announceStop()
    },
    stopAccepting: () => void server.stop(),
    openSockets: () => executor.sockets.size,
    hasSuccessor: () => membership.hasSuccessor,
    closeOldest(count) {
      const socketIds = hub.queries.oldestSockets(count)
      for (const socketId of socketIds) executor.apply(hub.close(socketId, closes.restart, nowMs()))
      return socketIds.length
    },
    isBusy: () => server.pendingRequests > 0 || executor.hasBacklog(),
    async stop() {
      intervals.end()
      await membership.leave(Bun.sleep)
      executor.apply(hub.end(closes.stopped))
      await server.stop(true)
      refusals.end(nowMs())
    },
  }
}
