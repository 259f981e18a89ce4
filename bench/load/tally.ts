/** Counts deliveries, and checks that every event arrives once and in order. */
import { maxStreams, numberAt, offsetOfMark, streamAt } from './mark.ts'

/** All are 0 when every event was delivered once and in order. */
export type Faults = {
  /** Deliveries that never arrived. */
  readonly missing: number
  /** Deliveries that arrived a second time, or after a later event of their stream. */
  readonly repeated: number
  /** Gaps in a stream: an event arrived before an earlier one, which may have arrived later. */
  readonly skipped: number
}

export const noFaults: Faults = { missing: 0, repeated: 0, skipped: 0 }

export function isFaultless({ missing, repeated, skipped }: Faults): boolean {
  return missing === 0 && repeated === 0 && skipped === 0
}

/** Called for every delivery. */
export type OnDelivery = (stream: number, number: number) => void

/** The deliveries of one measurement, to all clients together. */
export class Tally {
  received = 0
  private notifyAt = Number.POSITIVE_INFINITY
  private notify = () => {}
  private repeated = 0
  private skipped = 0
  /** The length of a frame with a mark, and the mark's offset in it: learned from the first such frame. */
  private frameLength = 0
  private markOffset = 0

  constructor(
    private readonly streams: number,
    private readonly onDelivery?: OnDelivery,
  ) {
    if (streams > maxStreams) throw new Error(`a mark has room for ${maxStreams} streams`)
  }

  /** @returns a callback for the payloads of one client; frames without a mark, such as pings, do not count */
  receiver(): (bytes: Buffer, start: number, length: number) => void {
    const last = new Int32Array(this.streams)
    return (bytes, start, length) => {
      if (length !== this.frameLength && !this.learnFrame(bytes, start, length)) return
      const mark = start + this.markOffset
      const stream = streamAt(bytes, mark)
      const number = numberAt(bytes, mark)
      if (++this.received >= this.notifyAt) this.notifyOnce()
      this.onDelivery?.(stream, number)
      if (number === last[stream]! + 1) last[stream] = number
      else if (number <= last[stream]!) this.repeated++
      else {
        this.skipped++
        last[stream] = number
      }
    }
  }

  /** Calls back once, when so many deliveries have arrived: at once, or while a frame is being counted. */
  whenReceived(count: number, callback: () => void): void {
    this.notifyAt = count
    this.notify = callback
    if (this.received >= count) this.notifyOnce()
  }

  private notifyOnce(): void {
    this.notifyAt = Number.POSITIVE_INFINITY
    this.notify()
  }

  /** Frames of one server can have two lengths, as some servers omit empty members in some frames. The last length is expected next. */
  private learnFrame(bytes: Buffer, start: number, length: number): boolean {
    const offset = offsetOfMark(bytes, start, length)
    if (offset === undefined) return false
    this.frameLength = length
    this.markOffset = offset
    return true
  }

  /** @param expected deliveries to all clients together */
  faults(expected: number): Faults {
    return { missing: Math.max(0, expected - this.received), repeated: this.repeated, skipped: this.skipped }
  }
}
