/** Everything that a node holds: its sockets, and the channels that they are on. */
import type { Apps } from './app.ts'
import { type Channel, newChannel } from './channel.ts'
import type { Effect } from './effect.ts'
import type { Socket } from './socket.ts'

export type State = {
  readonly apps: Apps
  readonly sockets: Map<string, Socket>
  /** Of each app, by id: how many sockets it has. */
  readonly socketCounts: Map<string, number>
  /** Of each app, by id: the occupied channels by name. */
  readonly channels: Map<string, Map<string, Channel>>
}

export function newState(apps: Apps): State {
  return { apps, sockets: new Map(), socketCounts: new Map(), channels: new Map() }
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

/** Neither ids of apps nor names of channels have a slash in them. */
export function channelOfTopic(state: State, topic: string): Channel | undefined {
  const slash = topic.lastIndexOf('/')
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

/** Forgets a channel once nobody is on it. */
export function vacateChannel(state: State, channel: Channel, effects: Effect[]): void {
  if (channel.subscribers.size > 0) return
  state.channels.get(channel.appId)?.delete(channel.name)
  effects.push({ type: 'notify', notice: { event: 'channel_removed', appId: channel.appId, channel: channel.name } })
}
