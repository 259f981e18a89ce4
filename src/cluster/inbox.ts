/**
 * Delivers the events of other nodes, each once. Events of a peer that is not verified yet are pending: until it has answered a request
 * of this node, they could be a replay. Accepted events are delivered in turns of the event loop, so that a burst does not delay other
 * clients. What is pending and what is accepted have a bound each: a peer that does not answer displaces no accepted event.
 */
import type { Effect } from '../core/effect.ts'
import type { Replica } from '../core/replica.ts'
import { type EventBody, type EventEnvelope, sizeOf, topicOfBody, unverifiedTopic } from './envelope.ts'
import type { Peer } from './peers.ts'
import { PendingEvents } from './pending-events.ts'
import { Queue } from './queue.ts'

export type InboxOptions = {
  readonly replica: Replica
  /** Applies the effects of a function soon, in another turn of the event loop. */
  readonly later: (act: (nowMs: number) => Effect[]) => void
}

/** An event whose turn has not come. This node's own subscribers have received its own events: of these, only cached ones matter. */
type Accepted = { readonly body: EventBody; readonly isOwn: boolean; readonly bytes: number }

/** The bound of accepted events. */
const maxBytes = 16 * 1024 * 1024
/** The most bytes that are delivered in one turn, not counting the last event. */
const turnBytes = 128 * 1024

export class Inbox {
  /** Events that were received before. */
  replayed = 0
  private droppedAccepted = 0
  private acceptedBytes = 0
  private readonly accepted = new Queue<Accepted>()
  private readonly pending = new PendingEvents()

  constructor(private readonly options: InboxOptions) {}

  /** Events for which there was no room. */
  get dropped(): number {
    return this.droppedAccepted + this.pending.dropped
  }

  /** Whether a message is an event without a subscriber or a cache channel on this node. It is ignored without being verified. */
  isIrrelevant(message: string): boolean {
    const topic = unverifiedTopic(message)
    return topic !== undefined && !this.options.replica.isRelevant(topic)
  }

  receive(peer: Peer, envelope: EventEnvelope, nowMs: number): Effect[] {
    const { number, epoch } = envelope
    if (number <= (peer.lastEvent ?? 0) || epoch < peer.epoch) this.replayed++
    else if (peer.isVerified) return this.accept(peer, envelope, nowMs)
    else if (number <= this.pending.lastNumber(peer)) this.replayed++
    else this.pending.add(peer, envelope)
    return []
  }

  /**
   * Accepts the pending events of a peer that is verified now, by a message of that number.
   *
   * @param number the peer's own numbers only grow: an event that claimed a higher one was not its own
   * @param oldestUnacknowledged the peer's earlier events have reached every node that was there: to a node that is new to the peer, they
   * need not be delivered
   */
  acceptPending(peer: Peer, number: number, oldestUnacknowledged: number, nowMs: number): Effect[] {
    const pending = this.pending.take(peer).filter(event => event.number < number)
    if (peer.lastEvent === undefined || peer.lastEvent >= number) peer.lastEvent = oldestUnacknowledged - 1
    const wasEmpty = this.accepted.length === 0
    for (const { number: at, epoch, body } of pending) {
      if (at <= peer.lastEvent || epoch < peer.epoch) this.replayed++
      else if (this.enqueue(body, false)) peer.lastEvent = at
    }
    return wasEmpty ? this.deliverTurn(nowMs) : []
  }

  /** Discards the pending events of a peer that is removed. */
  discardPending(peer: Peer): void {
    this.pending.take(peer)
  }

  /** Caches an event of this node once its echo has arrived: every node caches the last event in the order of the backplane. */
  onEcho(json: string, nowMs: number): void {
    const topic = topicOfBody(json)
    if (topic !== undefined && !this.options.replica.isCached(topic)) return
    const body = JSON.parse(json) as EventBody
    if (this.accepted.length === 0) this.deliver(body, true, nowMs)
    else this.enqueue(body, true)
  }

  /** Rejects from now on the events that every node has received. The parameters are those of `acceptPending`. */
  advanceLastEvent(peer: Peer, number: number, oldestUnacknowledged: number): void {
    if (!peer.isVerified) return
    const last = peer.lastEvent ?? 0
    peer.lastEvent = last >= number ? oldestUnacknowledged - 1 : Math.max(last, oldestUnacknowledged - 1)
  }

  private accept(peer: Peer, { number, body }: EventEnvelope, nowMs: number): Effect[] {
    peer.lastEvent = number
    peer.seenAtMs = nowMs
    if (this.accepted.length === 0) return this.deliver(body, false, nowMs)
    this.enqueue(body, false)
    return []
  }

  /** Returns false where there is no room for the event. */
  private enqueue(body: EventBody, isOwn: boolean): boolean {
    const bytes = sizeOf(body)
    if (this.acceptedBytes + bytes > maxBytes) {
      this.droppedAccepted++
      return false
    }
    this.accepted.push({ body, isOwn, bytes })
    this.acceptedBytes += bytes
    return true
  }

  private deliverTurn(nowMs: number): Effect[] {
    const effects: Effect[] = []
    for (let delivered = 0; delivered < turnBytes && this.accepted.length > 0; ) {
      const { body, isOwn, bytes } = this.accepted.shift()!
      this.acceptedBytes -= bytes
      delivered += bytes
      effects.push(...this.deliver(body, isOwn, nowMs))
    }
    if (this.accepted.length > 0) this.options.later(now => this.deliverTurn(now))
    return effects
  }

  private deliver(body: EventBody, isOwn: boolean, nowMs: number): Effect[] {
    if (isOwn) {
      if (body.type === 'event') this.options.replica.cache(body, nowMs)
      return []
    }
    if (body.type === 'event') return this.options.replica.deliver(body, nowMs)
    return this.options.replica.terminate(body.appId, body.userId, nowMs)
  }
}
