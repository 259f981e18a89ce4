/** Whether every frame has arrived, once and in order. */
import { maxStreams, numberAt, placeOfMark, streamAt } from './mark.ts'

/** What went wrong; all 0 when nothing did. */
export type Faults = {
  /** Frames that never came. */
  readonly missing: number
  /** Frames that came a second time, or behind a later one. */
  readonly repeated: number
  /** Places where a frame was left out, at least for a while. */
  readonly skipped: number
}

export const noFaults: Faults = { missing: 0, repeated: 0, skipped: 0 }

export function isFaultless({ missing, repeated, skipped }: Faults): boolean {
  return missing === 0 && repeated === 0 && skipped === 0
}

/** Called for every event that arrived. */
export type Heard = (stream: number, number: number) => void

/** All ears of one measurement. */
export class Tally {
  received = 0
  /** Rings once, when so many have been received. */
  private alarmAt = Number.POSITIVE_INFINITY
  private ring = () => {}
  private repeated = 0
  private skipped = 0
  /** Of a marked frame, and where its mark is: learned from the first. */
  private frameLength = 0
  private place = 0

  constructor(
    private readonly streams: number,
    private readonly heard?: Heard,
  ) {
    if (streams > maxStreams) throw new Error(`a mark has room for ${maxStreams} streams`)
  }

  /** Takes the payloads of one socket. Frames without a mark, such as pings, do not count. */
  ear(): (bytes: Buffer, start: number, length: number) => void {
    const last = new Int32Array(this.streams)
    return (bytes, start, length) => {
      if (length !== this.frameLength && !this.learns(bytes, start, length)) return
      const at = start + this.place
      const stream = streamAt(bytes, at)
      const number = numberAt(bytes, at)
      if (++this.received >= this.alarmAt) this.rings()
      this.heard?.(stream, number)
      if (number === last[stream]! + 1) last[stream] = number
      else if (number <= last[stream]!) this.repeated++
      else {
        this.skipped++
        last[stream] = number
      }
    }
  }

  /** Calls that back when so many frames have been received: at once, or in the middle of taking one. */
  whenReceived(count: number, ring: () => void): void {
    this.alarmAt = count
    this.ring = ring
    if (this.received >= count) this.rings()
  }

  private rings(): void {
    this.alarmAt = Number.POSITIVE_INFINITY
    this.ring()
  }

  /** Some servers leave out what is empty, and others count: a second length is as good as the first. */
  private learns(bytes: Buffer, start: number, length: number): boolean {
    const place = placeOfMark(bytes, start, length)
    if (place === undefined) return false
    this.frameLength = length
    this.place = place
    return true
  }

  /** @param expected how many frames should have arrived, everywhere together */
  faults(expected: number): Faults {
    return { missing: Math.max(0, expected - this.received), repeated: this.repeated, skipped: this.skipped }
  }
}
