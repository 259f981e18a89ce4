/** Who has heard of whom: for news that come once, in any order. */
import { numberAt, placeOfMark } from './mark.ts'
import type { Faults } from './tally.ts'

export class RollCall {
  received = 0
  private repeated = 0

  constructor(private readonly names: number) {}

  /** Takes the payloads of one socket, each with the mark of somebody. */
  ear(): (bytes: Buffer, start: number, length: number) => void {
    const known = new Uint8Array(this.names + 1)
    return (bytes, start, length) => {
      const place = placeOfMark(bytes, start, length)
      if (place === undefined) return
      const name = numberAt(bytes, start + place)
      this.received++
      if (known[name] === 1) this.repeated++
      known[name] = 1
    }
  }

  faults(expected: number): Faults {
    return { missing: Math.max(0, expected - this.received), repeated: this.repeated, skipped: 0 }
  }
}
