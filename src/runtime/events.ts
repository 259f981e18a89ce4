/** Tells the parent process of the events that it asked for: batched, bounded, and never at the cost of the sockets. */
import type { EventName } from '../config/config.ts'
import type { WatchedSocket, Watcher } from '../server/watch.ts'

type Event = { readonly event: EventName; readonly app: string } & Readonly<Record<string, unknown>>

/** Hands a line to the pipe; false when the pipe is full. */
export type Pipe = { readonly write: (line: string) => boolean; readonly onDrain: (resume: () => void) => void }

/** Events that may wait for a reader. */
const maxWaiting = 10_000

export class EventStream {
  private waiting: Event[] = []
  private dropped = 0
  private scheduled = false

  /**
   * @param defer runs a function soon, once what is under way has been done: events of that time share a line
   * @param unixSeconds the time of day of a moment of the server's own clock
   */
  constructor(
    private readonly wanted: ReadonlySet<EventName>,
    private readonly pipe: Pipe,
    private readonly defer: (flush: () => void) => void,
    private readonly unixSeconds: (ms: number) => number,
  ) {}

  /** The name of a channel may hold a lone surrogate, which would make the whole line unreadable for PHP. */
  readonly watcher: Watcher = {
    opened() {},
    closed() {},
    received: (socket, message) => this.add('message_received', () => ({ ...this.fields(socket), message })),
    sent: (socket, message) => this.add('message_sent', () => ({ ...this.fields(socket), message })),
    channel: ({ event, appId, channel }) => this.add(event, () => ({ app: appId, channel: channel.toWellFormed() })),
    pruned: socket => this.add('connection_pruned', () => this.fields(socket)),
  }

  private fields({ appId, socketId, origin, lastSeenMs, isPinged }: WatchedSocket) {
    return { app: appId, socket: socketId, origin, last_seen_at: this.unixSeconds(lastSeenMs), pinged: isPinged }
  }

  private add(event: EventName, fields: () => Omit<Event, 'event'>): void {
    if (!this.wanted.has(event)) return
    if (this.waiting.length >= maxWaiting) this.dropped++
    else this.waiting.push({ event, ...fields() } as Event)
    if (this.scheduled) return
    this.scheduled = true
    this.defer(() => this.flush())
  }

  private flush(): void {
    this.scheduled = false
    if (this.waiting.length === 0 && this.dropped === 0) return
    const line = JSON.stringify({ type: 'events', events: this.waiting, dropped: this.dropped })
    this.waiting = []
    this.dropped = 0
    if (this.pipe.write(line)) return
    this.scheduled = true
    this.pipe.onDrain(() => this.flush())
  }
}
