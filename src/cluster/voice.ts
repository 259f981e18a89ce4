/** What one node says: numbered and signed. Events wait until everybody can hear them, and are said again until they have. */
import { type Body, type EventBody, encode } from './envelope.ts'
import { Outbox } from './outbox.ts'

export type VoiceOptions = {
  readonly id: string
  readonly key: string
  /** Hands a text to every node, this one too. */
  readonly send: (text: string) => void
}

/** What may wait while nothing gets through. */
const maxOutboxCharacters = 16 * 1024 * 1024

export class Voice {
  private readonly outbox = new Outbox(maxOutboxCharacters)
  private number = 0
  private getsThrough = false
  private reachesAll = false

  constructor(private readonly options: VoiceOptions) {}

  get isUp(): boolean {
    return this.getsThrough
  }

  /** The number of the first event that others may not have heard yet. */
  get from(): number {
    return this.outbox.oldest ?? this.number + 1
  }

  /** Events that there was no room for until they could be said. */
  get dropped(): number {
    return this.outbox.dropped
  }

  /** Texts get through from now on; whether to everybody who is to hear of events, `open` and `hold` say. */
  rise(): void {
    this.getsThrough = true
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
  saySurely(body: EventBody): void {
    const text = this.numbered(body)
    this.outbox.add(this.number, text)
    if (this.reachesAll) this.outbox.say(this.options.send)
  }

  /** Whether the text is this node's own, the event that is to come back next. */
  confirm(text: string): boolean {
    return this.outbox.confirm(text)
  }

  /** An event of this node with that number has come back. */
  confirmUpTo(number: number): void {
    this.outbox.confirmUpTo(number)
  }

  private numbered(body: Body): string {
    this.number++
    return encode({ node: this.options.id, number: this.number, body }, this.options.key)
  }
}
