/**
 * Which clients have not taken what they were sent. Bun closes the connection of one for which too much waits, with the code of a
 * connection that was lost: the reason is known only from a look before.
 */

type Buffered = Pick<Bun.ServerWebSocket, 'getBufferedAmount'>

/** Connections that are looked at in a second. One takes about 50 ns, so that looking takes 1 % of a core at most. */
const visitsPerSecond = 200_000

export class SlowClients {
  /** With the bytes that waited for each when it was last looked at. */
  private readonly slow = new Map<Buffered, number>()
  private publishedLength = 0
  private visitsLeft = visitsPerSecond

  /** @param maxQueuedBytes after which Bun closes a connection. Half of it is looked for, so that no socket reaches it unseen */
  constructor(
    private readonly sockets: ReadonlyMap<string, Buffered>,
    private readonly maxQueuedBytes: number,
  ) {}

  /** An event has gone to the subscribers of a channel, and Bun does not report which of them have not taken it. */
  published(frame: string): void {
    this.publishedLength += frame.length
    if (this.publishedLength >= this.maxQueuedBytes / 2 && this.visitsLeft > 0) this.look()
  }

  /** @param status of `send`: -1 where the frame waits, 0 where it was dropped */
  sent(socket: Buffered, status: number): void {
    if (status <= 0) this.slow.set(socket, socket.getBufferedAmount())
  }

  /** Every second. */
  tick(): void {
    this.visitsLeft = visitsPerSecond
    for (const socket of this.slow.keys()) if (socket.getBufferedAmount() === 0) this.slow.delete(socket)
  }

  /** A connection is closed. How much waited for its client when it was last looked at; undefined where it had taken all. */
  closed(socket: Buffered): number | undefined {
    const bytes = this.slow.get(socket)
    this.slow.delete(socket)
    return bytes
  }

  private look(): void {
    this.publishedLength = 0
    this.visitsLeft -= this.sockets.size
    for (const socket of this.sockets.values()) {
      const bytes = socket.getBufferedAmount()
      if (bytes > 0) this.slow.set(socket, bytes)
    }
  }
}
