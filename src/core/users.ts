/**
 * The signed-in users of one app, and who watches whom. A user is online while any socket is signed in as it, on this
 * node or on another.
 */
import type { SignedInUser } from '../protocol/user.ts'
import { Announcements } from './announcements.ts'

export class Users {
  /** What watchers have been sent, which can be out of date for a second. */
  readonly announcements = new Announcements<string>(isSame)
  private readonly sockets = new Map<string, Set<string>>()
  private readonly nodes = new Map<string, Set<string>>()
  private readonly watchers = new Map<string, Set<string>>()

  isOnline(userId: string): boolean {
    return this.isHere(userId) || this.nodes.has(userId)
  }

  /** Whether watchers have last been sent that the user is online. */
  isShownOnline(userId: string): boolean {
    return this.isOnline(userId) || this.announcements.shown(userId) !== undefined
  }

  /** Whether a socket of this node is signed in as it. */
  isHere(userId: string): boolean {
    return this.sockets.has(userId)
  }

  /** The ids of those who are signed in on this node. */
  ofThisNode(): Iterable<string> {
    return this.sockets.keys()
  }

  /** The ids of those who are signed in on that other node. */
  *ofNode(nodeId: string): Generator<string> {
    for (const [userId, nodes] of this.nodes) if (nodes.has(nodeId)) yield userId
  }

  /** On this node. */
  socketsOf(userId: string): string[] {
    return [...(this.sockets.get(userId) ?? [])]
  }

  /** The sockets of this node that want to hear of that user. */
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

  /** Another node has that user. */
  addNode(nodeId: string, userId: string): void {
    put(this.nodes, userId, nodeId)
  }

  /** Another node has that user no longer. */
  removeNode(nodeId: string, userId: string): void {
    take(this.nodes, userId, nodeId)
  }
}

/** Watchers are sent nothing of a user but its id. */
function isSame(): boolean {
  return true
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
