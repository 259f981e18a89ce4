/**
 * `max_connections` over the cluster. A node refuses a client when it knows of as many sockets as the app may have. Nodes that accept
 * clients before they have heard of each other exceed that together. Then the newest sockets are closed, by two rules:
 *
 * - All nodes order the sockets of an app alike: by the millisecond in which they were opened, then the id of their node, then the order in
 *   which that node has accepted them.
 * - A node closes those of its own of which it knows as many older ones in the cluster as the app may have.
 *
 * Where the quota is lowered, those that are connected stay, as on a single server: each socket is judged by the highest quota since its node
 * has accepted it. So nodes may read the new quota at different times, or start with it.
 *
 * Each node decides by itself on what it knows, and needs no answer: to know less closes fewer. An older socket counts although another
 * node is about to close it, since then there are as many that are older still. Clocks that differ decide which sockets count as the newest,
 * and not how many are closed. Both are so for sockets with the same quota. Where quotas differ, as many are left as the lowest one at least.
 */
import { closes } from '../protocol/errors.ts'
import { closeWithError } from './closing.ts'
import type { Effect } from './effect.ts'
import { refusalOf } from './error-effects.ts'
import type { Socket } from './socket.ts'
import { replicate, type State, socketCount } from './state.ts'

/**
 * How many sockets of an app one node closes, or names to the others, in a second. They are 14 KB in a message, and take 50 ms to close if
 * each is on five channels. While more are to be closed, at least as many of the cluster's newest are in each second.
 */
const maxSockets = 1000

/** Called once a second: closes the sockets of this node that are over a quota, and sends the other nodes when its newest were opened. */
export function enforceQuotas(state: State, nowMs: number, effects: Effect[]): void {
  const excess = excessOfApps(state)
  state.newestSockets.keepOnly(excess)
  for (const [appId, newest] of ownNewest(state, excess)) {
    const closed = closeExcess(state, appId, newest, nowMs, effects)
    const rest = newest.slice(closed)
    const count = state.localSocketCounts.get(appId)!
    if (excess.get(appId)! > closed && rest.length > 0)
      replicate(state, { kind: 'connections', appId, count, newest: rest.map(openedInMs) }, effects)
  }
}

/** How many sockets the cluster has beyond the quota of each app, as far as this node knows; only of apps of which it has sockets itself. */
function excessOfApps(state: State): Map<string, number> {
  const excess = new Map<string, number>()
  if (!state.isClustered || state.isHandOver) return excess
  for (const [appId, count] of state.localSocketCounts) {
    // The sockets of an app that is removed are closed with it.
    const over = count === 0 ? 0 : socketCount(state, appId) - state.apps.byId.get(appId)!.maxConnections
    if (over > 0) excess.set(appId, over)
  }
  return excess
}

/** The newest sockets of this node of each of these apps, the newest first: as many as there are too many. With 50,000 sockets 1 ms. */
function ownNewest(state: State, excess: ReadonlyMap<string, number>): Map<string, Socket[]> {
  const newest = new Map<string, Socket[]>()
  if (excess.size === 0) return newest
  const older = new Map<string, number>()
  for (const [appId, over] of excess) {
    newest.set(appId, [])
    older.set(appId, state.localSocketCounts.get(appId)! - Math.min(over, maxSockets))
  }
  // The map has them in the order in which they were opened.
  for (const socket of state.sockets.values()) {
    const left = older.get(socket.app.id)
    if (left === undefined) continue
    if (left > 0) older.set(socket.app.id, left - 1)
    else newest.get(socket.app.id)!.push(socket)
  }
  for (const sockets of newest.values()) sockets.reverse()
  return newest
}

/**
 * Returns how many were closed, which are the first ones of the list: the older a socket is, the fewer are older, and the higher may its
 * quota have been.
 */
function closeExcess(state: State, appId: string, newest: readonly Socket[], nowMs: number, effects: Effect[]): number {
  const olderOnOthers = state.newestSockets.olderOnOthers(appId, state.nodeId)
  let closed = 0
  let olderHere = state.localSocketCounts.get(appId)! - 1
  for (const socket of newest) {
    if (olderHere + olderOnOthers(openedInMs(socket)) < socket.quota) break
    effects.push(refusalOf(socket, 'max-connections'))
    closeWithError(state, socket, closes.overQuota, nowMs, effects)
    closed++
    olderHere--
  }
  return closed
}

function openedInMs({ openedAtMs }: Socket): number {
  return Math.floor(openedAtMs)
}
