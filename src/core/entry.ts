/**
 * What a node replicates to the others. Each entry is a state and not a change, so that it does no harm to apply one twice, or to miss one
 * and apply a later one.
 */
import type { Member } from '../protocol/member.ts'

export type Entry =
  /**
   * How many sockets of an app the node has. While the cluster has more than the app may have, also when the newest of them were opened, in
   * whole milliseconds of the node's clock, the newest first.
   */
  | { readonly kind: 'connections'; readonly appId: string; readonly count: number; readonly newest?: readonly number[] }
  /** How many of these sockets are on a channel. */
  | { readonly kind: 'subscriptions'; readonly appId: string; readonly channel: string; readonly count: number }
  /** A user who is on a presence channel, or, where `member` is undefined, is not; `key` is its id as text. */
  | {
      readonly kind: 'member'
      readonly appId: string
      readonly channel: string
      readonly key: string
      readonly member: Member | undefined
    }
  /** Whether a user is signed in. */
  | { readonly kind: 'user'; readonly appId: string; readonly userId: string; readonly isHere: boolean }

/** Of two entries with the same key the later one replaces the earlier. Names and ids can be any text, so that a length marks where a name ends. */
export function entryKey(entry: Entry): string {
  switch (entry.kind) {
    case 'connections':
      return `c/${entry.appId}`
    case 'subscriptions':
      return `s/${entry.appId}/${entry.channel}`
    case 'member':
      return `m/${entry.appId}/${entry.channel.length}/${entry.channel}/${entry.key}`
    case 'user':
      return `u/${entry.appId}/${entry.userId}`
  }
}
