/** Reports to the parent how many sockets are open, and whether the server is connected to Redis. */

export type Status = {
  readonly sockets: number
  /** The connection with the other servers; `unused` without scaling. */
  readonly redis: 'connected' | 'slow' | 'disconnected' | 'unused'
}

/** The number of sockets changes all the time: it is reported no more often than this. */
const socketsEveryMs = 5000

export class StatusReport {
  private reported: Status | undefined
  private reportedAtMs = Number.NEGATIVE_INFINITY

  /** @param offer queues a line, or returns false where the queue is full: then the status is reported a second later */
  constructor(
    private readonly current: () => Status,
    private readonly offer: (line: string) => boolean,
  ) {}

  /** Called every second. Nothing is written where nothing has changed. */
  tick(nowMs: number): void {
    const { sockets, redis } = this.current()
    const isDue = nowMs - this.reportedAtMs >= socketsEveryMs
    if (redis === this.reported?.redis && !(isDue && sockets !== this.reported.sockets)) return
    if (!this.offer(JSON.stringify({ type: 'status', sockets, redis }))) return
    this.reported = { sockets, redis }
    this.reportedAtMs = nowMs
  }
}
