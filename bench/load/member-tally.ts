/** Counts the `member_added` events of a presence channel, which arrive once per member, in any order. */
import { numberAt, offsetOfMark } from './mark.ts'
import type { Faults } from './tally.ts'

export class MemberTally {
  received = 0
  private repeated = 0

  constructor(private readonly members: number) {}

  /** @returns a callback for the payloads of one client, each with the mark of a member */
  receiver(): (bytes: Buffer, start: number, length: number) => void {
    const known = new Uint8Array(this.members + 1)
    return (bytes, start, length) => {
      const offset = offsetOfMark(bytes, start, length)
      if (offset === undefined) return
      const member = numberAt(bytes, start + offset)
      this.received++
      if (known[member] === 1) this.repeated++
      known[member] = 1
    }
  }

  faults(expected: number): Faults {
    return { missing: Math.max(0, expected - this.received), repeated: this.repeated, skipped: 0 }
  }
}
