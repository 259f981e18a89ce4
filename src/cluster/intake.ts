/**
 * Events of other nodes: each is carried out once. Those of a node that has not answered this one yet wait until it has: before
 * that, they could be somebody's recording.
 */
import type { Effect } from '../core/effect.ts'
import { concerns, relayed, remember } from '../core/replica.ts'
import type { State } from '../core/state.ts'
import { claimedTopic, type EventBody, type EventEnvelope } from './envelope.ts'
import type { Peer } from './peers.ts'

export type IntakeOptions = {
  readonly state: State
  /** Carries a user's end out here. */
  readonly terminate: (appId: string, userId: string, nowMs: number) => Effect[]
}

/** What may wait of all nodes until they have answered. */
const maxCharacters = 16 * 1024 * 1024
/** Of an event, beside its frame. */
const overhead = 200

export class Intake {
  /** What was said before. */
  replayed = 0
  /** Events that there was no room for until their node had answered. */
  dropped = 0
  private characters = 0

  constructor(private readonly options: IntakeOptions) {}

  /** Whether it is an event that nobody here is to hear of: it is not even verified. */
  isForNobody(text: string): boolean {
    const topic = claimedTopic(text)
    return topic !== undefined && !concerns(this.options.state, topic)
  }

  take(peer: Peer, envelope: EventEnvelope, nowMs: number): Effect[] {
    const { number } = envelope
    if (number <= (peer.event ?? 0) || number <= (peer.waiting?.at(-1)?.number ?? 0)) this.replayed++
    else if (peer.waiting === undefined) return this.carryOut(peer, envelope, nowMs)
    else this.putOff(peer.waiting, envelope)
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
    return waiting.flatMap(envelope => this.take(peer, envelope, nowMs))
  }

  /** The peer has not answered. */
  discard(peer: Peer): void {
    for (const envelope of peer.waiting ?? []) this.characters -= sizeOf(envelope)
    peer.waiting = []
  }

  /** An event of this node has come back: after those of others that came before it, on every node. */
  takeBack(event: EventBody, nowMs: number): void {
    if (event.type === 'event') remember(this.options.state, event, nowMs)
  }

  private putOff(waiting: EventEnvelope[], envelope: EventEnvelope): void {
    const size = sizeOf(envelope)
    if (this.characters + size > maxCharacters) {
      this.dropped++
      return
    }
    this.characters += size
    waiting.push(envelope)
  }

  /** Everybody has heard what the peer said before `from`: whoever says it now is late. The number is as in `release`. */
  pass(peer: Peer, number: number, from: number): void {
    if (peer.waiting !== undefined) return
    const heard = peer.event ?? 0
    peer.event = heard >= number ? from - 1 : Math.max(heard, from - 1)
  }

  private carryOut(peer: Peer, { number, body }: EventEnvelope, nowMs: number): Effect[] {
    peer.event = number
    peer.seenAtMs = nowMs
    if (body.type === 'event') return relayed(this.options.state, body, nowMs)
    return this.options.terminate(body.appId, body.userId, nowMs)
  }
}

function sizeOf({ body }: EventEnvelope): number {
  return overhead + (body.type === 'event' ? body.frame.length : 0)
}
