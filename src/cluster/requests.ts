/**
 * Requests the snapshots of peers. A request that is not answered is repeated. On a slow backplane an answer takes longer, and is waited
 * for: the peer takes a request that is repeated for a sign that its answer was lost, and begins the snapshot anew.
 */
import type { SnapshotRequest } from './envelope.ts'
import type { Peer } from './peers.ts'
import type { Publisher } from './publisher.ts'

/** How long an answer is waited for, at least, before a request is repeated. */
const repeatMs = 2000
/**
 * How long an answer is waited for at most. The time of an answer includes that of requests which were lost before it, so without a bound
 * each loss would make the next wait three times as long. A minute is the least bound that TCP's retransmission timer may have, too
 * (RFC 6298, 2.5).
 */
const maxRepeatMs = 60_000

export class Requests {
  constructor(private readonly publisher: Pick<Publisher, 'isConnected' | 'publishControl' | 'lastNumber'>) {}

  /** Requests a whole snapshot. Changes of the peer are ignored until its first part arrives, which has them. */
  requestSnapshot(id: string, peer: Peer, nowMs: number): void {
    peer.sequence = undefined
    peer.snapshot = undefined
    if (this.publisher.isConnected && isDue(peer, nowMs)) this.request(id, peer, { part: 0 }, nowMs)
  }

  /** Requests what has to follow the part that has been received, if anything has. */
  requestNext(id: string, peer: Peer, nowMs: number): void {
    if (peer.snapshot !== undefined) this.requestPart(id, peer, peer.snapshot, nowMs)
    else if (peer.sequence === undefined) this.requestSnapshot(id, peer, nowMs)
  }

  /** Requests the next part of a snapshot again, if it has not come for too long. */
  repeatRequest(id: string, peer: Peer, nowMs: number): void {
    if (peer.snapshot !== undefined && isDue(peer, nowMs)) this.requestPart(id, peer, peer.snapshot, nowMs)
  }

  /**
   * This node has missed changes of a peer, and requests a snapshot. One that is under way is completed first: where changes exceed the
   * rate of the backplane, gaps are so frequent that no snapshot would ever be completed otherwise.
   */
  onGap(id: string, peer: Peer, nowMs: number): void {
    if (peer.snapshot === undefined) this.requestSnapshot(id, peer, nowMs)
    else peer.snapshot.hasGap = true
  }

  /**
   * Whether a snapshot answers a request to the peer. No replay does: a message that does is the peer's own, and so is its number,
   * whatever forged messages have claimed before.
   *
   * @param answers the number of the message that it answers
   */
  isAnswer({ request }: Peer, answers: number): boolean {
    return request !== undefined && answers >= request.number && answers <= this.publisher.lastNumber
  }

  private requestPart(id: string, peer: Peer, { part, number }: NonNullable<Peer['snapshot']>, nowMs: number): void {
    this.request(id, peer, { part: part + 1, after: number }, nowMs)
  }

  private request(id: string, peer: Peer, request: Omit<SnapshotRequest, 'number'>, nowMs: number): void {
    const number = this.publisher.publishControl({ type: 'ask', to: id, ...request })
    if (number === undefined) return
    peer.requestedAtMs = nowMs
    peer.request ??= { number, sentAtMs: nowMs }
  }
}

/** Lets the next request be sent at once: the peer may not have received the last one. */
export function allowRequest(peer: Peer): void {
  peer.requestedAtMs = Number.NEGATIVE_INFINITY
}

function isDue({ requestedAtMs, answerMs }: Peer, nowMs: number): boolean {
  return nowMs - requestedAtMs >= Math.min(Math.max(repeatMs, 3 * answerMs), maxRepeatMs)
}
