/**
 * Events of peers that have not been verified yet. All of them together have one bound, of which each peer has a fair share: where there
 * is no room, the peer with the most bytes loses its last event. A single peer that does not answer leaves room for the others.
 */
import { type EventEnvelope, sizeOf } from './envelope.ts'
import type { Peer } from './peers.ts'

type Pending = { readonly events: EventEnvelope[]; bytes: number }

const maxBytes = 16 * 1024 * 1024

export class PendingEvents {
  /** Events for which there was no room. */
  dropped = 0
  private bytes = 0
  private readonly byPeer = new Map<Peer, Pending>()

  /** The number of the peer's last pending event; 0 where it has none. */
  lastNumber(peer: Peer): number {
    return this.byPeer.get(peer)?.events.at(-1)?.number ?? 0
  }

  add(peer: Peer, event: EventEnvelope): void {
    const pending = this.byPeer.get(peer) ?? { events: [], bytes: 0 }
    const bytes = sizeOf(event.body)
    if (!this.makeRoom(pending, bytes)) {
      this.dropped++
      return
    }
    pending.events.push(event)
    pending.bytes += bytes
    this.bytes += bytes
    this.byPeer.set(peer, pending)
  }

  /** Removes the events of a peer, and returns them. */
  take(peer: Peer): readonly EventEnvelope[] {
    const pending = this.byPeer.get(peer)
    this.byPeer.delete(peer)
    this.bytes -= pending?.bytes ?? 0
    return pending?.events ?? []
  }

  /** Drops events of peers that would have more than this one with the new event. Returns false where that makes too little room. */
  private makeRoom(pending: Pending, bytes: number): boolean {
    while (this.bytes + bytes > maxBytes) {
      const largest = [...this.byPeer.values()].reduce((most, other) => (other.bytes > most.bytes ? other : most), pending)
      if (largest.bytes <= pending.bytes + bytes) return false
      const dropped = sizeOf(largest.events.pop()!.body)
      largest.bytes -= dropped
      this.bytes -= dropped
      this.dropped++
    }
    return true
  }
}
