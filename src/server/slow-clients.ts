/**
 * Knows which clients have not taken what they were sent. Bun closes the connection of one for which too much waits with the code of a
 * connection that was lost: only a measurement before that tells the two apart.
 */

type Buffered = Pick<Bun.ServerWebSocket, 'getBufferedAmount'>

/** How many connections are measured in a second. One takes about 50 ns, so that this takes 1 % of a core at most. */
const visitsPerSecond = 200_000

export class SlowClients {
  /** The slow clients, with the bytes that waited for each when it was last measured. */
  private readonly slow = new Map<Buffered, number>()
  private publishedLength = 0
  private visitsLeft = visitsPerSecond

  /** @param maxQueuedBytes at which Bun closes a connection. Connections are measured after half of it, so that none reaches it unseen */
  constructor(
    private readonly sockets: ReadonlyMap<string, Buffered>,
    private readonly maxQueuedBytes: number,
  ) {}

  /** Counts an event to the subscribers of a channel: Bun does not report which of them have not taken it. */
  published(frame: string): void {
    this.publishedLength += frame.length
    if (this.publishedLength >= this.maxQueuedBytes / 2 && this.visitsLeft > 0) this.measure()
  }

  /** @param status what `send` has returned: -1 where the frame waits, 0 where it was dropped */
  sent(socket: Buffered, status: number): void {
    if (status <= 0) this.slow.set(socket, socket.getBufferedAmount())
  }

  /** Called every second. */
  tick(): void {
    this.visitsLeft = visitsPerSecond
    for (const socket of this.slow.keys()) if (socket.getBufferedAmount() === 0) this.slow.delete(socket)
  }

  /** Removes a connection that is closed. Returns how many bytes waited when it was last measured; undefined where none did. */
  closed(socket: Buffered): number | undefined {
    const bytes = this.slow.get(socket)
    this.slow.delete(socket)
    return bytes
  }

  private measure(): void {
    this.publishedLength = 0
    this.visitsLeft -= this.sockets.size
    for (const socket of this.sockets.values()) {
      const bytes = socket.getBufferedAmount()
      if (bytes > 0) this.slow.set(socket, bytes)
    }
  }
}
