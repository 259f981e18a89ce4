/** One channel of one app, which exists as long as it has a subscriber on any node. */
import { type ChannelKind, channelKind } from '../protocol/channel-name.ts'
import { Members } from './members.ts'

export type Channel = {
  readonly appId: string
  readonly name: string
  readonly kind: ChannelKind
  readonly topic: string
  /** The sockets of this node that are subscribed. */
  readonly localSubscribers: Set<string>
  /** How many sockets of each other node are subscribed, by node id. */
  readonly remoteSubscriberCounts: Map<string, number>
  /** The members. All channels that are no presence channels share one object, which stays empty: each would take 250 bytes. */
  readonly members: Members
  /** When the subscribers were last sent their number. */
  countSentAtMs: number
}

const noMembers = new Members()

export function newChannel(appId: string, name: string): Channel {
  const kind = channelKind(name)
  return {
    appId,
    name,
    kind,
    topic: topicOf(appId, name),
    localSubscribers: new Set(),
    remoteSubscriberCounts: new Map(),
    members: kind.presence ? new Members() : noMembers,
    countSentAtMs: Number.NEGATIVE_INFINITY,
  }
}

/** The topic to which the sockets of a channel are subscribed. */
export function topicOf(appId: string, channel: string): string {
  return `${appId}/${channel}`
}

/** How many sockets are subscribed, on all nodes. */
export function subscriptionCount({ localSubscribers, remoteSubscriberCounts }: Channel): number {
  let count = localSubscribers.size
  for (const remote of remoteSubscriberCounts.values()) count += remote
  return count
}
