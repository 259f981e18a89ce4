/**
 * Sends the parent the events to which the application listens, in batches and bounded in bytes. One batch at a time is in flight; the
 * next is sent when the parent has acknowledged it. So all events that listeners have not received yet are in this process, under one
 * bound, whatever the buffers of the pipe hold, and log and status lines never wait behind more than one batch.
 */
import type { EventName } from '../config/config.ts'
import type { ObservedSocket, Observer } from '../server/observer.ts'

/** The pipe to the parent. */
export type Pipe = {
  readonly send: (line: string) => void
  /** Resolves once the pipe has accepted every line. */
  readonly taken: () => Promise<void>
}

type Event = { readonly event: EventName; readonly app: string } & Readonly<Record<string, unknown>>

/** How long a line may be, in bytes with its line feed. The parent skips a longer one. */
export const maxLineBytes = 262_144
/** How many bytes of events may be unacknowledged. With the 256 KiB of `Output` for other lines, that makes 1 MiB. */
export const maxWaitingBytes = 786_432
/** The bytes of a line beside its events, with the largest counts. */
const frameBytes = 128

export class EventStream {
  /** The events of later batches, as JSON text. */
  private waiting: { readonly text: string; readonly bytes: number }[] = []
  /** The bytes of these events and of the batch in flight. */
  private bytes = 0
  /** The bytes of the batch in flight; undefined where there is none. */
  private bytesInFlight: number | undefined
  /** Further events are dropped until the next batch is sent, without being encoded first. */
  private isFull = false
  private dropped = 0
  private tooLarge = 0
  private isScheduled = false

  /**
   * @param awaitsParent whether the parent acknowledges each batch; otherwise a batch counts as acknowledged when the pipe has accepted it
   * @param defer runs a function at the end of the present turn of the event loop: events until then share a line
   * @param unixSeconds converts a time of the server's own clock to Unix time
   */
  constructor(
    private readonly wanted: ReadonlySet<EventName>,
    private readonly pipe: Pipe,
    private awaitsParent: boolean,
    private readonly defer: (flush: () => void) => void,
    private readonly unixSeconds: (ms: number) => number,
  ) {}

  /** The name of a channel may hold a lone surrogate, with which PHP could not decode the line. */
  readonly observer: Observer = {
    opened() {},
    closed() {},
    received: (socket, message) => this.add('message_received', () => ({ ...this.fields(socket), message })),
    sent: (socket, message) => this.add('message_sent', () => ({ ...this.fields(socket), message })),
    channel: ({ event, appId, channel }) => this.add(event, () => ({ app: appId, channel: channel.toWellFormed() })),
    pruned: socket => this.add('connection_pruned', () => this.fields(socket)),
  }

  /** The parent has acknowledged the batch in flight: the listeners have received every event of it. */
  acknowledge(): void {
    if (this.bytesInFlight === undefined) return
    this.bytes -= this.bytesInFlight
    this.bytesInFlight = undefined
    this.isFull = false
    if (this.hasUnsent) this.flush()
  }

  /** The parent can no longer acknowledge, because stdin has ended. */
  inputEnded(): void {
    this.awaitsParent = false
    this.acknowledgeWhenTaken()
  }

  /** Sends every event that waits, because the server stops. */
  end(): void {
    while (this.hasUnsent) this.flush()
  }

  /** Whether there are events, or counts of dropped ones, that are not sent yet. */
  private get hasUnsent(): boolean {
    return this.waiting.length > 0 || this.dropped + this.tooLarge > 0
  }

  private acknowledgeWhenTaken(): void {
    void this.pipe.taken().then(() => this.acknowledge())
  }

  private fields({ appId, socketId, origin, lastSeenMs, isPinged }: ObservedSocket) {
    return { app: appId, socket: socketId, origin, last_seen_at: this.unixSeconds(lastSeenMs), pinged: isPinged }
  }

  private add(event: EventName, fields: () => Omit<Event, 'event'>): void {
    if (!this.wanted.has(event)) return
    if (this.isFull) this.dropped++
    else this.keep(JSON.stringify({ event, ...fields() }))
    if (this.isScheduled || this.bytesInFlight !== undefined) return
    this.isScheduled = true
    this.defer(() => {
      this.isScheduled = false
      this.flush()
    })
  }

  private keep(text: string): void {
    // One byte more for the comma that follows.
    const bytes = Buffer.byteLength(text) + 1
    if (bytes > maxLineBytes - frameBytes) this.tooLarge++
    else if (this.bytes + bytes > maxWaitingBytes) {
      this.isFull = true
      this.dropped++
    } else {
      this.waiting.push({ text, bytes })
      this.bytes += bytes
    }
  }

  private flush(): void {
    let bytes = 0
    let count = 0
    while (count < this.waiting.length && frameBytes + bytes + this.waiting[count]!.bytes <= maxLineBytes)
      bytes += this.waiting[count++]!.bytes
    const events = this.waiting.splice(0, count)
    const { dropped, tooLarge } = this
    this.dropped = this.tooLarge = 0
    this.bytesInFlight = (this.bytesInFlight ?? 0) + bytes
    const list = events.map(({ text }) => text).join(',')
    this.pipe.send(`{"type":"events","events":[${list}],"dropped":${dropped},"too_large":${tooLarge}}`)
    if (!this.awaitsParent) this.acknowledgeWhenTaken()
  }
}
