/**
 * Who is on a presence channel: users, each with as many sockets as it likes, on this node and on others. First in, last
 * out, over the whole cluster.
 */
import { appended, type PresenceEntry, type PresenceList, presenceEntry, presenceList } from '../protocol/frames.ts'
import type { Member } from '../protocol/member.ts'

type User = {
  member: Member
  entry: PresenceEntry
  /** Its sockets on this node. */
  readonly sockets: Set<string>
  /** The other nodes that it is on. */
  readonly nodes: Set<string>
}

/** Users who came or went with a change, wherever they are; the others on the channel are to be told. */
export type Change = { readonly added: Member | undefined; readonly removed: Member | undefined }

export class Members {
  private readonly users = new Map<string, User>()
  private readonly userOfSocket = new Map<string, User>()
  /** Undefined when a change was not one at its end. */
  private encoded: PresenceList | undefined = presenceList([])

  /** The number of users, not of sockets. */
  get count(): number {
    return this.users.size
  }

  /** Whether a user is here, by its id as text. */
  has(key: string): boolean {
    return this.users.has(key)
  }

  /** One per user, in the order of joining. */
  list(): Member[] {
    return Array.from(this.users.values(), user => user.member)
  }

  /** Those who have a socket on this node. */
  ofThisNode(): Member[] {
    return [...this.users.values()].filter(user => user.sockets.size > 0).map(user => user.member)
  }

  /** The ids, as text, of those who are on that other node. */
  ofNode(nodeId: string): string[] {
    return [...this.users.entries()].filter(([, user]) => user.nodes.has(nodeId)).map(([key]) => key)
  }

  of(socketId: string): Member | undefined {
    return this.userOfSocket.get(socketId)?.member
  }

  /** Whether that socket is all that keeps its user here: it would make room for another. */
  isLast(socketId: string): boolean {
    const user = this.userOfSocket.get(socketId)
    return user !== undefined && user.sockets.size === 1 && user.nodes.size === 0
  }

  /** The sockets of one user on this node, by its id as text. */
  socketsOf(key: string): string[] {
    return [...(this.users.get(key)?.sockets ?? [])]
  }

  /** For `subscription_succeeded`: whoever joins is appended, and only a leave or a changed user has it made anew. */
  snapshot(): PresenceList {
    this.encoded ??= presenceList(Array.from(this.users.values(), user => user.entry))
    return this.encoded
  }

  /** A socket that is already here changes its user, or what is known of it. */
  join(socketId: string, member: Member): Change {
    const before = this.userOfSocket.get(socketId)
    const removed = before === undefined || before.member.key === member.key ? undefined : this.leave(socketId).removed
    const { user, isNew } = this.seat(member)
    user.sockets.add(socketId)
    this.userOfSocket.set(socketId, user)
    return { added: isNew ? member : undefined, removed }
  }

  leave(socketId: string): Change {
    const user = this.userOfSocket.get(socketId)
    this.userOfSocket.delete(socketId)
    user?.sockets.delete(socketId)
    return { added: undefined, removed: this.unseat(user) }
  }

  /** Another node has that user. */
  joinNode(nodeId: string, member: Member): Change {
    const { user, isNew } = this.seat(member)
    user.nodes.add(nodeId)
    return { added: isNew ? member : undefined, removed: undefined }
  }

  /** Another node has that user no longer. `key` is its id as text. */
  leaveNode(nodeId: string, key: string): Change {
    const user = this.users.get(key)
    user?.nodes.delete(nodeId)
    return { added: undefined, removed: this.unseat(user) }
  }

  /** What was signed last counts. */
  private seat(member: Member): { user: User; isNew: boolean } {
    const user = this.users.get(member.key)
    if (user === undefined) {
      const fresh: User = { member, entry: presenceEntry(member), sockets: new Set(), nodes: new Set() }
      if (this.encoded !== undefined) this.encoded = appended(this.encoded, fresh.entry)
      this.users.set(member.key, fresh)
      return { user: fresh, isNew: true }
    }
    if (!isSame(user.member, member)) {
      user.member = member
      user.entry = presenceEntry(member)
      this.encoded = undefined
    }
    return { user, isNew: false }
  }

  /** The member that is gone for good; undefined while it is somewhere. */
  private unseat(user: User | undefined): Member | undefined {
    if (user === undefined || user.sockets.size > 0 || user.nodes.size > 0) return undefined
    this.users.delete(user.member.key)
    this.encoded = undefined
    return user.member
  }
}

function isSame(a: Member, b: Member): boolean {
  return a.idJson === b.idJson && a.infoJson === b.infoJson
}
