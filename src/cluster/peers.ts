/** The other nodes: who is there, and up to where each has been heard. */

export type Peer = {
  /** Of the last thing that it said. */
  number: number
  /** Of the last entries that were taken in; undefined while a snapshot has to come first. */
  sequence: number | undefined
  seenAtMs: number
  askedAtMs: number
}

/** How long a node may say nothing before it is taken for gone. */
export const silenceMs = 10_000
/** How long to wait for a snapshot before it is asked for again. */
const askAgainMs = 2000
/** Numbers of nodes that are gone: what they have said is not believed a second time. */
const maxRemembered = 10_000

export class Peers {
  private readonly peers = new Map<string, Peer>()
  private readonly numbers = new Map<string, number>()

  get ids(): string[] {
    return [...this.peers.keys()]
  }

  get all(): Iterable<[id: string, peer: Peer]> {
    return this.peers
  }

  /** The peer, known from now on at the latest; undefined when this was said before. */
  heard(id: string, number: number, nowMs: number): Peer | undefined {
    const peer = this.peers.get(id) ?? this.meet(id, nowMs)
    if (number <= peer.number) return undefined
    peer.number = number
    peer.seenAtMs = nowMs
    return peer
  }

  forget(id: string): void {
    const peer = this.peers.get(id)
    if (peer === undefined || !this.peers.delete(id)) return
    this.numbers.set(id, peer.number)
    for (const oldest of this.numbers.keys()) {
      if (this.numbers.size <= maxRemembered) return
      this.numbers.delete(oldest)
    }
  }

  /** Those who have said nothing for too long. */
  silent(nowMs: number): string[] {
    return this.ids.filter(id => nowMs - this.peers.get(id)!.seenAtMs >= silenceMs)
  }

  private meet(id: string, nowMs: number): Peer {
    const number = this.numbers.get(id) ?? Number.NEGATIVE_INFINITY
    const peer = { number, sequence: undefined, seenAtMs: nowMs, askedAtMs: Number.NEGATIVE_INFINITY }
    this.peers.set(id, peer)
    return peer
  }
}

/** Whether a snapshot is to be asked for now; notes that it is. */
export function mayAsk(peer: Peer, nowMs: number): boolean {
  if (nowMs - peer.askedAtMs < askAgainMs) return false
  peer.askedAtMs = nowMs
  return true
}
