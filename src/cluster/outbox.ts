/**
 * The events of this node on their way to the other nodes. An event is queued until it may be sent, and is then unacknowledged until
 * its echo arrives. Both are bounded in bytes, so that a slow backplane fills neither this process nor the client of the backplane: no
 * more is sent while the window is full, and where the queue is full, its oldest event is dropped.
 *
 * The last events that were acknowledged are kept as well: a backplane that fails may have delivered them to this node alone.
 */
import { ByteQueue, type Record as Item } from './byte-queue.ts'
import { Queue } from './queue.ts'

/** `text` is the event as JSON. */
export type { Item }

/** How an event becomes the message that is sent, and the text of the event is read from its message. */
export type Format = { readonly seal: (item: Item) => string; readonly textOf: (message: string) => string }

/** `isRepeated`: the event had been acknowledged before, and was sent again. */
export type Acknowledged = Item & { readonly isRepeated: boolean }

/** The text of the event is kept in its message alone: beside it, it would take as much memory again. */
type Unacknowledged = Omit<Item, 'text'> & { readonly message: string; readonly bytes: number }

export type Bounds = {
  /** The most bytes that are queued. */
  readonly maxBytes: number
  /** The window: the most bytes that are unacknowledged, not counting the last message. */
  readonly windowBytes: number
  /** The most bytes that are sent in one turn of the event loop, not counting the last message. */
  readonly turnBytes: number
  /** The most bytes of acknowledged events that are kept. */
  readonly recentBytes: number
}

/** What the client of a backplane takes for a message, beside its characters: a command, a promise, and the time to make them. */
const overhead = 200

export class Outbox {
  /** Events that were dropped because the queue was full, or lost by the backplane, which has delivered later ones. */
  dropped = 0
  private readonly queue: ByteQueue
  private readonly recent: ByteQueue
  private acknowledgedUpTo = 0
  /** Acknowledged events up to this number may have been queued again. */
  private repeatedUpTo = 0
  private readonly unacknowledged = new Queue<Unacknowledged>()
  private unacknowledgedBytes = 0

  constructor(
    private readonly bounds: Bounds,
    private readonly format: Format,
  ) {
    this.queue = new ByteQueue(bounds.maxBytes)
    this.recent = new ByteQueue(bounds.recentBytes)
  }

  /** The oldest event that is unacknowledged or queued. */
  get oldest(): Pick<Item, 'number' | 'addedAtMs'> | undefined {
    return this.unacknowledged.head ?? this.queue.head
  }

  /** The number of the last event that was acknowledged; 0 where none was. */
  get lastAcknowledged(): number {
    return this.acknowledgedUpTo
  }

  get size(): { readonly events: number; readonly bytes: number } {
    const { queue, unacknowledged, unacknowledgedBytes } = this
    return { events: queue.length + unacknowledged.length, bytes: queue.bytes + unacknowledgedBytes }
  }

  add(item: Item): void {
    if (!this.queue.canHold(item)) {
      this.dropped++
      return
    }
    while (!this.queue.push(item)) {
      this.countDropped(this.queue.head!.number)
      this.queue.removeFirst()
    }
  }

  /**
   * Sends queued events, in the order in which they were added, as far as the window and the bound of one turn allow.
   *
   * @returns whether only the bound of one turn kept it from sending more
   */
  send(send: (message: string) => void): boolean {
    let sent = 0
    while (this.queue.length > 0 && this.unacknowledgedBytes < this.bounds.windowBytes) {
      if (sent >= this.bounds.turnBytes) return true
      const item = this.queue.shift()!
      const { number, addedAtMs } = item
      const message = this.format.seal(item)
      const bytes = Buffer.byteLength(message) + overhead
      this.unacknowledged.push({ number, addedAtMs, message, bytes })
      this.unacknowledgedBytes += bytes
      sent += bytes
      send(message)
    }
    return false
  }

  /** Queues every unacknowledged event again, before the others, as far as there is room: none of them is known to have arrived. */
  requeueUnacknowledged(): void {
    const sent = this.unacknowledged.takeAll()
    this.unacknowledgedBytes = 0
    while (sent.length > 0 && this.queue.unshift(this.itemOf(sent.at(-1)!))) sent.pop()
    for (const { number } of sent) this.countDropped(number)
  }

  /** The number from which on events were acknowledged for the first time since that time; undefined where no event is kept. */
  oldestRecent(sinceMs: number): number | undefined {
    while ((this.recent.head?.addedAtMs ?? sinceMs) < sinceMs) this.recent.removeFirst()
    const { head } = this.recent
    return head && Math.max(head.number, this.repeatedUpTo + 1)
  }

  /** Queues the events again that were acknowledged since that time, before the others, as far as there is room. */
  requeueRecent(sinceMs: number): void {
    this.repeatedUpTo = this.acknowledgedUpTo
    const recent: Item[] = []
    for (let item = this.recent.shift(); item !== undefined; item = this.recent.shift())
      if (item.addedAtMs >= sinceMs) recent.push(item)
    while (recent.length > 0 && this.queue.unshift(recent.at(-1)!)) recent.pop()
  }

  /** Acknowledges the oldest unacknowledged event, and returns it, if that is its message. */
  acknowledge(message: string, nowMs: number): Acknowledged | undefined {
    return this.unacknowledged.head?.message === message ? this.acknowledged(this.shiftUnacknowledged()!, nowMs) : undefined
  }

  /**
   * Acknowledges the event of that number. Events that were sent before it and are still unacknowledged are lost, since echoes arrive
   * in order. They count as dropped: no node would accept them after this one.
   *
   * @returns the event, if it was unacknowledged
   */
  acknowledgeUpTo(number: number, nowMs: number): Acknowledged | undefined {
    for (let at = this.oldest?.number; at !== undefined && at <= number; at = this.oldest?.number) {
      const item = this.shiftUnacknowledged() ?? this.queue.shift()!
      if (at === number) return this.acknowledged(item, nowMs)
      this.countDropped(at)
    }
    return undefined
  }

  dropAll(): void {
    for (let at = this.oldest?.number; at !== undefined; at = this.oldest?.number) {
      if (this.shiftUnacknowledged() === undefined) this.queue.removeFirst()
      this.countDropped(at)
    }
  }

  /** The event is kept with the time of its echo: it may have been queued for long before. */
  private acknowledged(item: Item, nowMs: number): Acknowledged {
    const isRepeated = item.number <= this.acknowledgedUpTo
    this.acknowledgedUpTo = Math.max(item.number, this.acknowledgedUpTo)
    const recent = { ...item, addedAtMs: nowMs }
    if (this.recent.canHold(recent)) while (!this.recent.push(recent)) this.recent.removeFirst()
    return { ...item, isRepeated }
  }

  /** An event that was acknowledged is not lost to all: where it is dropped after that, it does not count. */
  private countDropped(number: number): void {
    if (number > this.acknowledgedUpTo) this.dropped++
  }

  private shiftUnacknowledged(): Item | undefined {
    const oldest = this.unacknowledged.shift()
    if (oldest === undefined) return undefined
    this.unacknowledgedBytes -= oldest.bytes
    return this.itemOf(oldest)
  }

  private itemOf({ number, addedAtMs, message }: Unacknowledged): Item {
    return { number, addedAtMs, text: this.format.textOf(message) }
  }
}
