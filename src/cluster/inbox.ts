/**
 * Delivers the events of other nodes, each once. Events of a node that has not answered this one yet are queued until it has: before
 * that, they could be a replay. Then they are delivered in turns of the event loop, so that many of them do not delay other clients.
 */
import type { Effect } from '../core/effect.ts'
import { concerns, isCached, relayed, remember } from '../core/replica.ts'
import type { State } from '../core/state.ts'
import { claimedTopic, type EventBody, type EventEnvelope, sizeOf, topicOfBody } from './envelope.ts'
import type { Peer } from './peers.ts'
import { Queue } from './queue.ts'

export type InboxOptions = {
  readonly state: State
  /** Carries a user's end out here. */
  readonly terminate: (appId: string, userId: string, nowMs: number) => Effect[]
  /** Has the effects of that carried out soon, in another turn of the event loop. */
  readonly later: (act: (nowMs: number) => Effect[]) => void
}

/** One that is taken in; an event of this node itself was carried out when it happened, and is only remembered. */
type Accepted = { readonly body: EventBody; readonly isOwn: boolean; readonly bytes: number }

/** Of all nodes together, what may wait until they have answered, or until its turn. */
const maxBytes = 16 * 1024 * 1024
/** What is carried out in one turn, beside the last event. */
const turnBytes = 128 * 1024

export class Inbox {
  /** What was said before. */
  replayed = 0
  /** Events that there was no room for until their node had answered. */
  dropped = 0
  private bytes = 0
  private readonly accepted = new Queue<Accepted>()

  constructor(private readonly options: InboxOptions) {}

  /** Whether it is an event that nobody here is to hear of: it is not even verified. */
  isForNobody(text: string): boolean {
    const topic = claimedTopic(text)
    return topic !== undefined && !concerns(this.options.state, topic)
  }

  take(peer: Peer, envelope: EventEnvelope, nowMs: number): Effect[] {
    const { number, epoch } = envelope
    const known = Math.max(peer.event ?? 0, peer.waiting?.at(-1)?.number ?? 0)
    if (number <= known || epoch < peer.epoch) this.replayed++
    else if (peer.waiting === undefined) return this.accept(peer, envelope, nowMs)
    else if (this.hasRoomFor(sizeOf(envelope.body))) peer.waiting.push(envelope)
    return []
  }

  /**
   * The peer has answered, in the envelope of that number, and whoever has never known it need not hear of what was said before
   * `from`. Its numbers only grow: an event that claimed a higher one was not its own.
   */
  release(peer: Peer, number: number, from: number, nowMs: number): Effect[] {
    const waiting = (peer.waiting ?? []).filter(event => event.number < number)
    this.discard(peer)
    peer.waiting = undefined
    if (peer.event === undefined || peer.event >= number) peer.event = from - 1
    const wasEmpty = this.accepted.length === 0
    for (const { number: at, epoch, body } of waiting) {
      if (at <= peer.event || epoch < peer.epoch) this.replayed++
      else if (this.queue(body, false)) peer.event = at
    }
    return wasEmpty ? this.carryOutAccepted(nowMs) : []
  }

  /** The peer has not answered. */
  discard(peer: Peer): void {
    for (const { body } of peer.waiting ?? []) this.bytes -= sizeOf(body)
    peer.waiting = []
  }

  /** An event of this node has come back, as JSON: after those of others that came before it, on every node. */
  takeBack(json: string, nowMs: number): void {
    const topic = topicOfBody(json)
    if (topic !== undefined && !isCached(topic)) return
    const body = JSON.parse(json) as EventBody
    if (this.accepted.length === 0) this.carryOut(body, true, nowMs)
    else this.queue(body, true)
  }

  /** Everybody has heard what the peer said before `from`: whoever says it now is late. The number is as in `release`. */
  pass(peer: Peer, number: number, from: number): void {
    if (peer.waiting !== undefined) return
    const heard = peer.event ?? 0
    peer.event = heard >= number ? from - 1 : Math.max(heard, from - 1)
  }

  private accept(peer: Peer, { number, body }: EventEnvelope, nowMs: number): Effect[] {
    peer.event = number
    peer.seenAtMs = nowMs
    if (this.accepted.length === 0) return this.carryOut(body, false, nowMs)
    this.queue(body, false)
    return []
  }

  /** Returns false where there is no room for it. */
  private queue(body: EventBody, isOwn: boolean): boolean {
    const bytes = sizeOf(body)
    const fits = this.hasRoomFor(bytes)
    if (fits) this.accepted.push({ body, isOwn, bytes })
    return fits
  }

  /** Whether an event may be queued; it counts as queued then, and as dropped if not. */
  private hasRoomFor(bytes: number): boolean {
    const fits = this.bytes + bytes <= maxBytes
    if (fits) this.bytes += bytes
    else this.dropped++
    return fits
  }

  private carryOutAccepted(nowMs: number): Effect[] {
    const effects: Effect[] = []
    for (let taken = 0; taken < turnBytes && this.accepted.length > 0; ) {
      const { body, isOwn, bytes } = this.accepted.shift()!
      this.bytes -= bytes
      taken += bytes
      effects.push(...this.carryOut(body, isOwn, nowMs))
    }
    if (this.accepted.length > 0) this.options.later(now => this.carryOutAccepted(now))
    return effects
  }

  private carryOut(body: EventBody, isOwn: boolean, nowMs: number): Effect[] {
    if (isOwn) {
      if (body.type === 'event') remember(this.options.state, body, nowMs)
      return []
    }
    if (body.type === 'event') return relayed(this.options.state, body, nowMs)
    return this.options.terminate(body.appId, body.userId, nowMs)
  }
}
