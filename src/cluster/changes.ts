/**
 * Changes of this node's state that are not sent yet. Of several entries about the same thing, only the last one is kept. Where more
 * changes are queued than may be, they are dropped and their sequence number is skipped: the peers notice the gap, and request a snapshot.
 */
import { type Entry, entryKey } from '../core/entry.ts'
import type { Publisher } from './publisher.ts'

/** The bound of queued entries. */
const maxBytes = 4 * 1024 * 1024
/** The size of one message, not counting its last entry. */
const batchBytes = 128 * 1024
/** The size of an entry beside its texts. */
const overhead = 200
/** The size of a time in a message, with its comma: milliseconds have 13 digits. */
const timeBytes = 14

export class Changes {
  /** The number of the last batch that was sent or skipped. */
  sequence = 0
  private readonly entries = new Map<string, Entry>()
  private bytes = 0
  private isFlushScheduled = false

  /** @param defer runs a function soon, after the current turn of the event loop: entries of one turn are sent together */
  constructor(
    private readonly publisher: Pick<Publisher, 'isConnected' | 'hasRoom' | 'publishControl'>,
    private readonly defer: (act: () => void) => void,
  ) {}

  add(entry: Entry): void {
    const key = entryKey(entry)
    this.remove(key)
    this.entries.set(key, entry)
    this.bytes += sizeOf(key, entry)
    if (this.bytes > maxBytes) this.skip()
    this.scheduleFlush()
  }

  /**
   * Sends a batch, if the control window has room. While the backplane is disconnected, changes are skipped: peers request a snapshot once
   * it has connected.
   */
  flush(): void {
    if (!this.publisher.isConnected) this.skip()
    if (this.entries.size === 0 || !this.publisher.hasRoom) return
    const entries = this.takeBatch()
    this.sequence++
    this.publisher.publishControl({ type: 'entries', sequence: this.sequence, entries })
    if (this.entries.size > 0) this.scheduleFlush()
  }

  private scheduleFlush(): void {
    if (this.isFlushScheduled) return
    this.isFlushScheduled = true
    this.defer(() => {
      this.isFlushScheduled = false
      this.flush()
    })
  }

  /** Removes the oldest entries, as many as one message may have, and returns them. */
  private takeBatch(): Entry[] {
    const entries: Entry[] = []
    const bytesAfter = this.bytes - batchBytes
    for (const [key, entry] of this.entries) {
      if (entries.length > 0 && this.bytes <= bytesAfter) break
      entries.push(entry)
      this.remove(key)
    }
    return entries
  }

  /** Drops the queued entries, and skips the number under which they would have been sent. */
  private skip(): void {
    if (this.entries.size === 0) return
    this.entries.clear()
    this.bytes = 0
    this.sequence++
  }

  private remove(key: string): void {
    const known = this.entries.get(key)
    if (known === undefined) return
    this.entries.delete(key)
    this.bytes -= sizeOf(key, known)
  }
}

function sizeOf(key: string, entry: Entry): number {
  const info = entry.kind === 'member' ? (entry.member?.infoJson ?? '') : ''
  const newest = entry.kind === 'connections' ? (entry.newest ?? []) : []
  return overhead + 2 * key.length + 2 * info.length + timeBytes * newest.length
}
