/**
 * The door to the core for other nodes. What they have is held here, so that every question about the whole cluster is
 * answered from memory.
 */
import { channelKind } from '../protocol/channel-name.ts'
import { parseJson } from '../protocol/json.ts'
import { isApplicationEvent } from '../protocol/names.ts'
import { type Channel, topicOf } from './channel.ts'
import type { Effect } from './effect.ts'
import type { Entry } from './entry.ts'
import { keepLastEvent, lastEvent } from './last-events.ts'
import { announce } from './presence.ts'
import { userArrived, userDeparted } from './signin.ts'
import { channelOfTopic, dropIfEmpty, findChannel, findOrMakeChannel, type State, splitTopic, usersOf } from './state.ts'
import { countChanged } from './subscription-count.ts'

/** An event for the subscribers of a topic. */
export type Relayed = { readonly topic: string; readonly frame: string; readonly exceptSocketId: string | undefined }

/** Whether an event on a topic means anything here: somebody is to hear it, or it is to be kept. */
export function concerns(state: State, topic: string): boolean {
  const channel = channelOfTopic(state, topic)
  return (channel !== undefined && channel.subscribers.size > 0) || isCached(topic)
}

/** Whether the last event on a topic is kept. */
export function isCached(topic: string): boolean {
  return channelKind(splitTopic(topic)[1]).cache
}

/** Another node has an event for the subscribers of a topic; what is to be kept of it is kept here too. */
export function relayed(state: State, { topic, frame, exceptSocketId }: Relayed, nowMs: number): Effect[] {
  const [appId] = splitTopic(topic)
  if (!state.apps.byId.has(appId)) return []
  remember(state, { topic, frame }, nowMs)
  return [{ type: 'broadcast', topic, frame, exceptSocketId, everywhere: false }]
}

/** Keeps what is to be kept of an event: the last in the order in which all nodes hear them. */
export function remember(state: State, { topic, frame }: Pick<Relayed, 'topic' | 'frame'>, nowMs: number): void {
  const [appId, channel] = splitTopic(topic)
  const app = state.apps.byId.get(appId)
  if (app === undefined || !isCached(topic)) return
  const name = nameOf(frame)
  if (name !== undefined && isApplicationEvent(name)) keepLastEvent(state, app, channel, frame, nowMs)
}

/** The name of an event; undefined for a text that is no frame. */
function nameOf(frame: string): string | undefined {
  const event = (parseJson(frame) as { event?: unknown } | null | undefined)?.event
  return typeof event === 'string' ? event : undefined
}

/** The last event of a cache channel, and for how long it is still kept. */
export type Kept = { readonly topic: string; readonly frame: string; readonly leftMs: number }

export function keptEvents(state: State, nowMs: number): Kept[] {
  return Array.from(state.lastEvents.list(nowMs), ([appId, channel, frame, leftMs]) => ({
    topic: topicOf(appId, channel),
    frame,
    leftMs,
  }))
}

/** What another node has kept, this one keeps too where it knows nothing itself. */
export function keep(state: State, { topic, frame, leftMs }: Kept, nowMs: number): void {
  const [appId, channel] = splitTopic(topic)
  const app = state.apps.byId.get(appId)
  if (app !== undefined && lastEvent(state, appId, channel, nowMs) === undefined)
    keepLastEvent(state, app, channel, frame, nowMs, leftMs)
}

/** Another node says how something is there. */
export function receive(state: State, nodeId: string, entries: readonly Entry[], nowMs: number): Effect[] {
  const effects: Effect[] = []
  const resync = state.resyncs.get(nodeId)
  for (const entry of entries) {
    take(state, nodeId, entry, nowMs, effects)
    resync?.add(entry, channelOf(state, entry))
  }
  return effects
}

/** Undefined also where nobody is on it. */
export function channelOf(state: State, entry: Entry): Channel | undefined {
  return 'channel' in entry ? findChannel(state, entry.appId, entry.channel) : undefined
}

/** Everything that this node has to say of itself. What changes while it is iterated over is in it or not. */
export function* ownEntries(state: State): Generator<Entry> {
  for (const [appId, count] of state.socketCounts) if (count > 0) yield { kind: 'connections', appId, count }
  for (const [appId, channels] of state.channels) {
    for (const { name: channel, subscribers, members } of channels.values()) {
      if (subscribers.size > 0) yield { kind: 'subscriptions', appId, channel, count: subscribers.size }
      for (const member of members.ofThisNode()) yield { kind: 'member', appId, channel, key: member.key, member }
    }
  }
  for (const [appId, users] of state.users) {
    for (const userId of users.ofThisNode()) yield { kind: 'user', appId, userId, isHere: true }
  }
}

/** Of apps that this node does not know, others may say nothing. */
export function take(state: State, nodeId: string, entry: Entry, nowMs: number, effects: Effect[]): void {
  if (!state.apps.byId.has(entry.appId)) return
  switch (entry.kind) {
    case 'connections':
      setConnections(state, nodeId, entry.appId, entry.count)
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

function setConnections(state: State, nodeId: string, appId: string, count: number): void {
  const nodes = state.connections.get(appId) ?? new Map<string, number>()
  state.connections.set(appId, nodes)
  setOrDelete(nodes, nodeId, count)
}

type Of<Kind extends Entry['kind']> = Extract<Entry, { kind: Kind }>

function setSubscriptions(
  state: State,
  nodeId: string,
  { appId, channel: name, count }: Of<'subscriptions'>,
  nowMs: number,
  effects: Effect[],
): void {
  const channel = findOrMakeChannel(state, appId, name)
  if ((channel.subscriptions.get(nodeId) ?? 0) !== count) {
    setOrDelete(channel.subscriptions, nodeId, count)
    countChanged(state, state.apps.byId.get(appId)!, channel, nowMs, effects)
  }
  dropIfEmpty(state, channel)
}

function setMember(
  state: State,
  nodeId: string,
  { appId, channel: name, key, member }: Of<'member'>,
  nowMs: number,
  effects: Effect[],
): void {
  // Another node is not trusted to name presence channels only: the members of the others are one object.
  if (!channelKind(name).presence) return
  const channel = findOrMakeChannel(state, appId, name)
  const { members } = channel
  const change = member === undefined ? members.leaveNode(nodeId, key, nowMs) : members.joinNode(nodeId, member)
  announce(state, channel, change, undefined, effects)
  dropIfEmpty(state, channel)
}

function setUser(state: State, nodeId: string, { appId, userId, isHere }: Of<'user'>, nowMs: number, effects: Effect[]): void {
  const users = usersOf(state, appId)
  const wasOnline = users.isOnline(userId)
  if (isHere) users.addNode(nodeId, userId)
  else users.removeNode(nodeId, userId)
  if (users.isOnline(userId) === wasOnline) return
  if (isHere) userArrived(users, userId, undefined, effects)
  else userDeparted(state, appId, userId, undefined, nowMs, effects)
}

function setOrDelete(counts: Map<string, number>, nodeId: string, count: number): void {
  if (count === 0) counts.delete(nodeId)
  else counts.set(nodeId, count)
}
