/**
 * The signed-in users of one app, and their watchers. A user is online while any socket is signed in as that user, on this node or on
 * another.
 */
import type { SignedInUser } from '../protocol/user.ts'
import { Announcements } from './announcements.ts'

export class Users {
  /** What watchers are sent, which can be out of date for a second. */
  readonly announcements = new Announcements<string>(isSame)
  private readonly sockets = new Map<string, Set<string>>()
  private readonly nodes = new Map<string, Set<string>>()
  private readonly watchers = new Map<string, Set<string>>()

  isOnline(userId: string): boolean {
    return this.isLocal(userId) || this.nodes.has(userId)
  }

  /** Whether the last that watchers have been sent is that the user is online. */
  isAnnouncedOnline(userId: string): boolean {
    return this.isOnline(userId) || this.announcements.announced(userId) !== undefined
  }

  /** Whether a socket of this node is signed in as the user. */
  isLocal(userId: string): boolean {
    return this.sockets.has(userId)
  }

  /** The ids of the users who are signed in on this node. */
  localIds(): Iterable<string> {
    return this.sockets.keys()
  }

  /** The ids of the users who are signed in on another node. */
  *idsOnNode(nodeId: string): Generator<string> {
    for (const [userId, nodes] of this.nodes) if (nodes.has(nodeId)) yield userId
  }

  /** The sockets of this node that are signed in as a user. */
  socketsOf(userId: string): string[] {
    return [...(this.sockets.get(userId) ?? [])]
  }

  /** The sockets of this node whose watchlist has the user on it. */
  watchersOf(userId: string): string[] {
    return [...(this.watchers.get(userId) ?? [])]
  }

  add(socketId: string, { id, watchlist }: SignedInUser): void {
    addTo(this.sockets, id, socketId)
    for (const watched of watchlist) addTo(this.watchers, watched, socketId)
  }

  remove(socketId: string, { id, watchlist }: SignedInUser): void {
    removeFrom(this.sockets, id, socketId)
    for (const watched of watchlist) removeFrom(this.watchers, watched, socketId)
  }

  /** The user has signed in on another node. */
  addNode(nodeId: string, userId: string): void {
    addTo(this.nodes, userId, nodeId)
  }

  /** The user is signed in on another node no longer. */
  removeNode(nodeId: string, userId: string): void {
    removeFrom(this.nodes, userId, nodeId)
  }
}

/** Watchers are sent nothing about a user but its id, so that it never changes. */
function isSame(): boolean {
  return true
}

function addTo(sets: Map<string, Set<string>>, key: string, member: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([member]))
  else set.add(member)
}

/** Removes a member, and a set that has become empty. */
function removeFrom(sets: Map<string, Set<string>>, key: string, member: string): void {
  const set = sets.get(key)
  set?.delete(member)
  if (set?.size === 0) sets.delete(key)
}
