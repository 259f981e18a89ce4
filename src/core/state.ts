/** Everything that a node holds: its sockets, the channels that they are on and the users that they are. */
import type { App, Apps } from './app.ts'
import { type Channel, newChannel } from './channel.ts'
import type { Effect } from './effect.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { Socket } from './socket.ts'
import { Users } from './users.ts'

export type State = {
  apps: Apps
  /** False while nobody can say which apps there are: one that is not in `apps` may exist all the same. */
  areAppsKnown: boolean
  readonly sockets: Map<string, Socket>
  /** Of each app, by id: how many sockets it has. */
  readonly socketCounts: Map<string, number>
  /** Of each app, by id: the occupied channels by name. */
  readonly channels: Map<string, Map<string, Channel>>
  /** Channels whose subscribers are still to be told how many they are. */
  readonly countsToTell: Set<Channel>
  /** Of each app, by id: the last event of its cache channels by name, as it was sent. */
  readonly lastEvents: Map<string, ExpiringMap<string>>
  /** Of each app, by id. */
  readonly users: Map<string, Users>
}

export function newState(apps: Apps): State {
  return {
    apps,
    areAppsKnown: true,
    sockets: new Map(),
    socketCounts: new Map(),
    channels: new Map(),
    countsToTell: new Set(),
    lastEvents: new Map(),
    users: new Map(),
  }
}

export function addSocket(state: State, socket: Socket): void {
  state.sockets.set(socket.id, socket)
  state.socketCounts.set(socket.app.id, socketCount(state, socket.app.id) + 1)
}

export function removeSocket(state: State, socket: Socket): void {
  if (state.sockets.delete(socket.id)) state.socketCounts.set(socket.app.id, socketCount(state, socket.app.id) - 1)
}

export function socketCount(state: State, appId: string): number {
  return state.socketCounts.get(appId) ?? 0
}

const none: ReadonlyMap<string, Channel> = new Map()

export function channelsOf(state: State, appId: string): ReadonlyMap<string, Channel> {
  return state.channels.get(appId) ?? none
}

export function findChannel(state: State, appId: string, name: string): Channel | undefined {
  return state.channels.get(appId)?.get(name)
}

/** Ids of apps have no slash in them; ids of users, and so the names of their channels, may. */
export function channelOfTopic(state: State, topic: string): Channel | undefined {
  const slash = topic.indexOf('/')
  return findChannel(state, topic.slice(0, slash), topic.slice(slash + 1))
}

/** The channel of that name, made when nobody is on it yet. */
export function occupyChannel(state: State, appId: string, name: string, effects: Effect[]): Channel {
  const found = findChannel(state, appId, name)
  if (found !== undefined) return found
  const channel = newChannel(appId, name)
  const ofApp = state.channels.get(appId) ?? new Map<string, Channel>()
  state.channels.set(appId, ofApp.set(name, channel))
  effects.push({ type: 'notify', notice: { event: 'channel_created', appId, channel: name } })
  return channel
}

/** Forgets a channel that nobody is on any more. */
export function vacateChannel(state: State, channel: Channel, effects: Effect[]): void {
  state.channels.get(channel.appId)?.delete(channel.name)
  state.countsToTell.delete(channel)
  effects.push({ type: 'notify', notice: { event: 'channel_removed', appId: channel.appId, channel: channel.name } })
}

/** Kept whether or not somebody is on the channel. */
export function keepLastEvent(state: State, app: App, channel: string, frame: string, nowMs: number): void {
  const ofApp = state.lastEvents.get(app.id) ?? new ExpiringMap<string>(cacheBounds(app))
  state.lastEvents.set(app.id, ofApp)
  ofApp.bounds = cacheBounds(app)
  ofApp.set(channel, frame, Buffer.byteLength(frame), nowMs)
}

export function lastEvent(state: State, appId: string, channel: string, nowMs: number): string | undefined {
  return state.lastEvents.get(appId)?.get(channel, nowMs)
}

function cacheBounds({ cache: { ttlSeconds, maxChannels, maxBytes } }: App) {
  return { ttlMs: ttlSeconds * 1000, maxEntries: maxChannels, maxBytes }
}

export function usersOf(state: State, appId: string): Users {
  const users = state.users.get(appId) ?? new Users()
  state.users.set(appId, users)
  return users
}
