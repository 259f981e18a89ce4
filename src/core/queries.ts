/** The questions that other folders ask about a node. It is all that they can read of its state, and no answer lets them change it. */
import { type ChannelKind, channelKind } from '../protocol/channel-name.ts'
import type { App } from './app.ts'
import { type Channel, subscriptionCount } from './channel.ts'
import { lastEvent } from './last-events.ts'
import { channelOfTopic, channelsOf, findChannel, type State, socketCount } from './state.ts'

/** The attributes that are asked for: `occupied`, `user_count`, `subscription_count`, `cache`; others are ignored. */
export type Info = ReadonlySet<string>

/** The attributes of a channel; `cache` is the last event as it was sent. */
export type ChannelInfo = { occupied?: boolean; user_count?: number; subscription_count?: number; cache?: unknown }

/** An open socket at the moment of the question. */
export type SocketInfo = {
  readonly appId: string
  /** When the last frame of the client was received. */
  readonly lastSeenMs: number
  /** Whether a ping was sent, and nothing was received since. */
  readonly isPinged: boolean
}

export class Queries {
  constructor(private readonly state: State) {}

  /** The apps, in the order of the configuration. */
  get apps(): App[] {
    return [...this.state.apps.byId.values()]
  }

  /** False while the source of the apps cannot be read: an app that is not found may exist. */
  get areAppsKnown(): boolean {
    return this.state.areAppsKnown
  }

  app(id: string): App | undefined {
    return this.state.apps.byId.get(id)
  }

  appWithKey(key: string): App | undefined {
    return this.state.apps.byKey.get(key)
  }

  /** Whether there is such a socket on this node. One that was refused or removed is not open, although its connection may be. */
  isOpen(socketId: string): boolean {
    return this.state.sockets.has(socketId)
  }

  /** Undefined where the socket is not open. */
  socket(socketId: string): SocketInfo | undefined {
    const socket = this.state.sockets.get(socketId)
    if (socket === undefined) return undefined
    const { app, lastSeenMs, pingedAtMs } = socket
    return { appId: app.id, lastSeenMs, isPinged: pingedAtMs !== undefined }
  }

  /** The ids of so many sockets of this node, the oldest first. */
  oldestSockets(count: number): string[] {
    return [...this.state.sockets.keys().take(count)]
  }

  /** The ids of the sockets of this node that are subscribed to the channel of a topic. */
  subscribers(topic: string): Iterable<string> {
    return channelOfTopic(this.state, topic)?.localSubscribers ?? []
  }

  /** The number of sockets of an app on all nodes. */
  socketCount(appId: string): number {
    return socketCount(this.state, appId)
  }

  /** All occupied channels whose names begin with `prefix`. */
  channelInfos(appId: string, prefix: string, info: Info, nowMs: number): [name: string, info: ChannelInfo][] {
    return [...channelsOf(this.state, appId).values()]
      .filter(channel => channel.name.startsWith(prefix))
      .map(channel => [
        channel.name,
        { ...counts(channel.kind, channel, info), ...this.cacheOf(appId, channel.name, info, nowMs) },
      ])
  }

  /** One channel. Where it has no subscriber, `occupied` is false, and its last event is given all the same. */
  channelInfo(appId: string, name: string, info: Info, nowMs: number): ChannelInfo {
    const found = findChannel(this.state, appId, name)
    return {
      occupied: found !== undefined,
      ...(found === undefined ? {} : counts(found.kind, found, info)),
      ...this.cacheOf(appId, name, info, nowMs),
    }
  }

  /** A channel that was just published to, as Pusher answers it: counts are given for channels without subscribers, too. */
  publishedChannelInfo(appId: string, name: string, info: Info, nowMs: number): ChannelInfo {
    return {
      ...counts(channelKind(name), findChannel(this.state, appId, name), info),
      ...this.cacheOf(appId, name, info, nowMs),
    }
  }

  /** The ids of the users of a presence channel, as JSON. */
  userIds(appId: string, name: string): string[] {
    const found = findChannel(this.state, appId, name)
    return found === undefined ? [] : found.members.list().map(member => member.idJson)
  }

  private cacheOf(appId: string, name: string, info: Info, nowMs: number): ChannelInfo {
    const event = info.has('cache') ? lastEvent(this.state, appId, name, nowMs) : undefined
    return event === undefined ? {} : { cache: JSON.parse(event) as unknown }
  }
}

/** Sockets are counted on every channel, users on presence channels only. `channel` is undefined where it has no subscriber. */
function counts(kind: ChannelKind, channel: Channel | undefined, info: Info): ChannelInfo {
  return {
    ...(info.has('occupied') ? { occupied: channel !== undefined } : {}),
    ...(info.has('user_count') && kind.presence ? { user_count: channel?.members.count ?? 0 } : {}),
    ...(info.has('subscription_count') ? { subscription_count: channel === undefined ? 0 : subscriptionCount(channel) } : {}),
  }
}
