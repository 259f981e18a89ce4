/** Who is on a presence channel: users, each with as many sockets as it likes. First in, last out. */
import { presenceSnapshot } from '../protocol/frames.ts'
import type { Member } from '../protocol/member.ts'

type User = { member: Member; readonly sockets: Set<string> }

/** Users who came or went with a change; the others on the channel are to be told. */
export type Change = { readonly added: Member | undefined; readonly removed: Member | undefined }

export class Members {
  private readonly users = new Map<string, User>()
  private readonly userOfSocket = new Map<string, User>()
  private encoded: string | undefined

  /** The number of users, not of sockets. */
  get count(): number {
    return this.users.size
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

  /** JSON for `subscription_succeeded`, encoded once per change. */
  snapshot(): string {
    this.encoded ??= presenceSnapshot(this.list())
    return this.encoded
  }

  /** A socket that is already here changes its user, or what is known of it. */
  join(socketId: string, member: Member): Change {
    const before = this.userOfSocket.get(socketId)
    const removed = before === undefined || before.member.key === member.key ? undefined : this.leave(socketId).removed
    const user = this.users.get(member.key)
    this.encoded = undefined
    if (user !== undefined) {
      user.member = member
      this.seat(socketId, user)
      return { added: undefined, removed }
    }
    const fresh: User = { member, sockets: new Set() }
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

  private seat(socketId: string, user: User): void {
    user.sockets.add(socketId)
    this.userOfSocket.set(socketId, user)
  }
}
