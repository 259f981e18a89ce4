/**
 * A queue of texts, first in, first out. It stores them as UTF-8 in large buffers that it uses again, so that it takes no more memory
 * than its bound however many texts pass through it: strings would be left to the garbage collector, which lets several times as much
 * pile up.
 */
import { Queue } from './queue.ts'

export type Record = {
  readonly number: number
  readonly addedAtMs: number
  readonly text: string
}

/** A buffer whose records are stored between `start` and `end`. */
type Chunk = { readonly bytes: Buffer; start: number; end: number }

/** Before its text, a record has the length of the text (4 bytes), the number (8) and the time (8). */
const headerBytes = 4 + 8 + 8
const chunkBytes = 256 * 1024

export class ByteQueue {
  length = 0
  /** The size of all records, headers included. */
  bytes = 0
  private readonly chunks = new Queue<Chunk>()
  private readonly free: Buffer[] = []

  constructor(private readonly maxBytes: number) {}

  /** Whether the record would fit into an empty queue. */
  canHold(record: Record): boolean {
    return sizeOf(record) <= this.maxBytes
  }

  /** Appends a record. Returns false where there is no room for it. */
  push(record: Record): boolean {
    const size = sizeOf(record)
    if (this.bytes + size > this.maxBytes) return false
    let chunk = this.chunks.last
    if (chunk === undefined || chunk.bytes.length - chunk.end < size) {
      chunk = { bytes: this.allocate(size), start: 0, end: 0 }
      this.chunks.push(chunk)
    }
    write(record, chunk.bytes, chunk.end)
    chunk.end += size
    this.addToTotals(1, size)
    return true
  }

  /** Puts a record before all others. Returns false where there is no room for it. */
  unshift(record: Record): boolean {
    const size = sizeOf(record)
    if (this.bytes + size > this.maxBytes) return false
    let chunk = this.chunks.head
    if (chunk === undefined || chunk.start < size) {
      const bytes = this.allocate(size)
      chunk = { bytes, start: bytes.length, end: bytes.length }
      this.chunks.prepend([chunk])
    }
    chunk.start -= size
    write(record, chunk.bytes, chunk.start)
    this.addToTotals(1, size)
    return true
  }

  /** The first record, without its text; undefined where the queue is empty. */
  get head(): Pick<Record, 'number' | 'addedAtMs'> | undefined {
    const chunk = this.chunks.head
    return chunk && { number: chunk.bytes.readDoubleLE(chunk.start + 4), addedAtMs: chunk.bytes.readDoubleLE(chunk.start + 12) }
  }

  /** Removes the first record and returns it; undefined where the queue is empty. */
  shift(): Record | undefined {
    const { head } = this
    if (head === undefined) return undefined
    const { bytes, start } = this.chunks.head!
    const text = bytes.toString('utf8', start + headerBytes, start + headerBytes + bytes.readUInt32LE(start))
    this.removeFirst()
    return { ...head, text }
  }

  /** Removes the first record, of which there must be one. */
  removeFirst(): void {
    const chunk = this.chunks.head!
    const size = headerBytes + chunk.bytes.readUInt32LE(chunk.start)
    chunk.start += size
    this.addToTotals(-1, -size)
    if (chunk.start < chunk.end) return
    this.chunks.shift()
    // A longer buffer holds a single text, and is left to the garbage collector.
    if (chunk.bytes.length === chunkBytes) this.free.push(chunk.bytes)
  }

  private allocate(size: number): Buffer {
    return (size <= chunkBytes ? this.free.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(size, chunkBytes))
  }

  private addToTotals(records: number, bytes: number): void {
    this.length += records
    this.bytes += bytes
  }
}

function sizeOf({ text }: Record): number {
  return headerBytes + Buffer.byteLength(text)
}

function write({ number, addedAtMs, text }: Record, bytes: Buffer, at: number): void {
  bytes.writeUInt32LE(bytes.write(text, at + headerBytes), at)
  bytes.writeDoubleLE(number, at + 4)
  bytes.writeDoubleLE(addedAtMs, at + 12)
}
