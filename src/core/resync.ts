/**
 * What is known of another node while it sends everything anew. What it has not sent when it is done is over; of a node that is gone,
 * everything. That can be a million entries, so they end in turns: connections, users and members of presence channels first.
 */
import type { Channel } from './channel.ts'
import type { Entry } from './entry.ts'

export class Resync {
  /** What is over, as far as it is not carried out; undefined while the node has not sent all. */
  rest: Iterator<Entry | undefined> | undefined
  private readonly apps = new Set<string>()
  private readonly channels = new Set<Channel>()
  private readonly members = new Map<Channel, Set<string>>()
  private readonly users = new Map<string, Set<string>>()

  /** The node has sent an entry. @param channel where it is about one; undefined also when nobody is on it */
  add(entry: Entry, channel: Channel | undefined): void {
    if (entry.kind === 'connections') this.apps.add(entry.appId)
    else if (entry.kind === 'user') addTo(this.users, entry.appId, entry.userId)
    else if (channel === undefined) return
    else if (entry.kind === 'subscriptions') this.channels.add(channel)
    else addTo(this.members, channel, entry.key)
  }

  /** @param channel that of the entry */
  has(entry: Entry, channel: Channel | undefined): boolean {
    if (entry.kind === 'connections') return this.apps.has(entry.appId)
    if (entry.kind === 'user') return this.users.get(entry.appId)?.has(entry.userId) === true
    if (entry.kind === 'subscriptions') return this.channels.has(channel!)
    return this.members.get(channel!)?.has(entry.key) === true
  }
}

function addTo<Key>(sets: Map<Key, Set<string>>, key: Key, value: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}
