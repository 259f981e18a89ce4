/** Everything that a node holds: its sockets, the channels that they are on and the users that they are. */
import type { Apps } from './app.ts'
import { type Channel, newChannel } from './channel.ts'
import { Departures, unitsPerTurn } from './departures.ts'
import type { Effect } from './effect.ts'
import type { Entry } from './entry.ts'
import type { ExpiringMaps } from './expiring-maps.ts'
import { newLastEvents } from './last-events.ts'
import { Resubscriptions } from './resubscriptions.ts'
import type { Resync } from './resync.ts'
import type { Socket } from './socket.ts'
import { Users } from './users.ts'

export type State = {
  apps: Apps
  /** False while nobody can say which apps there are: one that is not in `apps` may exist all the same. */
  areAppsKnown: boolean
  /** Apps were removed, and something about them may still be kept. */
  hasGoneApps: boolean
  readonly sockets: Map<string, Socket>
  /** Of each app, by id: how many sockets it has on this node. */
  readonly socketCounts: Map<string, number>
  /** Of each app, by id: how many it has on each other node. */
  readonly connections: Map<string, Map<string, number>>
  /** There are other nodes, who are to hear of what this one has. */
  isClustered: boolean
  /** The only other node is about to go, or this one is: sockets that move are counted on both for a moment. */
  isHandOver: boolean
  /** Of each app, by id: the occupied channels by name. */
  readonly channels: Map<string, Map<string, Channel>>
  /** Channels whose subscribers are still to be told how many they are. */
  readonly countsToTell: Set<Channel>
  /** Channels on which joins and leaves may be held. */
  readonly unsettledChannels: Set<Channel>
  /** Ids of apps of which sign-ins and sign-outs may be held. */
  readonly unsettledUsers: Set<string>
  readonly resubscriptions: Resubscriptions
  /** Sockets that are in `sockets` no more, and still on channels. */
  readonly departures: Departures
  /** Of other nodes, by id: those that send everything anew, or of which something is over and still held. */
  readonly resyncs: Map<string, Resync>
  /** Of each app, by id: the last event of its cache channels by name, as it was sent. */
  readonly lastEvents: ExpiringMaps<string>
  /** Of each app, by id. */
  readonly users: Map<string, Users>
}

/** @param units see `departures.ts` */
export function newState(apps: Apps, units = unitsPerTurn): State {
  return {
    apps,
    areAppsKnown: true,
    hasGoneApps: false,
    sockets: new Map(),
    socketCounts: new Map(),
    connections: new Map(),
    isClustered: false,
    isHandOver: false,
    channels: new Map(),
    countsToTell: new Set(),
    unsettledChannels: new Set(),
    unsettledUsers: new Set(),
    resubscriptions: new Resubscriptions(),
    departures: new Departures(units),
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

/** This node has no sockets any more, nor users who are signed in. */
export function forgetSockets(state: State): void {
  for (const socketId of state.sockets.keys()) state.resubscriptions.forget(socketId)
  state.sockets.clear()
  state.departures.clear()
  state.socketCounts.clear()
  state.users.clear()
  state.unsettledUsers.clear()
}

function countSockets(state: State, appId: string, change: number, effects: Effect[]): void {
  const count = (state.socketCounts.get(appId) ?? 0) + change
  state.socketCounts.set(appId, count)
  replicate(state, { kind: 'connections', appId, count }, effects)
}

/** Of an app, on all nodes. */
export function socketCount(state: State, appId: string): number {
  let count = state.socketCounts.get(appId) ?? 0
  for (const others of state.connections.get(appId)?.values() ?? []) count += others
  return count
}

/** Of an app, for its quota: a client that moves must not be one too many. */
export function quotaCount(state: State, appId: string): number {
  return state.isHandOver ? (state.socketCounts.get(appId) ?? 0) : socketCount(state, appId)
}

/** Says to the other nodes, where there are any, how something is on this one. */
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

/** The id of an app has no slash in it; the name of a channel may have any. */
export function splitTopic(topic: string): [appId: string, channel: string] {
  const slash = topic.indexOf('/')
  return [topic.slice(0, slash), topic.slice(slash + 1)]
}

export function channelOfTopic(state: State, topic: string): Channel | undefined {
  return findChannel(state, ...splitTopic(topic))
}

/** The channel of that name, made when nobody is on it yet. */
export function findOrMakeChannel(state: State, appId: string, name: string): Channel {
  const found = findChannel(state, appId, name)
  if (found !== undefined) return found
  const channel = newChannel(appId, name)
  const ofApp = state.channels.get(appId) ?? new Map<string, Channel>()
  state.channels.set(appId, ofApp.set(name, channel))
  return channel
}

/** Forgets a channel that nobody is on any more, on whatever node. */
export function dropIfEmpty(state: State, channel: Channel): void {
  if (channel.subscribers.size > 0 || channel.subscriptions.size > 0 || channel.members.count > 0) return
  state.channels.get(channel.appId)?.delete(channel.name)
  state.countsToTell.delete(channel)
  state.unsettledChannels.delete(channel)
}

export function usersOf(state: State, appId: string): Users {
  const users = state.users.get(appId) ?? new Users()
  state.users.set(appId, users)
  return users
}
