/** The signed-in users of one app, and who watches whom. A user is online while any socket is signed in as it. */
import type { SignedInUser } from '../protocol/user.ts'

export class Users {
  private readonly sockets = new Map<string, Set<string>>()
  private readonly watchers = new Map<string, Set<string>>()

  isOnline(userId: string): boolean {
    return this.sockets.has(userId)
  }

  socketsOf(userId: string): string[] {
    return [...(this.sockets.get(userId) ?? [])]
  }

  /** The sockets that want to hear of that user. */
  watchersOf(userId: string): string[] {
    return [...(this.watchers.get(userId) ?? [])]
  }

  add(socketId: string, { id, watchlist }: SignedInUser): void {
    put(this.sockets, id, socketId)
    for (const watched of watchlist) put(this.watchers, watched, socketId)
  }

  remove(socketId: string, { id, watchlist }: SignedInUser): void {
    take(this.sockets, id, socketId)
    for (const watched of watchlist) take(this.watchers, watched, socketId)
  }
}

function put(sets: Map<string, Set<string>>, key: string, member: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([member]))
  else set.add(member)
}

/** A set that has become empty goes too. */
function take(sets: Map<string, Set<string>>, key: string, member: string): void {
  const set = sets.get(key)
  set?.delete(member)
  if (set?.size === 0) sets.delete(key)
}
