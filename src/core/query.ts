/** Questions about channels that the application may ask over HTTP. */
import { type ChannelKind, channelKind } from '../protocol/channel-name.ts'
import { type Channel, subscriptionCount } from './channel.ts'
import { lastEvent } from './last-events.ts'
import { channelsOf, findChannel, type State } from './state.ts'

/** What is to be said of a channel: `occupied`, `user_count`, `subscription_count`, `cache`; anything else means nothing. */
export type Info = ReadonlySet<string>

/** A JSON object; `cache` is the last event as it was sent. */
export type ChannelInfo = { occupied?: boolean; user_count?: number; subscription_count?: number; cache?: unknown }

/** Every occupied channel whose name begins with `prefix`. */
export function channels(
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

/** One channel; of one that nobody is on, that it is not occupied, and its last event. */
export function channel(state: State, appId: string, name: string, info: Info, nowMs: number): ChannelInfo {
  const found = findChannel(state, appId, name)
  return {
    occupied: found !== undefined,
    ...(found === undefined ? {} : counts(found.kind, found, info)),
    ...cacheOf(state, appId, name, info, nowMs),
  }
}

/** What a publisher learns of a channel that it has published to, as Pusher answers it: counts are given for empty channels too. */
export function audience(state: State, appId: string, name: string, info: Info, nowMs: number): ChannelInfo {
  return {
    ...counts(channelKind(name), findChannel(state, appId, name), info),
    ...cacheOf(state, appId, name, info, nowMs),
  }
}

/** JSON of the ids of a presence channel's users. */
export function userIds(state: State, appId: string, name: string): string[] {
  const found = findChannel(state, appId, name)
  return found === undefined ? [] : found.members.list().map(member => member.idJson)
}

/** Sockets are counted on every channel, users on presence channels only. `channel` is undefined when nobody is subscribed to it. */
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
