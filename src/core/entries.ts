/** What nodes replicate to each other: the entries of this node, and how those of another one are applied. */
import { channelKind } from '../protocol/channel-name.ts'
import type { Channel } from './channel.ts'
import type { Effect } from './effect.ts'
import type { Entry } from './entry.ts'
import { broadcastChange } from './presence.ts'
import { announceOffline, announceOnline } from './signin.ts'
import { findChannel, findOrMakeChannel, removeIfEmpty, type State, usersOf } from './state.ts'
import { countChanged } from './subscription-count.ts'

/** Applies the entries of another node. */
export function applyEntries(state: State, nodeId: string, entries: readonly Entry[], nowMs: number, effects: Effect[]): void {
  const resync = state.resyncs.get(nodeId)
  for (const entry of entries) {
    applyEntry(state, nodeId, entry, nowMs, effects)
    resync?.add(entry, channelOfEntry(state, entry))
  }
}

/** The channel that an entry is about; undefined where there is none, or it has no subscriber on any node. */
export function channelOfEntry(state: State, entry: Entry): Channel | undefined {
  return 'channel' in entry ? findChannel(state, entry.appId, entry.channel) : undefined
}

/** The entries of this node, for a snapshot. A change that is made while they are iterated over may be among them or not. */
export function* localEntries(state: State): Generator<Entry> {
  for (const [appId, count] of state.localSocketCounts) if (count > 0) yield { kind: 'connections', appId, count }
  for (const [appId, channels] of state.channels) {
    for (const { name: channel, localSubscribers, members } of channels.values()) {
      if (localSubscribers.size > 0) yield { kind: 'subscriptions', appId, channel, count: localSubscribers.size }
      for (const member of members.localMembers()) yield { kind: 'member', appId, channel, key: member.key, member }
    }
  }
  for (const [appId, users] of state.users) {
    for (const userId of users.localIds()) yield { kind: 'user', appId, userId, isHere: true }
  }
}

/** Applies an entry of another node. One of an app that this node does not have is ignored. */
export function applyEntry(state: State, nodeId: string, entry: Entry, nowMs: number, effects: Effect[]): void {
  if (!state.apps.byId.has(entry.appId)) return
  switch (entry.kind) {
    case 'connections':
      setConnections(state, nodeId, entry)
      break
    case 'subscriptions':
      setSubscriptions(state, nodeId, entry, nowMs, effects)
      break
    case 'member':
      setMember(state, nodeId, entry, nowMs, effects)
      break
    case 'user':
      setUser(state, nodeId, entry, nowMs, effects)
      break
  }
}

type Of<Kind extends Entry['kind']> = Extract<Entry, { kind: Kind }>

function setConnections(state: State, nodeId: string, { appId, count, newest }: Of<'connections'>): void {
  const nodes = state.remoteSocketCounts.get(appId) ?? new Map<string, number>()
  state.remoteSocketCounts.set(appId, nodes)
  state.newestSockets.receive(appId, nodeId, count, nodes.get(nodeId) ?? 0, newest)
  setOrDelete(nodes, nodeId, count)
}

function setSubscriptions(
  state: State,
  nodeId: string,
  { appId, channel: name, count }: Of<'subscriptions'>,
  nowMs: number,
  effects: Effect[],
): void {
  const channel = findOrMakeChannel(state, appId, name)
  if ((channel.remoteSubscriberCounts.get(nodeId) ?? 0) !== count) {
    setOrDelete(channel.remoteSubscriberCounts, nodeId, count)
    countChanged(state, state.apps.byId.get(appId)!, channel, nowMs, effects)
  }
  removeIfEmpty(state, channel)
}

function setMember(
  state: State,
  nodeId: string,
  { appId, channel: name, key, member }: Of<'member'>,
  nowMs: number,
  effects: Effect[],
): void {
  // Another node may send a member of a channel that is no presence channel. Those channels share one object for their members.
  if (!channelKind(name).presence) return
  const channel = findOrMakeChannel(state, appId, name)
  const { members } = channel
  const change = member === undefined ? members.leaveRemote(nodeId, key, nowMs) : members.joinRemote(nodeId, member)
  broadcastChange(state, channel, change, undefined, effects)
  removeIfEmpty(state, channel)
}

function setUser(state: State, nodeId: string, { appId, userId, isHere }: Of<'user'>, nowMs: number, effects: Effect[]): void {
  const users = usersOf(state, appId)
  const wasOnline = users.isOnline(userId)
  if (isHere) users.addNode(nodeId, userId)
  else users.removeNode(nodeId, userId)
  if (users.isOnline(userId) === wasOnline) return
  if (isHere) announceOnline(users, userId, undefined, effects)
  else announceOffline(state, appId, userId, undefined, nowMs, effects)
}

function setOrDelete(counts: Map<string, number>, nodeId: string, count: number): void {
  if (count === 0) counts.delete(nodeId)
  else counts.set(nodeId, count)
}
