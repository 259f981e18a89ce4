/** What one member of a presence channel knows of the user that joins and leaves: both are announced in turns, or the member is wrong. */
import { churner } from '../floods.ts'

const announcement = '{"event":"pusher_internal:member_'
/** The letter behind that: of `member_added` or of `member_removed`. */
const added = 'a'.charCodeAt(0)

export class Witness {
  bytes = 0
  /** Whether the user is a member, as far as has been announced. */
  isPresent = false
  /** Joins of that user while it is there, its leaves while it is not, and leaves of any other user. */
  faults = 0

  /** Takes the payload of one frame. */
  take(frame: Buffer, start: number, length: number): void {
    // The head of a frame takes 2 bytes, and 4 where its payload is longer than 125.
    this.bytes += length + (length < 126 ? 2 : 4)
    const text = frame.toString('latin1', start, start + length)
    if (!text.startsWith(announcement)) return
    const isAdded = text.charCodeAt(announcement.length) === added
    if (!text.includes(churner)) {
      if (!isAdded) this.faults++
      return
    }
    if (isAdded === this.isPresent) this.faults++
    this.isPresent = isAdded
  }
}
