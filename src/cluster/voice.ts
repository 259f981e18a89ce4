/**
 * What one node says, numbered and signed, and whether it hears itself. Events wait until everybody can hear them, and are said
 * again until they have come back.
 */
import { type Body, decode, type EventBody, encode, isEvent, signatureLength, startOf } from './envelope.ts'
import { Outbox } from './outbox.ts'

export type VoiceOptions = {
  readonly id: string
  readonly key: string
  /** Hands a text to every node, this one too. */
  readonly send: (text: string) => void
}

export type Back = { readonly event?: EventBody }
const nothing: Back = {}

/** What may wait while nothing gets through. */
const maxOutboxCharacters = 16 * 1024 * 1024
/** So long it may take until something comes back: it says something every two seconds. */
const deafMs = 4000

export class Voice {
  /** Texts in the name of this node with numbers that it has not come to. */
  invented = 0
  private readonly outbox = new Outbox(maxOutboxCharacters)
  private readonly start: string
  private number = 0
  /** Of the last of its texts that came back, events aside. */
  private heardNumber = 0
  private heardAtMs = Number.NEGATIVE_INFINITY
  private getsThrough = false
  private reachesAll = false

  constructor(private readonly options: VoiceOptions) {
    this.start = startOf(options.id)
  }

  get isUp(): boolean {
    return this.getsThrough
  }

  /** The number of the first event that others may not have heard yet. */
  get from(): number {
    return this.outbox.oldest ?? this.number + 1
  }

  /** Of the last text. */
  get last(): number {
    return this.number
  }

  /** Events that there was no room for until they could be said. */
  get dropped(): number {
    return this.outbox.dropped
  }

  /** A node that does not hear itself cannot say of others that they are silent. */
  isDeaf(nowMs: number): boolean {
    return nowMs - this.heardAtMs >= deafMs
  }

  /** Texts get through from now on; whether to everybody who is to hear of events, `open` and `hold` say. */
  rise(nowMs: number): void {
    this.getsThrough = true
    this.heardAtMs = nowMs
  }

  fall(): void {
    this.getsThrough = false
    this.reachesAll = false
    this.outbox.rewind()
  }

  /** Says what has waited, and what comes at once. */
  open(): void {
    this.reachesAll = this.getsThrough
    if (this.reachesAll) this.outbox.say(this.options.send)
  }

  /** Events wait for somebody. */
  hold(): void {
    this.reachesAll = false
  }

  /** What need not be said any more once it is late. Returns its number; undefined when nothing gets through. */
  say(body: Body): number | undefined {
    if (!this.getsThrough) return undefined
    this.options.send(this.numbered(body))
    return this.number
  }

  /** What is said late rather than never. */
  saySurely(event: EventBody): void {
    const text = this.numbered(event)
    this.outbox.add(this.number, text, event)
    if (this.reachesAll) this.outbox.say(this.options.send)
  }

  /** Whether a text is this node's own, with the event if it is one that was awaited; undefined when it is not. */
  comeBack(text: string, nowMs: number): Back | undefined {
    const next = this.outbox.confirm(text)
    if (next !== undefined) {
      this.heardAtMs = nowMs
      return next
    }
    const envelope = text.startsWith(this.start, signatureLength) ? decode(text, this.options.key) : undefined
    if (envelope === undefined || typeof envelope === 'string') return undefined
    const { number } = envelope
    if (number > this.number) {
      // To believe it would be to take everything for heard, and never to hear itself again.
      this.invented++
      return nothing
    }
    if (isEvent(envelope)) return this.outbox.confirmUpTo(number) ?? nothing
    if (number > this.heardNumber) this.heardAtMs = nowMs
    this.heardNumber = Math.max(this.heardNumber, number)
    return nothing
  }

  private numbered(body: Body): string {
    this.number++
    return encode({ node: this.options.id, number: this.number, body }, this.options.key)
  }
}
