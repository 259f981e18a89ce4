/** Other nodes that send a snapshot, or have left: what they had and have no longer is deleted in turns. */
import type { Channel } from './channel.ts'
import type { Effect } from './effect.ts'
import { applyEntry, channelOfEntry } from './entries.ts'
import type { Entry } from './entry.ts'
import { unsubscribeCost } from './pending-unsubscribes.ts'
import { Resync } from './resync.ts'
import type { State } from './state.ts'

/** A look at a channel of which nothing is deleted takes about 50 ns, a unit 2 to 5 µs. */
const visitsPerUnit = 32

/** Another node begins to send a snapshot, by `applyEntries`. Deletions that were pending are found again at its end. */
export function beginResync(state: State, nodeId: string): void {
  state.newestSockets.removeNode(nodeId)
  state.resyncs.set(nodeId, new Resync())
}

/** The snapshot is complete: what it does not contain is deleted. This does one turn of it; `continueCleanup` does the others. */
export function endResync(state: State, nodeId: string, nowMs: number, effects: Effect[]): void {
  const resync = state.resyncs.get(nodeId)!
  resync.deletions = deletionsFor(state, nodeId, resync)
  applyDeletions(state, nodeId, resync, nowMs, effects)
}

/** Another node has left, and what it had is deleted. This does one turn of it; `continueCleanup` does the others. */
export function removeNode(state: State, nodeId: string, nowMs: number, effects: Effect[]): void {
  beginResync(state, nodeId)
  endResync(state, nodeId, nowMs, effects)
}

/** Whether nothing that other nodes no longer have is still to be deleted. */
export function areResyncsDone(state: State): boolean {
  for (const { deletions } of state.resyncs.values()) if (deletions !== undefined) return false
  return true
}

/** Does one turn of the deletions of one node. */
export function continueResync(state: State, nowMs: number, effects: Effect[]): void {
  for (const [nodeId, resync] of state.resyncs) {
    if (resync.deletions === undefined) continue
    applyDeletions(state, nodeId, resync, nowMs, effects)
    return
  }
}

function applyDeletions(state: State, nodeId: string, { deletions }: Resync, nowMs: number, effects: Effect[]): void {
  for (let units = state.pendingUnsubscribes.unitsPerTurn; units > 0; ) {
    const { value: entry, done } = deletions!.next()
    if (done === true) {
      state.resyncs.delete(nodeId)
      return
    }
    if (entry !== undefined) applyEntry(state, nodeId, entry, nowMs, effects)
    units -= entry === undefined ? 1 / visitsPerUnit : deletionCost(entry, channelOfEntry(state, entry))
  }
}

function deletionCost({ kind }: Entry, channel: Channel | undefined): number {
  return kind === 'member' && channel !== undefined ? unsubscribeCost(channel) : 1
}

/**
 * The entries by which everything is deleted that is kept of a node and was not in its snapshot. Between them `undefined` stands for each
 * channel that was looked at.
 */
function* deletionsFor(state: State, nodeId: string, resync: Resync): Generator<Entry | undefined> {
  const isDeleted = (entry: Entry, channel?: Channel) => !resync.has(entry, channel)
  for (const [appId, nodes] of state.remoteSocketCounts) {
    const entry: Entry = { kind: 'connections', appId, count: 0 }
    if (nodes.has(nodeId) && isDeleted(entry)) yield entry
  }
  for (const [appId, users] of state.users) {
    for (const userId of users.idsOnNode(nodeId)) {
      const entry: Entry = { kind: 'user', appId, userId, isHere: false }
      if (isDeleted(entry)) yield entry
    }
  }
  for (const isPresence of [true, false]) {
    for (const channel of allChannels(state)) {
      yield undefined
      if (channel.kind.presence === isPresence) yield* deletionsOn(channel, nodeId, isDeleted)
    }
  }
}

function* allChannels(state: State): Generator<Channel> {
  for (const channels of state.channels.values()) yield* channels.values()
}

function* deletionsOn(
  channel: Channel,
  nodeId: string,
  isDeleted: (entry: Entry, channel: Channel) => boolean,
): Generator<Entry> {
  const { appId, name, remoteSubscriberCounts, members } = channel
  for (const key of members.keysOnNode(nodeId)) {
    const entry: Entry = { kind: 'member', appId, channel: name, key, member: undefined }
    if (isDeleted(entry, channel)) yield entry
  }
  const entry: Entry = { kind: 'subscriptions', appId, channel: name, count: 0 }
  if (remoteSubscriberCounts.has(nodeId) && isDeleted(entry, channel)) yield entry
}
