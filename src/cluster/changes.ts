/**
 * What has changed on this node and is not sent yet. Of entries about the same thing the last one counts. Where more changes than
 * can be sent, the entries are dropped and their number is skipped: the other nodes notice the gap, and ask for a snapshot.
 */
import { type Entry, entryKey } from '../core/entry.ts'
import type { Publisher } from './publisher.ts'

/** What may wait. */
const maxBytes = 4 * 1024 * 1024
/** What is sent at once, beside the last entry. */
const batchBytes = 128 * 1024
/** Of an entry beside its names. */
const overhead = 200

export class Changes {
  /** Of the last batch that was sent or skipped. */
  sequence = 0
  private readonly entries = new Map<string, Entry>()
  private bytes = 0
  private isFlushing = false

  /** @param defer runs a function soon, once what is under way has been done: entries of that time go together */
  constructor(
    private readonly publisher: Pick<Publisher, 'isConnected' | 'hasRoom' | 'publishControl'>,
    private readonly defer: (act: () => void) => void,
  ) {}

  note(entry: Entry): void {
    const key = entryKey(entry)
    this.forget(key)
    this.entries.set(key, entry)
    this.bytes += sizeOf(key, entry)
    if (this.bytes > maxBytes) this.skip()
    this.flushSoon()
  }

  /** What there is no room for now waits until something has come back. While nothing gets through, a snapshot makes up for it later. */
  flush(): void {
    if (!this.publisher.isConnected) this.skip()
    if (this.entries.size === 0 || !this.publisher.hasRoom) return
    const entries = this.take()
    this.sequence++
    this.publisher.publishControl({ type: 'entries', sequence: this.sequence, entries })
    if (this.entries.size > 0) this.flushSoon()
  }

  private flushSoon(): void {
    if (this.isFlushing) return
    this.isFlushing = true
    this.defer(() => {
      this.isFlushing = false
      this.flush()
    })
  }

  /** The oldest, which are then gone. */
  private take(): Entry[] {
    const entries: Entry[] = []
    const most = this.bytes - batchBytes
    for (const [key, entry] of this.entries) {
      if (entries.length > 0 && this.bytes <= most) break
      entries.push(entry)
      this.forget(key)
    }
    return entries
  }

  /** They are not sent. */
  private skip(): void {
    if (this.entries.size === 0) return
    this.entries.clear()
    this.bytes = 0
    this.sequence++
  }

  private forget(key: string): void {
    const known = this.entries.get(key)
    if (known === undefined) return
    this.entries.delete(key)
    this.bytes -= sizeOf(key, known)
  }
}

function sizeOf(key: string, entry: Entry): number {
  const info = entry.kind === 'member' ? (entry.member?.infoJson ?? '') : ''
  return overhead + 2 * key.length + 2 * info.length
}
