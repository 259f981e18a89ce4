/**
 * What another node has sent of its snapshot. What is not in the snapshot is deleted at its end; where a node has left, everything is.
 * That can be a million entries, so they are deleted in turns: counts of connections, users and members of presence channels first.
 */
import type { Channel } from './channel.ts'
import type { Entry } from './entry.ts'

export class Resync {
  /** The deletions that are still to be made; undefined until the snapshot is complete. */
  deletions: Iterator<Entry | undefined> | undefined
  private readonly apps = new Set<string>()
  private readonly channels = new Set<Channel>()
  private readonly members = new Map<Channel, Set<string>>()
  private readonly users = new Map<string, Set<string>>()

  /** The node has sent an entry. @param channel the one that the entry is about; undefined also where it has no subscriber */
  add(entry: Entry, channel: Channel | undefined): void {
    if (entry.kind === 'connections') this.apps.add(entry.appId)
    else if (entry.kind === 'user') addTo(this.users, entry.appId, entry.userId)
    else if (channel === undefined) return
    else if (entry.kind === 'subscriptions') this.channels.add(channel)
    else addTo(this.members, channel, entry.key)
  }

  /** Whether the node has sent an entry of the same key. @param channel the one that the entry is about */
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
