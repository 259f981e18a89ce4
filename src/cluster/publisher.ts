/**
 * Publishes the messages of one node, numbered and signed, and recognises them when the backplane delivers them back: that acknowledges
 * them. Events are queued until every other node is subscribed, and are published again until they are acknowledged. No more is published
 * than the window allows: unacknowledged messages would otherwise be queued in the client of the backplane, which has no bound.
 */
import { type Body, decode, type EventBody, isEvent, type ReportBody, seal, signatureLength, startOf } from './envelope.ts'
import { Outbox } from './outbox.ts'
import { Queue } from './queue.ts'

export type PublisherOptions = {
  readonly id: string
  readonly key: string
  /** Hands a text to every node, this one too. */
  readonly send: (text: string) => void
  /** Runs a function soon, in another turn of the event loop. */
  readonly defer: (act: () => void) => void
  readonly nowMs: () => number
}

/** Events that have not come back, and how long the oldest text has been on its way: 0 while nothing gets through. */
export type Pace = { readonly events: number; readonly bytes: number; readonly lagMs: number }

/** `event` as JSON. */
export type Back = { readonly event?: string; readonly isReport?: boolean }
const nothing: Back = {}
const report: Back = { isReport: true }

const bounds = {
  /** Of events that wait. */
  maxBytes: 16 * 1024 * 1024,
  /** Of those that were sent and have not come back: with a round trip of 10 ms, 400 MB/s still get through. */
  windowBytes: 4 * 1024 * 1024,
  /** A client of Redis takes about 3 ms for so much. */
  turnBytes: 128 * 1024,
}
/** Of reports that have not come back, beside the last one: a snapshot is as large as it is. */
const maxReportBytes = 1024 * 1024
/** So long it may take until something comes back: it says something every two seconds. */
const deafMs = 4000

export class Publisher {
  /** Texts in the name of this node with numbers that it has not come to. */
  invented = 0
  private readonly outbox = new Outbox(bounds)
  /** Those that have not come back. */
  private readonly reports = new Queue<{ readonly number: number; readonly bytes: number; readonly sentAtMs: number }>()
  private reportBytes = 0
  private readonly start: string
  private number = 0
  private epoch = 0
  /** Of the last of its texts that came back, events aside. */
  private heardNumber = 0
  private heardAtMs = Number.NEGATIVE_INFINITY
  private getsThrough = false
  private reachesAll = false
  private isLeaving = false
  private openedAtMs = Number.NEGATIVE_INFINITY
  /** The rest of what may be sent is sent in another turn. */
  private isSending = false

  constructor(private readonly options: PublisherOptions) {
    this.start = startOf(options.id)
  }

  get isUp(): boolean {
    return this.getsThrough
  }

  /** Whether a report can be sent now. */
  get hasRoom(): boolean {
    return this.getsThrough && this.reportBytes < maxReportBytes
  }

  /** The number of the first event that others may not have heard yet. */
  get from(): number {
    return this.outbox.oldest?.number ?? this.number + 1
  }

  /** Of the last text. */
  get last(): number {
    return this.number
  }

  /** See `Outbox`. */
  get dropped(): number {
    return this.outbox.dropped
  }

  /** A node that does not hear itself cannot say of others that they are silent. */
  isDeaf(nowMs: number): boolean {
    return nowMs - this.heardAtMs >= deafMs
  }

  pace(nowMs: number): Pace {
    return { ...this.outbox.size, lagMs: this.getsThrough ? Math.round(nowMs - this.oldestAtMs(nowMs)) : 0 }
  }

  /** Texts get through from now on; whether to everybody who is to hear of events, `open` and `hold` say. */
  rise(nowMs: number): void {
    this.epoch++
    this.rewind()
    this.getsThrough = true
    this.heardAtMs = nowMs
  }

  fall(): void {
    this.getsThrough = false
    this.reachesAll = false
    this.rewind()
  }

  /** Says what has waited, and what comes at once. */
  open(nowMs: number): void {
    if (!this.reachesAll) this.openedAtMs = nowMs
    this.reachesAll = this.getsThrough
    this.sendEvents()
  }

  /** Events wait for somebody, unless the node is about to leave. */
  hold(): void {
    if (!this.isLeaving) this.reachesAll = false
  }

  /** Events wait for nobody any more. */
  finish(nowMs: number): void {
    this.isLeaving = true
    this.open(nowMs)
  }

  /** What need not be said any more once it is late. Returns its number; undefined when it is not said. */
  report(body: ReportBody): number | undefined {
    if (!this.hasRoom) return undefined
    const number = ++this.number
    const text = this.signed(number, JSON.stringify(body))
    const bytes = Buffer.byteLength(text)
    this.reports.push({ number, bytes, sentAtMs: this.options.nowMs() })
    this.reportBytes += bytes
    this.options.send(text)
    return number
  }

  /** The last thing it says, whether there is room or not. What has not come back by then counts as dropped. */
  leave(): void {
    if (this.getsThrough) this.options.send(this.signed(++this.number, JSON.stringify({ type: 'leave' } satisfies Body)))
    this.fall()
    this.outbox.drop()
  }

  /** What is said late rather than never. */
  publish(event: EventBody): void {
    this.outbox.add({ number: ++this.number, addedAtMs: this.options.nowMs(), text: JSON.stringify(event) })
    this.sendEvents()
  }

  /** Whether a text is this node's own, with the event if it is one that was awaited; undefined when it is not. */
  acknowledge(text: string, nowMs: number): Back | undefined {
    const next = this.outbox.confirm(text)
    if (next !== undefined) {
      this.heardAtMs = nowMs
      this.reportsUpTo(next.number)
      this.sendEvents()
      return { event: next.text }
    }
    const envelope = text.startsWith(this.start, signatureLength) ? decode(text, this.options.key) : undefined
    if (envelope === undefined || typeof envelope === 'string') return undefined
    const { number, epoch } = envelope
    if (number > this.number || epoch > this.epoch) {
      // To believe it would be to take everything for heard, and never to hear itself again.
      this.invented++
      return nothing
    }
    if (epoch < this.epoch) return nothing
    if (isEvent(envelope)) return this.eventBack(number)
    if (number > this.heardNumber) this.heardAtMs = nowMs
    this.heardNumber = Math.max(this.heardNumber, number)
    this.reportsUpTo(number)
    return report
  }

  private oldestAtMs(nowMs: number): number {
    const { oldest } = this.outbox
    const event = this.reachesAll && oldest !== undefined ? Math.max(oldest.addedAtMs, this.openedAtMs) : nowMs
    return Math.min(event, this.reports.head?.sentAtMs ?? nowMs)
  }

  private eventBack(number: number): Back {
    const item = this.outbox.confirmUpTo(number)
    this.reportsUpTo(number)
    this.sendEvents()
    return item === undefined ? nothing : { event: item.text }
  }

  /** In turns, so that much that has waited does not keep others waiting. */
  private sendEvents(): void {
    if (!this.reachesAll || this.isSending) return
    this.isSending = this.outbox.send(({ number, text }) => this.signed(number, text), this.options.send)
    if (!this.isSending) return
    this.options.defer(() => {
      this.isSending = false
      this.sendEvents()
    })
  }

  /** A text of that number has come back: reports that were sent before it have come back, too, or are lost. */
  private reportsUpTo(number: number): void {
    while ((this.reports.head?.number ?? Number.POSITIVE_INFINITY) <= number) this.reportBytes -= this.reports.shift()!.bytes
  }

  private rewind(): void {
    this.outbox.rewind()
    this.reports.takeAll()
    this.reportBytes = 0
  }

  private signed(number: number, body: string): string {
    return seal({ node: this.options.id, number, epoch: this.epoch }, body, this.options.key)
  }
}
