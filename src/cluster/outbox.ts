/**
 * Events on their way to the other nodes. They wait until they may be sent, and are then unacknowledged until they have come
 * back. Both are bounded in bytes, so that a slow backplane fills neither this process nor the client of the backplane: no more
 * is sent while the window is full, and where more waits than may, the oldest is dropped.
 */
import { ByteQueue, type Record as Item } from './byte-queue.ts'
import { Queue } from './queue.ts'

/** `text` is the event as it is sent, without what frames it. */
export type { Item }

type Unacknowledged = { readonly item: Item; readonly text: string; readonly bytes: number }

export type Bounds = {
  /** Of what waits. */
  readonly maxBytes: number
  /** Of texts that are unacknowledged, beside the last one: the window. */
  readonly windowBytes: number
  /** Of texts that are sent in one turn, beside the last one. */
  readonly turnBytes: number
}

/** What the client of a backplane takes for a text, beside its characters: a command, a promise, and the time to make them. */
const overhead = 200

export class Outbox {
  /** Events that were dropped: there was no room for them, or others that were sent after them have come back and they have not. */
  dropped = 0
  private readonly waiting: ByteQueue
  private readonly unacknowledged = new Queue<Unacknowledged>()
  private unacknowledgedBytes = 0

  constructor(private readonly bounds: Bounds) {
    this.waiting = new ByteQueue(bounds.maxBytes)
  }

  /** The oldest that has not come back. */
  get oldest(): Pick<Item, 'number' | 'addedAtMs'> | undefined {
    return this.unacknowledged.head?.item ?? this.waiting.head
  }

  get size(): { readonly events: number; readonly bytes: number } {
    const { waiting, unacknowledged, unacknowledgedBytes } = this
    return { events: waiting.length + unacknowledged.length, bytes: waiting.bytes + unacknowledgedBytes }
  }

  add(item: Item): void {
    if (!this.waiting.canHold(item)) {
      this.dropped++
      return
    }
    while (!this.waiting.push(item)) {
      this.dropped++
      this.waiting.drop()
    }
  }

  /**
   * Sends what waits, in the order in which it was added, as far as the window and the bound of one turn allow.
   *
   * @returns whether only the bound of one turn kept it from sending more
   */
  send(seal: (item: Item) => string, send: (text: string) => void): boolean {
    let sent = 0
    while (this.waiting.length > 0 && this.unacknowledgedBytes < this.bounds.windowBytes) {
      if (sent >= this.bounds.turnBytes) return true
      const item = this.waiting.shift()!
      const text = seal(item)
      const bytes = Buffer.byteLength(text) + overhead
      this.unacknowledged.push({ item, text, bytes })
      this.unacknowledgedBytes += bytes
      sent += bytes
      send(text)
    }
    return false
  }

  /** Nothing that has not come back is known to have arrived: it waits again, as far as there is room. */
  rewind(): void {
    const items = this.unacknowledged.takeAll()
    this.unacknowledgedBytes = 0
    while (items.length > 0 && this.waiting.unshift(items.at(-1)!.item)) items.pop()
    this.dropped += items.length
  }

  /** The one that is to come back next, if that is its text. */
  confirm(text: string): Item | undefined {
    return this.unacknowledged.head?.text === text ? this.acknowledge() : undefined
  }

  /**
   * The event of that number has come back. What was sent before it does not come any more, and no node would take it in after
   * this one: it is dropped.
   *
   * @returns the event, if it was awaited
   */
  confirmUpTo(number: number): Item | undefined {
    for (let at = this.oldest?.number; at !== undefined && at <= number; at = this.oldest?.number) {
      const item = this.acknowledge() ?? this.waiting.shift()
      if (at === number) return item
      this.dropped++
    }
    return undefined
  }

  /** All of them. */
  drop(): void {
    this.confirmUpTo(Number.POSITIVE_INFINITY)
  }

  private acknowledge(): Item | undefined {
    const oldest = this.unacknowledged.shift()
    this.unacknowledgedBytes -= oldest?.bytes ?? 0
    return oldest?.item
  }
}
