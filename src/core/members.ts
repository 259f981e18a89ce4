/**
 * Who is on a presence channel: users, each with as many sockets as it likes, on this node and on others. First in, last
 * out, over the whole cluster. A user who has left can stay on the lists of clients for a second: `announcements.ts`.
 */
import { appended, type PresenceEntry, type PresenceList, presenceEntry, presenceList } from '../protocol/frames.ts'
import type { Member } from '../protocol/member.ts'
import { Announcements, type Change } from './announcements.ts'
import { memberBytes } from './kept.ts'

type User = {
  member: Member
  entry: PresenceEntry
  /** Its sockets on this node, each with the bytes of the data that it joined with. */
  readonly sockets: Map<string, number>
  /** The other nodes that it is on. */
  readonly nodes: Set<string>
}

const nothing: Change<Member> = { removed: undefined, added: undefined }

export class Members {
  private readonly users = new Map<string, User>()
  private readonly userOfSocket = new Map<string, User>()
  private readonly announcements = new Announcements<Member>(isSame)
  /** Of those that clients have been sent. Undefined when a change was not one at its end. */
  private encoded: PresenceList | undefined = presenceList([])

  /** The number of users, not of sockets. */
  get count(): number {
    return this.users.size
  }

  /** Whether the lists of clients are up to date, and `settle` has nothing to do. */
  get areSettled(): boolean {
    return this.announcements.areSettled
  }

  /** Whether a user is here, by its id as text. */
  has(key: string): boolean {
    return this.users.has(key)
  }

  /** Whether a user is on another node, or has a socket here for which `counts` returns true. */
  hasWith(key: string, counts: (socketId: string) => boolean): boolean {
    const user = this.users.get(key)
    return user !== undefined && isHere(user, counts)
  }

  /** The number of such users. */
  countWith(counts: (socketId: string) => boolean): number {
    let count = 0
    for (const user of this.users.values()) if (isHere(user, counts)) count++
    return count
  }

  /** One per user, in the order of joining. */
  list(): Member[] {
    return Array.from(this.users.values(), user => user.member)
  }

  /** Those who have a socket on this node. */
  *ofThisNode(): Generator<Member> {
    for (const { sockets, member } of this.users.values()) if (sockets.size > 0) yield member
  }

  /** The ids, as text, of those who are on that other node. */
  *ofNode(nodeId: string): Generator<string> {
    for (const [key, user] of this.users) if (user.nodes.has(nodeId)) yield key
  }

  of(socketId: string): Member | undefined {
    return this.userOfSocket.get(socketId)?.member
  }

  /** How many bytes the data has that a socket joined with. */
  bytesOf(socketId: string): number {
    return this.userOfSocket.get(socketId)?.sockets.get(socketId) ?? 0
  }

  /** Whether that socket is all that keeps its user here: it would make room for another. */
  isLast(socketId: string): boolean {
    const user = this.userOfSocket.get(socketId)
    return user !== undefined && user.sockets.size === 1 && user.nodes.size === 0
  }

  /** The sockets of one user on this node, by its id as text. */
  socketsOf(key: string): string[] {
    return [...(this.users.get(key)?.sockets.keys() ?? [])]
  }

  /**
   * For `subscription_succeeded`: the members that clients have been sent, so that the announcements after it are right for a new
   * subscriber, too. A join appends to it; only a leave or a changed user has it encoded again.
   */
  snapshot(): PresenceList {
    this.encoded ??= presenceList(this.shownEntries())
    return this.encoded
  }

  /** A socket that is already here changes its user, or what is known of it. Returns what is announced now. */
  join(socketId: string, member: Member, nowMs: number): Change<Member> {
    const before = this.userOfSocket.get(socketId)
    const removed = before === undefined || before.member.key === member.key ? undefined : this.leave(socketId, nowMs).removed
    const { user, added } = this.seat(member)
    user.sockets.set(socketId, memberBytes(member))
    this.userOfSocket.set(socketId, user)
    return { removed, added }
  }

  /** Returns what is announced now. */
  leave(socketId: string, nowMs: number): Change<Member> {
    const user = this.userOfSocket.get(socketId)
    this.userOfSocket.delete(socketId)
    user?.sockets.delete(socketId)
    return this.unseat(user, nowMs)
  }

  /** Another node has that user. Returns what is announced now. */
  joinNode(nodeId: string, member: Member): Change<Member> {
    const { user, added } = this.seat(member)
    user.nodes.add(nodeId)
    return { removed: undefined, added }
  }

  /** Another node has that user no longer. `key` is its id as text. Returns what is announced now. */
  leaveNode(nodeId: string, key: string, nowMs: number): Change<Member> {
    const user = this.users.get(key)
    user?.nodes.delete(nodeId)
    return this.unseat(user, nowMs)
  }

  /** Returns the held changes of users whose window is over: they are announced now. */
  *settle(nowMs: number): Generator<Change<Member> & { readonly removed: Member }> {
    for (const change of this.announcements.settle(key => this.users.get(key)?.member, nowMs)) {
      this.encoded = undefined
      yield change
    }
  }

  /** What was signed last counts. */
  private seat(member: Member): { user: User; added: Member | undefined } {
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

  /** Removes a user that has no socket and no node left; of one that has, nothing has changed. */
  private unseat(user: User | undefined, nowMs: number): Change<Member> {
    if (user === undefined || user.sockets.size > 0 || user.nodes.size > 0) return nothing
    this.users.delete(user.member.key)
    if (!this.announcements.left(user.member.key, nowMs)) {
      // Clients have it on their lists as it was announced, while the snapshot may have what was signed since.
      if (!isSame(user.member, this.announcements.shown(user.member.key)!)) this.encoded = undefined
      return nothing
    }
    this.encoded = undefined
    return { removed: user.member, added: undefined }
  }

  /** Those who are here, and those whose leave is held. */
  private shownEntries(): PresenceEntry[] {
    const entries = Array.from(this.users.values(), user => user.entry)
    for (const [key, member] of this.announcements.rejoined()) if (!this.users.has(key)) entries.push(presenceEntry(member))
    return entries
  }
}

function isHere({ sockets, nodes }: User, counts: (socketId: string) => boolean): boolean {
  return nodes.size > 0 || sockets.keys().some(counts)
}

function isSame(a: Member, b: Member): boolean {
  return a.idJson === b.idJson && a.infoJson === b.infoJson
}
