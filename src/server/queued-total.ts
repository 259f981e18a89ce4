/**
 * Bounds what waits for all clients together: `max_total_queued_bytes`. Bun queues what the kernel does not accept for each connection,
 * and reports it only for one connection at a time, in about 20 ns. So the connections are not measured with each event, but when as
 * many bytes were given to Bun as could have used up the room that was left: the queues cannot grow faster than that.
 */

type Connection = Pick<Bun.ServerWebSocket, 'getBufferedAmount' | 'terminate'>

/** Connections are closed above this part, so that at least a quarter of the bound is left until the next measurement. */
const closeAbove = 3 / 4
/**
 * Connections are closed until no more than this part is left. The queue of a connection doubles when it is full, and the allocator
 * keeps the halves that are left for about a second: with 3/4 instead, 500 clients that took nothing of 4 MB/s cost 205 MiB of resident
 * memory, and 130 MiB with this.
 */
const closeUntil = 3 / 8
/** The part that closed connections may hold: Bun keeps their bytes until the clients have taken them, and cannot discard them. */
const closingPart = 1 / 4
/** Bun gives a client 4 seconds to take what waits before its close frame, however slowly it reads. */
const closingSeconds = 5

export class QueuedTotal {
  /** Bytes that were given to Bun since the last measurement. How many of them the clients have taken is not known. */
  private since = 0
  /** How many bytes may be given to Bun before the next measurement. */
  private room: number
  /** The bytes that waited for connections when these were closed, by the second. */
  private readonly closing = Array<number>(closingSeconds + 1).fill(0)
  private readonly terminated = new Set<Connection>()
  private isMeasuring = false
  private isDeferred = false

  /**
   * @param maxBytes infinite where there is no bound
   * @param defer runs a function in the next turn of the event loop
   */
  constructor(
    private readonly sockets: ReadonlyMap<string, Connection>,
    private readonly maxBytes: number,
    private readonly defer: (act: () => void) => void,
  ) {
    this.room = maxBytes
  }

  /** Counts bytes that were given to Bun: those of a frame as often as it has recipients. */
  added(bytes: number): void {
    this.since += bytes
  }

  /**
   * Measures the connections where that is due, and closes those with the longest queues. It may be called only while no effects of the
   * core are being executed, because each close enters the core at once.
   *
   * Frames under 16 KiB reach the queue of a connection when 32 of them are there, or at the end of the turn. So after half of the
   * room a measurement is due when the turn is over, and only a turn that sends more than the whole room is interrupted for one.
   */
  check(): void {
    if (this.since < this.room / 2 || this.isMeasuring) return
    if (this.since >= this.room) this.measure()
    if (this.isDeferred) return
    this.isDeferred = true
    this.defer(() => {
      this.isDeferred = false
      this.measure()
    })
  }

  /** Whether a connection for which so many bytes wait may be closed with a close frame. Otherwise it is terminated. */
  mayCloseGracefully(bytes: number): boolean {
    return bytes === 0 || this.closingBytes() + bytes <= this.maxBytes * closingPart
  }

  /** Counts the bytes that waited for a connection when it was closed with a close frame. */
  closedGracefully(bytes: number): void {
    this.closing[0]! += bytes
  }

  /** Removes a connection that is closed. Returns whether it was closed because too much waited for all together. */
  closed(socket: Connection): boolean {
    return this.terminated.delete(socket)
  }

  /** Called every second. */
  tick(): void {
    this.closing.pop()
    this.closing.unshift(0)
  }

  private measure(): void {
    this.isMeasuring = true
    try {
      this.since = 0
      // Closing more connections does not free what closed ones hold beyond their part.
      let total = Math.min(this.closingBytes(), this.maxBytes * closingPart)
      for (const socket of this.sockets.values()) total += socket.getBufferedAmount()
      if (total > this.maxBytes * closeAbove) total = this.closeLargest(total)
      this.room = Math.max(this.maxBytes - total, this.maxBytes * (1 - closeAbove))
    } finally {
      this.isMeasuring = false
    }
  }

  /** A close frame would wait behind all other frames. The connections end without one, and their memory is free at once. */
  private closeLargest(total: number): number {
    let left = total
    const slow = Array.from(this.sockets.values(), socket => ({ socket, bytes: socket.getBufferedAmount() }))
    for (const { socket, bytes } of slow.sort((a, b) => b.bytes - a.bytes)) {
      if (left <= this.maxBytes * closeUntil || bytes === 0) break
      left -= bytes
      this.terminated.add(socket)
      socket.terminate()
    }
    return left
  }

  private closingBytes(): number {
    let bytes = 0
    for (const ofSecond of this.closing) bytes += ofSecond
    return bytes
  }
}
