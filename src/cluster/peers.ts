/** The peers of this node, which are the other nodes of the cluster, and what is kept of former ones. */
import { Peer, type Tombstone } from './peer.ts'
import { PendingRoom } from './pending-events.ts'

/** The last numbers of this many former peers are kept, so that none of their messages is accepted a second time. */
const maxTombstones = 10_000

export class Peers {
  private readonly peers = new Map<string, Peer>()
  private readonly tombstones = new Map<string, Tombstone>()
  private readonly room = new PendingRoom()

  get ids(): string[] {
    return [...this.peers.keys()]
  }

  get all(): Iterable<Peer> {
    return this.peers.values()
  }

  /** Pending events for which there was no room, or whose peer was removed. */
  get dropped(): number {
    return this.room.dropped
  }

  /** Whether there are peers, and the state of each is complete. */
  get areAllSynced(): boolean {
    return this.peers.size > 0 && [...this.all].every(({ state }) => state === 'synced')
  }

  get isAnySuspect(): boolean {
    return [...this.all].some(({ state }) => state === 'suspect')
  }

  /** Whether a peer takes over the clients of this node when it stops. */
  hasSuccessor(nowMs: number): boolean {
    return [...this.all].some(peer => peer.isSuccessor(nowMs))
  }

  getOrAdd(id: string, nowMs: number): Peer {
    const peer = this.peers.get(id) ?? new Peer(id, this.tombstones.get(id), this.room, nowMs)
    this.peers.set(id, peer)
    return peer
  }

  /** Removes a peer, and leaves a tombstone in place of the oldest one. */
  remove(peer: Peer): void {
    peer.remove()
    this.peers.delete(peer.id)
    // A Map iterates in the order of insertion, which an update would not change.
    this.tombstones.delete(peer.id)
    this.tombstones.set(peer.id, peer.tombstone)
    for (const oldest of this.tombstones.keys()) {
      if (this.tombstones.size <= maxTombstones) break
      this.tombstones.delete(oldest)
    }
  }

  reconnect(nowMs: number): void {
    for (const peer of this.all) peer.reconnect(nowMs)
  }

  resetTimeouts(nowMs: number): void {
    for (const peer of this.all) peer.resetTimeout(nowMs)
  }

  timedOut(nowMs: number): Peer[] {
    return [...this.all].filter(peer => peer.hasTimedOut(nowMs))
  }
}
