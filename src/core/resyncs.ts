/** Other nodes that send everything anew, or are gone: what they had and have no longer ends in turns. */
import type { Channel } from './channel.ts'
import { leaveCost } from './departures.ts'
import type { Effect } from './effect.ts'
import type { Entry } from './entry.ts'
import { channelOf, take } from './replica.ts'
import { Resync } from './resync.ts'
import type { State } from './state.ts'

/** To look at a channel of which nothing is over takes about 50 ns, a unit 2 to 5 µs. */
const visitsPerUnit = 32

/** Another node begins to send everything anew, by `receive`; what was over before is looked at again when it is done. */
export function beginResync(state: State, nodeId: string): void {
  state.resyncs.set(nodeId, new Resync())
}

/** It has sent everything: what it has not sent is over. One turn of that; the rest follows by `settle.ts`. */
export function endResync(state: State, nodeId: string, nowMs: number): Effect[] {
  const resync = state.resyncs.get(nodeId)!
  resync.rest = ends(state, nodeId, resync)
  const effects: Effect[] = []
  endRest(state, nodeId, resync, nowMs, effects)
  return effects
}

/** Another node is gone, and what it has. One turn of that; the rest follows by `settle.ts`. */
export function loseNode(state: State, nodeId: string, nowMs: number): Effect[] {
  beginResync(state, nodeId)
  return endResync(state, nodeId, nowMs)
}

/** Whether everything has ended that is over on other nodes. */
export function areResyncsOver(state: State): boolean {
  for (const { rest } of state.resyncs.values()) if (rest !== undefined) return false
  return true
}

/** One turn of what is over on other nodes. */
export function continueResync(state: State, nowMs: number, effects: Effect[]): void {
  for (const [nodeId, resync] of state.resyncs) {
    if (resync.rest === undefined) continue
    endRest(state, nodeId, resync, nowMs, effects)
    return
  }
}

function endRest(state: State, nodeId: string, { rest }: Resync, nowMs: number, effects: Effect[]): void {
  for (let units = state.departures.unitsPerTurn; units > 0; ) {
    const { value: entry, done } = rest!.next()
    if (done === true) {
      state.resyncs.delete(nodeId)
      return
    }
    if (entry !== undefined) take(state, nodeId, entry, nowMs, effects)
    units -= entry === undefined ? 1 / visitsPerUnit : endCost(entry, channelOf(state, entry))
  }
}

function endCost({ kind }: Entry, channel: Channel | undefined): number {
  return kind === 'member' && channel !== undefined ? leaveCost(channel) : 1
}

/** Of everything that is held of a node and that it has not sent, that it is so no longer; undefined for each channel without. */
function* ends(state: State, nodeId: string, resync: Resync): Generator<Entry | undefined> {
  const isOver = (entry: Entry, channel?: Channel) => !resync.has(entry, channel)
  for (const [appId, nodes] of state.connections) {
    const entry: Entry = { kind: 'connections', appId, count: 0 }
    if (nodes.has(nodeId) && isOver(entry)) yield entry
  }
  for (const [appId, users] of state.users) {
    for (const userId of users.ofNode(nodeId)) {
      const entry: Entry = { kind: 'user', appId, userId, isHere: false }
      if (isOver(entry)) yield entry
    }
  }
  for (const isPresence of [true, false]) {
    for (const channel of allChannels(state)) {
      yield undefined
      if (channel.kind.presence === isPresence) yield* endsOn(channel, nodeId, isOver)
    }
  }
}

function* allChannels(state: State): Generator<Channel> {
  for (const channels of state.channels.values()) yield* channels.values()
}

function* endsOn(channel: Channel, nodeId: string, isOver: (entry: Entry, channel: Channel) => boolean): Generator<Entry> {
  const { appId, name, subscriptions, members } = channel
  for (const key of members.ofNode(nodeId)) {
    const entry: Entry = { kind: 'member', appId, channel: name, key, member: undefined }
    if (isOver(entry, channel)) yield entry
  }
  const entry: Entry = { kind: 'subscriptions', appId, channel: name, count: 0 }
  if (subscriptions.has(nodeId) && isOver(entry, channel)) yield entry
}
