/** One channel of one app, for as long as somebody is subscribed to it, on whatever node. */
import { type ChannelKind, channelKind } from '../protocol/channel-name.ts'
import { Members } from './members.ts'

export type Channel = {
  readonly appId: string
  readonly name: string
  readonly kind: ChannelKind
  readonly topic: string
  /** The sockets of this node that are on it. */
  readonly subscribers: Set<string>
  /** How many sockets of each other node are on it. */
  readonly subscriptions: Map<string, number>
  /** Off presence channels one object for all of them, which stays empty: each would take 250 bytes. */
  readonly members: Members
  /** When its subscribers were last told how many they are. */
  countToldAtMs: number
}

const noMembers = new Members()

export function newChannel(appId: string, name: string): Channel {
  const kind = channelKind(name)
  return {
    appId,
    name,
    kind,
    topic: topicOf(appId, name),
    subscribers: new Set(),
    subscriptions: new Map(),
    members: kind.presence ? new Members() : noMembers,
    countToldAtMs: Number.NEGATIVE_INFINITY,
  }
}

/** The native topic that a channel's subscribers are joined to. */
export function topicOf(appId: string, channel: string): string {
  return `${appId}/${channel}`
}

/** How many sockets are on it, on all nodes. */
export function subscriptionCount({ subscribers, subscriptions }: Channel): number {
  let count = subscribers.size
  for (const others of subscriptions.values()) count += others
  return count
}
