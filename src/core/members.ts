/**
 * The members of a presence channel: users, each with any number of sockets, on this node and on others. A user joins with its first
 * socket and leaves with its last one in the whole cluster. One who has left can stay on the lists of clients for a second:
 * `announcements.ts`.
 */
import { appended, type PresenceEntry, type PresenceList, presenceEntry, presenceList } from '../protocol/frames.ts'
import type { Member } from '../protocol/member.ts'
import { Announcements, type Change } from './announcements.ts'
import { memberBytes } from './connection-state.ts'

type User = {
  member: Member
  entry: PresenceEntry
  /** The user's sockets on this node, each with the number of bytes of its `channel_data`. */
  readonly sockets: Map<string, number>
  /** The other nodes on which the user has sockets. */
  readonly nodes: Set<string>
}

const nothing: Change<Member> = { removed: undefined, added: undefined }

export class Members {
  private readonly users = new Map<string, User>()
  private readonly userOfSocket = new Map<string, User>()
  private readonly announcements = new Announcements<Member>(isSame)
  /** The list as clients have been sent it; undefined where it has to be encoded again, as the change was not at its end. */
  private encoded: PresenceList | undefined = presenceList([])

  /** The number of users, which may have several sockets each. */
  get count(): number {
    return this.users.size
  }

  /** Whether the lists of clients are up to date, and `endWindows` has nothing to do. */
  get areSettled(): boolean {
    return this.announcements.areSettled
  }

  /** Whether a user is present, by its id as text. */
  has(key: string): boolean {
    return this.users.has(key)
  }

  /** Whether a user is on another node, or has a socket on this one for which `counts` returns true. */
  hasWith(key: string, counts: (socketId: string) => boolean): boolean {
    const user = this.users.get(key)
    return user !== undefined && isPresent(user, counts)
  }

  /** The number of such users. */
  countWith(counts: (socketId: string) => boolean): number {
    let count = 0
    for (const user of this.users.values()) if (isPresent(user, counts)) count++
    return count
  }

  /** The members in the order of joining, one for each user. */
  list(): Member[] {
    return Array.from(this.users.values(), user => user.member)
  }

  /** The members with a socket on this node. */
  *localMembers(): Generator<Member> {
    for (const { sockets, member } of this.users.values()) if (sockets.size > 0) yield member
  }

  /** The ids, as text, of the users who are on another node. */
  *keysOnNode(nodeId: string): Generator<string> {
    for (const [key, user] of this.users) if (user.nodes.has(nodeId)) yield key
  }

  memberOf(socketId: string): Member | undefined {
    return this.userOfSocket.get(socketId)?.member
  }

  /** How many bytes the `channel_data` of a socket counts. */
  bytesOf(socketId: string): number {
    return this.userOfSocket.get(socketId)?.sockets.get(socketId) ?? 0
  }

  /** Whether a socket is the only one of its user in the cluster, so that the user would leave with it. */
  isLast(socketId: string): boolean {
    const user = this.userOfSocket.get(socketId)
    return user !== undefined && user.sockets.size === 1 && user.nodes.size === 0
  }

  /** The sockets of a user on this node, by its id as text. */
  socketsOf(key: string): string[] {
    return [...(this.users.get(key)?.sockets.keys() ?? [])]
  }

  /**
   * The list for `subscription_succeeded`: the members that other clients have been sent, so that the announcements that follow are right
   * for a new subscriber, too. A join is appended to it; only after a leave, or a change of a user, it is encoded again.
   */
  snapshot(): PresenceList {
    this.encoded ??= presenceList(this.announcedEntries())
    return this.encoded
  }

  /** A socket joins; one that has joined before changes its user, or the data of its user. Returns what is announced now. */
  join(socketId: string, member: Member, nowMs: number): Change<Member> {
    const before = this.userOfSocket.get(socketId)
    const removed = before === undefined || before.member.key === member.key ? undefined : this.leave(socketId, nowMs).removed
    const { user, added } = this.upsert(member)
    user.sockets.set(socketId, memberBytes(member))
    this.userOfSocket.set(socketId, user)
    return { removed, added }
  }

  /** A socket leaves. Returns what is announced now. */
  leave(socketId: string, nowMs: number): Change<Member> {
    const user = this.userOfSocket.get(socketId)
    this.userOfSocket.delete(socketId)
    user?.sockets.delete(socketId)
    return this.removeIfAbsent(user, nowMs)
  }

  /** A user has joined on another node. Returns what is announced now. */
  joinRemote(nodeId: string, member: Member): Change<Member> {
    const { user, added } = this.upsert(member)
    user.nodes.add(nodeId)
    return { removed: undefined, added }
  }

  /** A user has left on another node. `key` is its id as text. Returns what is announced now. */
  leaveRemote(nodeId: string, key: string, nowMs: number): Change<Member> {
    const user = this.users.get(key)
    user?.nodes.delete(nodeId)
    return this.removeIfAbsent(user, nowMs)
  }

  /** Returns the deferred changes of users whose window is over: they are announced now. */
  *endWindows(nowMs: number): Generator<Change<Member> & { readonly removed: Member }> {
    for (const change of this.announcements.endWindows(key => this.users.get(key)?.member, nowMs)) {
      this.encoded = undefined
      yield change
    }
  }

  /** Adds a user, or replaces the data of one that is present: the data that was signed last counts. */
  private upsert(member: Member): { user: User; added: Member | undefined } {
    const user = this.users.get(member.key)
    if (user === undefined) {
      const fresh: User = { member, entry: presenceEntry(member), sockets: new Map(), nodes: new Set() }
      this.users.set(member.key, fresh)
      if (this.announcements.joined(member.key, member)) {
        if (this.encoded !== undefined) this.encoded = appended(this.encoded, fresh.entry)
        return { user: fresh, added: member }
      }
      if (this.announcements.isOutdated(member.key)) this.encoded = undefined
      return { user: fresh, added: undefined }
    }
    if (!isSame(user.member, member)) {
      user.member = member
      user.entry = presenceEntry(member)
      this.encoded = undefined
    }
    return { user, added: undefined }
  }

  /** Removes a user without any socket left, on this node or another. */
  private removeIfAbsent(user: User | undefined, nowMs: number): Change<Member> {
    if (user === undefined || user.sockets.size > 0 || user.nodes.size > 0) return nothing
    this.users.delete(user.member.key)
    if (!this.announcements.left(user.member.key, nowMs)) {
      // Clients have the user as it was announced, while the list may have data that was signed since.
      if (!isSame(user.member, this.announcements.announced(user.member.key)!)) this.encoded = undefined
      return nothing
    }
    this.encoded = undefined
    return { removed: user.member, added: undefined }
  }

  /** The users who are present, and those whose leave is deferred. */
  private announcedEntries(): PresenceEntry[] {
    const entries = Array.from(this.users.values(), user => user.entry)
    for (const [key, member] of this.announcements.rejoined()) if (!this.users.has(key)) entries.push(presenceEntry(member))
    return entries
  }
}

function isPresent({ sockets, nodes }: User, counts: (socketId: string) => boolean): boolean {
  return nodes.size > 0 || sockets.keys().some(counts)
}

function isSame(a: Member, b: Member): boolean {
  return a.idJson === b.idJson && a.infoJson === b.infoJson
}
