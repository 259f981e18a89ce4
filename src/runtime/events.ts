/** Tells the parent process of the events that it asked for: batched, bounded, and never at the cost of the sockets. */
import type { EventName } from '../config/config.ts'
import type { Watcher } from '../server/watch.ts'

type Event = Readonly<Record<string, string>> & { readonly event: EventName }

/** Hands a line to the pipe; false when the pipe is full. */
export type Pipe = { readonly write: (line: string) => boolean; readonly onDrain: (resume: () => void) => void }

/** Events that may wait for a reader. */
const maxWaiting = 10_000

export class EventStream {
  private waiting: Event[] = []
  private dropped = 0
  private scheduled = false

  /** @param defer runs a function soon, once what is under way has been done: events of that time share a line */
  constructor(
    private readonly wanted: ReadonlySet<EventName>,
    private readonly pipe: Pipe,
    private readonly defer: (flush: () => void) => void,
  ) {}

  /** The name of a channel may hold a lone surrogate, which would make the whole line unreadable for PHP. */
  readonly watcher: Watcher = {
    received: (app, socket, message) => this.add({ event: 'message_received', app, socket, message }),
    sent: (app, socket, message) => this.add({ event: 'message_sent', app, socket, message }),
    notice: notice =>
      'channel' in notice
        ? this.add({ event: notice.event, app: notice.appId, channel: notice.channel.toWellFormed() })
        : this.add({ event: notice.event, app: notice.appId, socket: notice.socketId }),
  }

  private add(event: Event): void {
    if (!this.wanted.has(event.event)) return
    if (this.waiting.length >= maxWaiting) this.dropped++
    else this.waiting.push(event)
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
