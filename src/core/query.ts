/** What the application can ask about channels over HTTP. */
import { type ChannelKind, channelKind } from '../protocol/channel-name.ts'
import { type Channel, subscriptionCount } from './channel.ts'
import { lastEvent } from './last-events.ts'
import { channelsOf, findChannel, type State } from './state.ts'

/** The attributes that are asked for: `occupied`, `user_count`, `subscription_count`, `cache`; others are ignored. */
export type Info = ReadonlySet<string>

/** The attributes of a channel; `cache` is the last event as it was sent. */
export type ChannelInfo = { occupied?: boolean; user_count?: number; subscription_count?: number; cache?: unknown }

/** All occupied channels whose names begin with `prefix`. */
export function channelInfos(
  state: State,
  appId: string,
  prefix: string,
  info: Info,
  nowMs: number,
): [name: string, info: ChannelInfo][] {
  return [...channelsOf(state, appId).values()]
    .filter(channel => channel.name.startsWith(prefix))
    .map(channel => [
      channel.name,
      { ...counts(channel.kind, channel, info), ...cacheOf(state, appId, channel.name, info, nowMs) },
    ])
}

/** One channel. Where it has no subscriber, `occupied` is false, and its last event is given all the same. */
export function channelInfo(state: State, appId: string, name: string, info: Info, nowMs: number): ChannelInfo {
  const found = findChannel(state, appId, name)
  return {
    occupied: found !== undefined,
    ...(found === undefined ? {} : counts(found.kind, found, info)),
    ...cacheOf(state, appId, name, info, nowMs),
  }
}

/** A channel that was just published to, as Pusher answers it: counts are given for channels without subscribers, too. */
export function publishedChannelInfo(state: State, appId: string, name: string, info: Info, nowMs: number): ChannelInfo {
  return {
    ...counts(channelKind(name), findChannel(state, appId, name), info),
    ...cacheOf(state, appId, name, info, nowMs),
  }
}

/** The ids of the users of a presence channel, as JSON. */
export function userIds(state: State, appId: string, name: string): string[] {
  const found = findChannel(state, appId, name)
  return found === undefined ? [] : found.members.list().map(member => member.idJson)
}

/** Sockets are counted on every channel, users on presence channels only. `channel` is undefined where it has no subscriber. */
function counts(kind: ChannelKind, channel: Channel | undefined, info: Info): ChannelInfo {
  return {
    ...(info.has('occupied') ? { occupied: channel !== undefined } : {}),
    ...(info.has('user_count') && kind.presence ? { user_count: channel?.members.count ?? 0 } : {}),
    ...(info.has('subscription_count') ? { subscription_count: channel === undefined ? 0 : subscriptionCount(channel) } : {}),
  }
}

function cacheOf(state: State, appId: string, name: string, info: Info, nowMs: number): ChannelInfo {
  const event = info.has('cache') ? lastEvent(state, appId, name, nowMs) : undefined
  return event === undefined ? {} : { cache: JSON.parse(event) as unknown }
}
