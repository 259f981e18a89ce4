/** The state of a node: its sockets, their channels and users, and what other nodes have. */
import type { Apps } from './app.ts'
import { type Channel, newChannel } from './channel.ts'
import type { Effect } from './effect.ts'
import type { Entry } from './entry.ts'
import type { ExpiringMaps } from './expiring-maps.ts'
import { newLastEvents } from './last-events.ts'
import { NewestSockets } from './newest-sockets.ts'
import { PendingUnsubscribes, unitsPerTurn } from './pending-unsubscribes.ts'
import { Resubscriptions } from './resubscriptions.ts'
import type { Resync } from './resync.ts'
import type { Socket } from './socket.ts'
import { Users } from './users.ts'

export type State = {
  apps: Apps
  /** False while the source of the apps cannot be read: an app that is not in `apps` may exist. */
  areAppsKnown: boolean
  /** Whether apps were removed and something about them may still be kept. */
  hasRemovedApps: boolean
  readonly sockets: Map<string, Socket>
  /** The number of sockets on this node, by app id. */
  readonly localSocketCounts: Map<string, number>
  /** The number of sockets on each other node, by app id and node id. */
  readonly remoteSocketCounts: Map<string, Map<string, number>>
  /** What is known of the sockets of other nodes while there are more than an app may have. */
  readonly newestSockets: NewestSockets
  /** The id of this node in the cluster; none where it has not joined one. */
  nodeId: string
  /** Whether there are other nodes, to which changes of this one are replicated. */
  isClustered: boolean
  /** Whether one of two nodes takes over from the other: sockets that move are counted on both for a moment. */
  isHandOver: boolean
  /** The occupied channels, by app id and name. */
  readonly channels: Map<string, Map<string, Channel>>
  /** The channels whose subscribers are still to be sent their number. */
  readonly pendingCounts: Set<Channel>
  /** The channels on which joins and leaves may be deferred. */
  readonly unsettledChannels: Set<Channel>
  /** The ids of apps of which sign-ins and sign-outs may be deferred. */
  readonly unsettledUsers: Set<string>
  readonly resubscriptions: Resubscriptions
  /** Sockets that have been removed from `sockets`, and are still on channels. */
  readonly pendingUnsubscribes: PendingUnsubscribes
  /** By node id: what other nodes have sent of a snapshot, and which of their entries are still to be deleted. */
  readonly resyncs: Map<string, Resync>
  /** The last event of each cache channel as it was sent, by app id and name. */
  readonly lastEvents: ExpiringMaps<string>
  /** The users who are signed in, by app id. */
  readonly users: Map<string, Users>
}

/** @param units see `pending-unsubscribes.ts` */
export function newState(apps: Apps, units = unitsPerTurn): State {
  return {
    apps,
    areAppsKnown: true,
    hasRemovedApps: false,
    sockets: new Map(),
    localSocketCounts: new Map(),
    remoteSocketCounts: new Map(),
    newestSockets: new NewestSockets(),
    nodeId: '',
    isClustered: false,
    isHandOver: false,
    channels: new Map(),
    pendingCounts: new Set(),
    unsettledChannels: new Set(),
    unsettledUsers: new Set(),
    resubscriptions: new Resubscriptions(),
    pendingUnsubscribes: new PendingUnsubscribes(units),
    resyncs: new Map(),
    lastEvents: newLastEvents(apps),
    users: new Map(),
  }
}

export function addSocket(state: State, socket: Socket, effects: Effect[]): void {
  state.sockets.set(socket.id, socket)
  countSockets(state, socket.app.id, 1, effects)
}

export function removeSocket(state: State, socket: Socket, effects: Effect[]): void {
  if (state.sockets.delete(socket.id)) countSockets(state, socket.app.id, -1, effects)
}

/** Removes all sockets of this node, and the users who are signed in. */
export function removeAllSockets(state: State): void {
  for (const socketId of state.sockets.keys()) state.resubscriptions.remove(socketId)
  state.sockets.clear()
  state.pendingUnsubscribes.clear()
  state.localSocketCounts.clear()
  state.users.clear()
  state.unsettledUsers.clear()
}

function countSockets(state: State, appId: string, change: number, effects: Effect[]): void {
  const count = (state.localSocketCounts.get(appId) ?? 0) + change
  state.localSocketCounts.set(appId, count)
  replicate(state, { kind: 'connections', appId, count }, effects)
}

/** The number of sockets of an app on all nodes. */
export function socketCount(state: State, appId: string): number {
  let count = state.localSocketCounts.get(appId) ?? 0
  for (const others of state.remoteSocketCounts.get(appId)?.values() ?? []) count += others
  return count
}

/** The number of sockets that count for an app's quota: during a hand-over those of this node alone, as a client that moves is on both nodes. */
export function quotaCount(state: State, appId: string): number {
  return state.isHandOver ? (state.localSocketCounts.get(appId) ?? 0) : socketCount(state, appId)
}

/** Sends an entry to the other nodes, where there are any. */
export function replicate(state: State, entry: Entry, effects: Effect[]): void {
  if (state.isClustered) effects.push({ type: 'replicate', entry })
}

const none: ReadonlyMap<string, Channel> = new Map()

export function channelsOf(state: State, appId: string): ReadonlyMap<string, Channel> {
  return state.channels.get(appId) ?? none
}

export function findChannel(state: State, appId: string, name: string): Channel | undefined {
  return state.channels.get(appId)?.get(name)
}

/** The id of an app has no slash in it; the name of a channel may have several. */
export function splitTopic(topic: string): [appId: string, channel: string] {
  const slash = topic.indexOf('/')
  return [topic.slice(0, slash), topic.slice(slash + 1)]
}

export function channelOfTopic(state: State, topic: string): Channel | undefined {
  return findChannel(state, ...splitTopic(topic))
}

/** The channel of that name, which is created where it has no subscriber yet. */
export function findOrMakeChannel(state: State, appId: string, name: string): Channel {
  const found = findChannel(state, appId, name)
  if (found !== undefined) return found
  const channel = newChannel(appId, name)
  const ofApp = state.channels.get(appId) ?? new Map<string, Channel>()
  state.channels.set(appId, ofApp.set(name, channel))
  return channel
}

/** Removes a channel that has no subscriber left, on this node or another. */
export function removeIfEmpty(state: State, channel: Channel): void {
  if (channel.localSubscribers.size > 0 || channel.remoteSubscriberCounts.size > 0 || channel.members.count > 0) return
  state.channels.get(channel.appId)?.delete(channel.name)
  state.pendingCounts.delete(channel)
  state.unsettledChannels.delete(channel)
}

export function usersOf(state: State, appId: string): Users {
  const users = state.users.get(appId) ?? new Users()
  state.users.set(appId, users)
  return users
}
