/**
 * Delivers the accepted events of other nodes, in turns of the event loop, so that a burst does not delay other clients. What waits for
 * its turn has a bound in bytes.
 */
import type { Effect } from '../core/effect.ts'
import type { Replica } from '../core/replica.ts'
import { topicOfBody } from './claims.ts'
import { type EventBody, sizeOf } from './envelope.ts'
import { Queue } from './queue.ts'
import type { AcceptedEvent } from './received-numbers.ts'

export type InboxOptions = {
  readonly replica: Pick<Replica, 'cache' | 'deliver' | 'deliverLate' | 'isCached' | 'terminate'>
  /** Applies the effects of a function soon, in another turn of the event loop. */
  readonly later: (act: (nowMs: number) => Effect[]) => void
}

/** This node's own subscribers have received its own events: of these, only cached ones matter. A late event is not cached. */
type Origin = 'own' | 'peer' | 'peer-late'

/** An event whose turn has not come. */
type Waiting = { readonly body: EventBody; readonly origin: Origin; readonly bytes: number }

/** The bound of events that wait for their turn. */
const maxBytes = 16 * 1024 * 1024
/** The most bytes that are delivered in one turn, not counting the last event. */
const turnBytes = 128 * 1024

export class Inbox {
  /** Events for which there was no room. */
  dropped = 0
  /** 0 where none waits. */
  private waitingBytes = 0
  private readonly waiting = new Queue<Waiting>()

  constructor(private readonly options: InboxOptions) {}

  /** Delivers an event of another node, after those that wait. */
  accept(body: EventBody, nowMs: number): Effect[] {
    if (this.waitingBytes === 0) return this.deliver(body, 'peer', nowMs)
    this.enqueue(body, 'peer')
    return []
  }

  /** Delivers several events of another node, as many as one turn allows now. */
  acceptAll(events: readonly AcceptedEvent[], nowMs: number): Effect[] {
    const wasEmpty = this.waitingBytes === 0
    for (const { body, isLate } of events) this.enqueue(body, isLate ? 'peer-late' : 'peer')
    return wasEmpty ? this.deliverTurn(nowMs) : []
  }

  /** Caches an event of this node once its echo has arrived: every node caches the last event in the order of the backplane. */
  onEcho(json: string, nowMs: number): void {
    const topic = topicOfBody(json)
    if (topic !== undefined && !this.options.replica.isCached(topic)) return
    const body = JSON.parse(json) as EventBody
    if (this.waitingBytes === 0) this.deliver(body, 'own', nowMs)
    else this.enqueue(body, 'own')
  }

  private enqueue(body: EventBody, origin: Origin): void {
    const bytes = sizeOf(body)
    if (this.waitingBytes + bytes > maxBytes) {
      this.dropped++
      return
    }
    this.waiting.push({ body, origin, bytes })
    this.waitingBytes += bytes
  }

  private deliverTurn(nowMs: number): Effect[] {
    const effects: Effect[] = []
    for (let delivered = 0; delivered < turnBytes && this.waitingBytes > 0; ) {
      const { body, origin, bytes } = this.waiting.shift()!
      this.waitingBytes -= bytes
      delivered += bytes
      effects.push(...this.deliver(body, origin, nowMs))
    }
    if (this.waitingBytes > 0) this.options.later(now => this.deliverTurn(now))
    return effects
  }

  private deliver(body: EventBody, origin: Origin, nowMs: number): Effect[] {
    const { replica } = this.options
    if (origin === 'own') {
      if (body.type === 'event') replica.cache(body, nowMs)
      return []
    }
    if (body.type === 'terminate') return replica.terminate(body.appId, body.userId, nowMs)
    return origin === 'peer' ? replica.deliver(body, nowMs) : replica.deliverLate(body)
  }
}
