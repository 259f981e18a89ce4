/**
 * Texts, first in, first out, as UTF-8 in large buffers that are used again and again: they take no more memory than they may,
 * however many go through, and leave nothing to the garbage collector, which would let several times as much pile up.
 */
import { Queue } from './queue.ts'

export type Record = {
  readonly number: number
  readonly addedAtMs: number
  readonly text: string
}

/** Holds the records between `start` and `end`. */
type Chunk = { readonly bytes: Buffer; start: number; end: number }

/** Of a record, before its text: the length of that, the number, the time. */
const headerBytes = 4 + 8 + 8
const chunkBytes = 256 * 1024

export class ByteQueue {
  length = 0
  /** Of all records, headers included. */
  bytes = 0
  private readonly chunks = new Queue<Chunk>()
  private readonly free: Buffer[] = []

  constructor(private readonly maxBytes: number) {}

  /** Whether there is room for it where nothing else waits. */
  canHold(record: Record): boolean {
    return sizeOf(record) <= this.maxBytes
  }

  /** Returns false where there is no room for it. */
  push(record: Record): boolean {
    const size = sizeOf(record)
    if (this.bytes + size > this.maxBytes) return false
    let chunk = this.chunks.last
    if (chunk === undefined || chunk.bytes.length - chunk.end < size) {
      chunk = { bytes: this.take(size), start: 0, end: 0 }
      this.chunks.push(chunk)
    }
    write(record, chunk.bytes, chunk.end)
    chunk.end += size
    this.count(1, size)
    return true
  }

  /** Puts it before all others. Returns false where there is no room for it. */
  unshift(record: Record): boolean {
    const size = sizeOf(record)
    if (this.bytes + size > this.maxBytes) return false
    let chunk = this.chunks.head
    if (chunk === undefined || chunk.start < size) {
      const bytes = this.take(size)
      chunk = { bytes, start: bytes.length, end: bytes.length }
      this.chunks.prepend([chunk])
    }
    chunk.start -= size
    write(record, chunk.bytes, chunk.start)
    this.count(1, size)
    return true
  }

  /** Of the first; undefined where there is none. */
  get head(): Pick<Record, 'number' | 'addedAtMs'> | undefined {
    const chunk = this.chunks.head
    return chunk && { number: chunk.bytes.readDoubleLE(chunk.start + 4), addedAtMs: chunk.bytes.readDoubleLE(chunk.start + 12) }
  }

  /** The first, which is taken out; undefined where there is none. */
  shift(): Record | undefined {
    const { head } = this
    if (head === undefined) return undefined
    const { bytes, start } = this.chunks.head!
    const text = bytes.toString('utf8', start + headerBytes, start + headerBytes + bytes.readUInt32LE(start))
    this.drop()
    return { ...head, text }
  }

  /** Takes the first out. */
  drop(): void {
    const chunk = this.chunks.head!
    const size = headerBytes + chunk.bytes.readUInt32LE(chunk.start)
    chunk.start += size
    this.count(-1, -size)
    if (chunk.start < chunk.end) return
    this.chunks.shift()
    // Those that are longer hold a single text, and are given back.
    if (chunk.bytes.length === chunkBytes) this.free.push(chunk.bytes)
  }

  private take(size: number): Buffer {
    return (size <= chunkBytes ? this.free.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(size, chunkBytes))
  }

  private count(records: number, bytes: number): void {
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
