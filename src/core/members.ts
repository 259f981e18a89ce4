/** Who is on a presence channel: users, each with as many sockets as it likes. First in, last out. */
import { appended, type PresenceEntry, type PresenceList, presenceEntry, presenceList } from '../protocol/frames.ts'
import type { Member } from '../protocol/member.ts'

type User = { member: Member; entry: PresenceEntry; readonly sockets: Set<string> }

/** Users who came or went with a change; the others on the channel are to be told. */
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

  of(socketId: string): Member | undefined {
    return this.userOfSocket.get(socketId)?.member
  }

  /** The sockets of one user, by its id as text. */
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
    const user = this.users.get(member.key)
    if (user !== undefined) {
      this.replace(user, member)
      this.seat(socketId, user)
      return { added: undefined, removed }
    }
    const fresh: User = { member, entry: presenceEntry(member), sockets: new Set() }
    if (this.encoded !== undefined) this.encoded = appended(this.encoded, fresh.entry)
    this.users.set(member.key, fresh)
    this.seat(socketId, fresh)
    return { added: member, removed }
  }

  leave(socketId: string): Change {
    const user = this.userOfSocket.get(socketId)
    if (user === undefined) return { added: undefined, removed: undefined }
    this.userOfSocket.delete(socketId)
    user.sockets.delete(socketId)
    if (user.sockets.size > 0) return { added: undefined, removed: undefined }
    this.users.delete(user.member.key)
    this.encoded = undefined
    return { added: undefined, removed: user.member }
  }

  /** What was signed last counts. */
  private replace(user: User, member: Member): void {
    if (isSame(user.member, member)) return
    user.member = member
    user.entry = presenceEntry(member)
    this.encoded = undefined
  }

  private seat(socketId: string, user: User): void {
    user.sockets.add(socketId)
    this.userOfSocket.set(socketId, user)
  }
}

function isSame(a: Member, b: Member): boolean {
  return a.idJson === b.idJson && a.infoJson === b.infoJson
}
