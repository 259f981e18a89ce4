/**
 * What a node says to the others of its own sockets. Each entry says how it is and not what has changed: to hear one twice,
 * or to miss one and hear a later one, does no harm.
 */
import type { Member } from '../protocol/member.ts'

export type Entry =
  /** How many sockets of an app the node has. */
  | { readonly kind: 'connections'; readonly appId: string; readonly count: number }
  /** How many of them are on a channel. */
  | { readonly kind: 'subscriptions'; readonly appId: string; readonly channel: string; readonly count: number }
  /** That a user is on a presence channel, or, with undefined, that it is not; `key` is its id as text. */
  | {
      readonly kind: 'member'
      readonly appId: string
      readonly channel: string
      readonly key: string
      readonly member: Member | undefined
    }
  /** Whether a user is signed in. */
  | { readonly kind: 'user'; readonly appId: string; readonly userId: string; readonly isHere: boolean }

/** Of two entries with the same key only the later one means something. Names and ids are any text: the length of a name tells where it ends. */
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
