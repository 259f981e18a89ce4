/**
 * Up to which number the messages of a peer have been received: no message is accepted twice, which also rejects replays. Events and
 * control messages share the counter of the peer, and are received apart: an event may be sent again, a control message is not.
 */

import type { EventBody } from './envelope.ts'
import type { PendingEvent } from './pending-events.ts'

/** `isLate`: the peer has published later ones already, and the snapshot that has verified it has what it has cached since. */
export type AcceptedEvent = { readonly body: EventBody; readonly isLate: boolean }

/** The events that are accepted, and how many others were received before. */
export type AcceptedEvents = { readonly accepted: readonly AcceptedEvent[]; readonly replayed: number }

/** The last numbers of a peer. `event` is undefined as long as the peer has never been verified. */
export type LastNumbers = { readonly control: number; readonly event: number | undefined }

export class ReceivedNumbers {
  private control: number
  /** Events up to this number have been accepted, or are too late. */
  private event: number | undefined
  /** The epoch of the last control message: events of an earlier epoch do not count any more. */
  private epoch = 0
  /** Events up to this number may be sent again in this epoch. */
  private repeatableUpTo = 0

  constructor({ control, event }: LastNumbers = { control: 0, event: undefined }) {
    this.control = control
    this.event = event
  }

  get last(): LastNumbers {
    return { control: this.control, event: this.event }
  }

  hasControl(number: number): boolean {
    return number <= this.control
  }

  hasEvent(number: number, epoch: number): boolean {
    return number <= (this.event ?? 0) || epoch < this.epoch
  }

  /**
   * Whether an event that was received before is no replay: the peer sends again what may not have arrived when it lost its connection. A
   * recorded message that is replayed keeps its earlier epoch, which is signed.
   */
  isRepeated(number: number, epoch: number): boolean {
    return epoch === this.epoch && number <= this.repeatableUpTo
  }

  /** Receives a control message, also of a lower number than the last one. Returns whether the peer has connected again since that. */
  receiveControl(number: number, epoch: number): boolean {
    const isLaterEpoch = epoch > this.epoch
    if (isLaterEpoch) this.repeatableUpTo = this.event ?? 0
    this.control = number
    this.epoch = epoch
    return isLaterEpoch
  }

  receiveEvent(number: number): void {
    this.event = number
  }

  /**
   * The peer is verified by a message of that number, and its pending events are accepted. An event that claims a higher number was not its
   * own: the peer's numbers only grow.
   *
   * @param from the number of the peer's oldest unacknowledged event: earlier ones have reached every node that was there
   * @param recent the number of the first event that was published so recently that this node may have been there: a peer that has never been
   * verified has its pending events accepted from that one on
   */
  verify(number: number, from: number, recent: number, pending: readonly PendingEvent[]): AcceptedEvents {
    const isNew = this.event === undefined
    this.correct(number, from)
    if (isNew) this.event = Math.min(from, recent) - 1
    const isAccepted = (event: PendingEvent) => event.number < number && !this.hasEvent(event.number, event.epoch)
    const accepted = pending.filter(isAccepted)
    const replayed = pending.filter(event => !isAccepted(event) && !this.isRepeated(event.number, event.epoch)).length
    for (const event of accepted) this.receiveEvent(event.number)
    if (isNew) this.event = Math.max(this.event!, from - 1)
    return { accepted: accepted.map(event => ({ body: event.body, isLate: event.number < from })), replayed }
  }

  /** Rejects from now on the events that every node has received. The parameters are those of `verify`. */
  advance(number: number, from: number): void {
    this.correct(number, from)
    this.event = Math.max(this.event!, from - 1)
  }

  private correct(number: number, from: number): void {
    if (this.event === undefined || this.event >= number) this.event = from - 1
  }
}
