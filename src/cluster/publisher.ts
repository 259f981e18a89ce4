/**
 * Publishes the messages of one node, numbered and signed. The backplane delivers each message to every node, the sender included: this
 * echo acknowledges the message. Events are queued as long as another node is missing, and are published again until they are
 * acknowledged. No more is published than the window allows: unacknowledged messages would otherwise be queued in the client of the
 * backplane, which has no bound.
 */
import { ControlWindow } from './control-window.ts'
import {
  type Body,
  bodyOf,
  type ControlBody,
  decode,
  type EventBody,
  isEvent,
  messagePrefix,
  seal,
  signatureLength,
} from './envelope.ts'
import { type Acknowledged, Outbox } from './outbox.ts'

export type PublisherOptions = {
  readonly id: string
  readonly key: string
  /** Publishes a message to every node, this one included. */
  readonly send: (message: string) => void
  /** Runs a function soon, in another turn of the event loop. */
  readonly defer: (act: () => void) => void
  readonly nowMs: () => number
}

/** The unacknowledged events, and the age of the oldest unacknowledged message: 0 while the backplane is disconnected. */
export type Pace = { readonly events: number; readonly bytes: number; readonly lagMs: number }

/** The echo of one of this node's messages. `event` is the JSON of the event that it acknowledges for the first time. */
export type Echo = { readonly event?: string; readonly isControl?: boolean }
const emptyEcho: Echo = {}
const controlEcho: Echo = { isControl: true }
const echoOf = ({ text, isRepeated }: Acknowledged): Echo => (isRepeated ? emptyEcho : { event: text })

const bounds = {
  /** The bound of queued events. */
  maxBytes: 16 * 1024 * 1024,
  /** The bound of events that are sent and unacknowledged: with a round trip of 10 ms, it allows 400 MB/s. */
  windowBytes: 4 * 1024 * 1024,
  /** The client of Redis takes about 3 ms to send this many bytes. */
  turnBytes: 128 * 1024,
  /** The bound of acknowledged events that are kept: as much as may be on its way to the other nodes. */
  recentBytes: 4 * 1024 * 1024,
}
/**
 * Events that were acknowledged within this time may not be delivered everywhere: Redis may fail before it has delivered them to another
 * node, for which they are sent again; or a node has received them that had not verified this one yet.
 */
const recentMs = 5000
/** A node publishes a heartbeat every two seconds, so that echoes are overdue after this time. */
const echoTimeoutMs = 4000

export class Publisher {
  /** Messages in the name of this node with a number or an epoch that the node has not reached. */
  forged = 0
  private readonly outbox: Outbox
  private readonly controlWindow = new ControlWindow()
  private readonly prefix: string
  private number = 0
  private epoch = 0
  /** The highest number among the echoes of control messages. */
  private lastControlEcho = 0
  private lastEchoAtMs = Number.NEGATIVE_INFINITY
  private connected = false
  /** Whether events are sent, as opposed to queued only. */
  private isResumed = false
  private isLeaving = false
  private resumedAtMs = Number.NEGATIVE_INFINITY
  /** Whether the rest of the events that the window allows is sent in another turn of the event loop. */
  private isTurnScheduled = false

  constructor(private readonly options: PublisherOptions) {
    this.prefix = messagePrefix(options.id)
    this.outbox = new Outbox(bounds, {
      seal: ({ number, text }) => this.signed(number, text),
      textOf: message => bodyOf(message, this.prefix),
    })
  }

  get isConnected(): boolean {
    return this.connected
  }

  /** Whether a control message can be published now. */
  get hasRoom(): boolean {
    return this.connected && this.controlWindow.hasRoom
  }

  /** The number of the first event that other nodes may not have received yet. It may be one that is sent again. */
  get oldestUnacknowledged(): number {
    return this.outbox.oldest?.number ?? this.number + 1
  }

  /** The same for a node that is new to this one: events that are sent again were acknowledged before. */
  get oldestForNewNode(): number {
    return Math.max(this.oldestUnacknowledged, this.outbox.lastAcknowledged + 1)
  }

  /** The number of the first event that a node which is new to this one delivers, if it has received it. */
  get oldestRecent(): number {
    return Math.min(this.oldestForNewNode, this.outbox.oldestRecent(this.options.nowMs() - recentMs) ?? Number.POSITIVE_INFINITY)
  }

  /** The number of the last message. */
  get lastNumber(): number {
    return this.number
  }

  /** See `Outbox`. */
  get dropped(): number {
    return this.outbox.dropped
  }

  /** Whether the node receives none of its own messages. It cannot judge then whether other nodes have timed out. */
  isEchoOverdue(nowMs: number): boolean {
    return nowMs - this.lastEchoAtMs >= echoTimeoutMs
  }

  pace(nowMs: number): Pace {
    return { ...this.outbox.size, lagMs: this.connected ? Math.round(nowMs - this.oldestAtMs(nowMs)) : 0 }
  }

  /** The backplane has connected. Events are sent from the next `resume` on. */
  onConnected(nowMs: number): void {
    this.epoch++
    this.requeueUnacknowledged()
    this.connected = true
    this.lastEchoAtMs = nowMs
  }

  onDisconnected(): void {
    this.disconnect()
    const nowMs = this.options.nowMs()
    const failedAtMs = this.isEchoOverdue(nowMs) ? this.lastEchoAtMs : nowMs
    this.outbox.requeueRecent(failedAtMs - recentMs)
  }

  /** Sends the queued events, and from now on each event as it is published. */
  resume(nowMs: number): void {
    if (!this.isResumed) this.resumedAtMs = nowMs
    this.isResumed = this.connected
    this.sendEvents()
  }

  /** Queues events, unless the node is about to leave: its events are then sent without waiting for other nodes. */
  pause(nowMs: number): void {
    if (this.isLeaving) this.resume(nowMs)
    else this.isResumed = false
  }

  /** The node is about to leave: events are sent from now on whether or not other nodes are missing. */
  beginLeave(nowMs: number): void {
    this.isLeaving = true
    this.resume(nowMs)
  }

  /** Publishes a control message. Returns its number; undefined where there is no room: it is lost, and a later one makes up for it. */
  publishControl(body: ControlBody): number | undefined {
    if (!this.hasRoom) return undefined
    const number = ++this.number
    const message = this.signed(number, JSON.stringify(body))
    this.controlWindow.add(number, message, this.options.nowMs())
    this.options.send(message)
    return number
  }

  /** Publishes that the node leaves, whether or not the window has room. Events that are unacknowledged by then count as dropped. */
  leave(): void {
    if (this.connected) this.options.send(this.signed(++this.number, JSON.stringify({ type: 'leave' } satisfies Body)))
    this.disconnect()
    this.outbox.dropAll()
  }

  /** Publishes an event reliably: it is queued until it can be sent, and sent again until it is acknowledged. */
  publish(event: EventBody): void {
    this.outbox.add({ number: ++this.number, addedAtMs: this.options.nowMs(), text: JSON.stringify(event) })
    this.sendEvents()
  }

  /** Acknowledges a message if it is an echo. Returns undefined for a message of another node. */
  acknowledge(message: string, nowMs: number): Echo | undefined {
    const next = this.outbox.acknowledge(message, nowMs)
    if (next !== undefined) {
      this.lastEchoAtMs = nowMs
      this.controlWindow.acknowledgeUpTo(next.number)
      this.sendEvents()
      return echoOf(next)
    }
    const envelope = message.startsWith(this.prefix, signatureLength) ? decode(message, this.options.key) : undefined
    if (envelope === undefined || typeof envelope === 'string') return undefined
    const { number, epoch } = envelope
    if (number > this.number || epoch > this.epoch) {
      // An accepted number would acknowledge every message up to it, and no later echo would count.
      this.forged++
      return emptyEcho
    }
    if (epoch < this.epoch) return emptyEcho
    if (isEvent(envelope)) return this.acknowledgeEvent(number, nowMs)
    if (number > this.lastControlEcho) this.lastEchoAtMs = nowMs
    this.lastControlEcho = Math.max(this.lastControlEcho, number)
    this.controlWindow.acknowledgeUpTo(number)
    return controlEcho
  }

  /** When the oldest unacknowledged message was published. The time for which events were paused does not count. */
  private oldestAtMs(nowMs: number): number {
    const { oldest } = this.outbox
    const event = this.isResumed && oldest !== undefined ? Math.max(oldest.addedAtMs, this.resumedAtMs) : nowMs
    return Math.min(event, this.controlWindow.oldestAtMs ?? nowMs)
  }

  private acknowledgeEvent(number: number, nowMs: number): Echo {
    const item = this.outbox.acknowledgeUpTo(number, nowMs)
    this.controlWindow.acknowledgeUpTo(number)
    this.sendEvents()
    return item === undefined ? emptyEcho : echoOf(item)
  }

  /** Sends in turns of the event loop, so that a long queue does not delay other clients. */
  private sendEvents(): void {
    if (!this.isResumed || this.isTurnScheduled) return
    this.isTurnScheduled = this.outbox.send(this.options.send)
    if (!this.isTurnScheduled) return
    this.options.defer(() => {
      this.isTurnScheduled = false
      this.sendEvents()
    })
  }

  private disconnect(): void {
    this.connected = false
    this.isResumed = false
    this.requeueUnacknowledged()
  }

  private requeueUnacknowledged(): void {
    this.outbox.requeueUnacknowledged()
    this.controlWindow.clear()
  }

  private signed(number: number, body: string): string {
    return seal({ node: this.options.id, number, epoch: this.epoch }, body, this.options.key)
  }
}
