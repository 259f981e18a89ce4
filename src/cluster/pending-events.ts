/**
 * Events of peers that have not been verified yet. Each peer owns a buffer, and all buffers together have one bound, of which each peer has
 * a fair share: where there is no room, the peer with the most bytes loses its last event. A single peer that does not answer leaves room
 * for the others.
 */
import { type EventEnvelope, sizeOf } from './envelope.ts'

export type PendingEvent = Pick<EventEnvelope, 'number' | 'epoch' | 'body'>

const maxBytes = 16 * 1024 * 1024

/** The bound that the buffers share. */
export class PendingRoom {
  /** Events for which there was no room, and those of peers that were removed. */
  dropped = 0
  /** The bytes of all buffers. */
  private bytes = 0
  /** The buffers that hold events. */
  private readonly buffers = new Set<PendingEvents>()

  /** Drops events of buffers that would have more than this one with the new event. Returns false where that makes too little room. */
  reserve(buffer: PendingEvents, bytes: number): boolean {
    while (this.bytes + bytes > maxBytes) {
      const largest = [...this.buffers].reduce((most, other) => (other.bytes > most.bytes ? other : most), buffer)
      if (largest.bytes <= buffer.bytes + bytes) return false
      this.bytes -= largest.dropLast()
      this.dropped++
    }
    this.bytes += bytes
    this.buffers.add(buffer)
    return true
  }

  /** A buffer has removed events of so many bytes. */
  free(bytes: number): void {
    this.bytes -= bytes
  }

  /** A buffer has been emptied, which held so many bytes. */
  release(buffer: PendingEvents, bytes: number): void {
    this.free(bytes)
    this.buffers.delete(buffer)
  }
}

/** The pending events of one peer, in the order of their numbers. */
export class PendingEvents {
  private events: PendingEvent[] = []
  private heldBytes = 0

  constructor(private readonly room: PendingRoom) {}

  get bytes(): number {
    return this.heldBytes
  }

  /** Whether an event of that number and epoch has been added, or is too late. */
  has(number: number, epoch: number): boolean {
    const last = this.events.at(-1)
    return last !== undefined && (epoch < last.epoch || (epoch === last.epoch && number <= last.number))
  }

  /**
   * Adds an event, or counts it as dropped where there is no room for it. One of a later epoch than the last one is sent again, or follows
   * those that are: it replaces those from its number on, which are sent again after it.
   */
  add(event: PendingEvent): void {
    for (let last = this.events.at(-1); last !== undefined && isReplaced(last, event); last = this.events.at(-1))
      this.room.free(this.dropLast())
    const bytes = sizeOf(event.body)
    if (!this.room.reserve(this, bytes)) {
      this.room.dropped++
      return
    }
    this.events.push(event)
    this.heldBytes += bytes
  }

  /** Removes all events, and returns them. */
  takeAll(): readonly PendingEvent[] {
    const { events } = this
    this.room.release(this, this.heldBytes)
    this.events = []
    this.heldBytes = 0
    return events
  }

  /** Drops all events, as the peer is removed before it was verified. They are counted. */
  dropAll(): void {
    this.room.dropped += this.takeAll().length
  }

  /** Drops the last event, of which there must be one. Returns its bytes. */
  dropLast(): number {
    const bytes = sizeOf(this.events.pop()!.body)
    this.heldBytes -= bytes
    return bytes
  }
}

function isReplaced(last: PendingEvent, by: PendingEvent): boolean {
  return last.epoch < by.epoch && last.number >= by.number
}
