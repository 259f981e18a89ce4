/** Questions about channels that the application may ask over HTTP. */
import { type ChannelKind, channelKind } from '../protocol/channel-name.ts'
import type { Channel } from './channel.ts'
import { channelsOf, findChannel, type State } from './state.ts'

/** What is to be said of a channel: `occupied`, `user_count`, `subscription_count`, `cache`; anything else means nothing. */
export type Info = ReadonlySet<string>

/** A JSON object; `cache` is the last event as it was sent. */
export type ChannelInfo = { occupied?: boolean; user_count?: number; subscription_count?: number; cache?: unknown }

/** Every occupied channel whose name begins with `prefix`. */
export function channels(state: State, appId: string, prefix: string, info: Info): [name: string, info: ChannelInfo][] {
  return [...channelsOf(state, appId).values()]
    .filter(channel => channel.name.startsWith(prefix))
    .map(channel => [channel.name, describe(channel, info)])
}

/** One channel; of one that nobody is on, that it is not occupied. */
export function channel(state: State, appId: string, name: string, info: Info): ChannelInfo {
  const found = findChannel(state, appId, name)
  return found === undefined ? { occupied: false } : { occupied: true, ...describe(found, info) }
}

/**
 * What a publisher learns of a channel that it has published to, as Pusher answers it: counts are given for empty
 * channels too, and the subscriptions of presence channels beside their users.
 */
export function audience(state: State, appId: string, name: string, info: Info): ChannelInfo {
  const found = findChannel(state, appId, name)
  const kind = channelKind(name)
  return {
    ...(info.has('occupied') ? { occupied: found !== undefined } : {}),
    ...(info.has('user_count') && kind.presence ? { user_count: found?.members.count ?? 0 } : {}),
    ...(info.has('subscription_count') ? { subscription_count: found?.subscribers.size ?? 0 } : {}),
    ...cacheOf(found, kind, info),
  }
}

/** JSON of the ids of a presence channel's users. */
export function userIds(state: State, appId: string, name: string): string[] {
  const found = findChannel(state, appId, name)
  return found === undefined ? [] : found.members.list().map(member => member.idJson)
}

function describe(found: Channel, info: Info): ChannelInfo {
  const { kind } = found
  return {
    ...(info.has('occupied') ? { occupied: true } : {}),
    ...(info.has('user_count') && kind.presence ? { user_count: found.members.count } : {}),
    ...(info.has('subscription_count') && !kind.presence ? { subscription_count: found.subscribers.size } : {}),
    ...cacheOf(found, kind, info),
  }
}

function cacheOf(found: Channel | undefined, kind: ChannelKind, info: Info): ChannelInfo {
  if (!info.has('cache') || !kind.cache || found?.lastEvent === undefined) return {}
  return { cache: JSON.parse(found.lastEvent) as unknown }
}
