/**
 * Bounds what waits for all clients together: `max_total_queued_bytes`. Bun keeps what the kernel does not take for each connection
 * apart, and reports it only for one connection at a time, in about 20 ns. So the connections are not looked at with each event, but
 * when as many bytes were handed to Bun as could have used up the room that was left: nothing grows faster than that.
 */

type Connection = Pick<Bun.ServerWebSocket, 'getBufferedAmount' | 'terminate'>

/** Closing begins here, so that at least a quarter of the bound is left until the next look. */
const closeAbove = 3 / 4
/**
 * Closing ends here. The queue of a connection doubles when it is full, and the allocator keeps the halves that are left for about a
 * second: with 3/4 instead, 500 clients that took nothing of 4 MB/s cost 205 MiB of resident memory, and 130 MiB with this.
 */
const closeUntil = 3 / 8
/** What connections may hold that are closed already: Bun keeps it until the client has taken it, and cannot be asked to give it up. */
const leavingPart = 1 / 4
/** Bun gives a client 4 seconds to take what waits before its close frame, however slowly it reads. */
const leavingSeconds = 5

export class QueuedTotal {
  /** Handed to Bun since the last look. How much of it the clients have taken is not known. */
  private since = 0
  /** As much may be handed to Bun before the next look. */
  private room: number
  /** What waited for connections when they were closed, by the second. */
  private readonly leaving = Array<number>(leavingSeconds + 1).fill(0)
  private readonly ended = new Set<Connection>()
  private isLooking = false
  private isDeferred = false

  /**
   * @param maxBytes infinite where there is no bound
   * @param defer has something done in the next turn of the event loop
   */
  constructor(
    private readonly sockets: ReadonlyMap<string, Connection>,
    private readonly maxBytes: number,
    private readonly defer: (act: () => void) => void,
  ) {
    this.room = maxBytes
  }

  /** Bytes were handed to Bun for its connections: one frame as often as it has recipients. */
  added(bytes: number): void {
    this.since += bytes
  }

  /**
   * Looks at the connections, where it is time, and closes those for which most waits. It may be called only while the core has
   * nothing to be carried out, as the core hears of each connection at once.
   *
   * Frames under 16 KiB reach the queue of a connection when 32 of them are there, or at the end of the turn. So after half of the
   * room a look is due when the turn is over, and only a turn that hands over more than the whole room is interrupted for one.
   */
  settle(): void {
    if (this.since < this.room / 2 || this.isLooking) return
    if (this.since >= this.room) this.look()
    if (this.isDeferred) return
    this.isDeferred = true
    this.defer(() => {
      this.isDeferred = false
      this.look()
    })
  }

  /** Whether a connection for which so much waits may be closed with a close frame. Otherwise it has to end at once. */
  mayLeave(bytes: number): boolean {
    return bytes === 0 || this.leavingBytes() + bytes <= this.maxBytes * leavingPart
  }

  /** A connection was closed with a close frame, and so much waited for it. */
  left(bytes: number): void {
    this.leaving[0]! += bytes
  }

  /** A connection is closed. Whether that was because too much waited for all together. */
  closed(socket: Connection): boolean {
    return this.ended.delete(socket)
  }

  /** Every second. */
  tick(): void {
    this.leaving.pop()
    this.leaving.unshift(0)
  }

  private look(): void {
    this.isLooking = true
    try {
      this.since = 0
      // What closed connections hold beyond their part is not given back by closing others.
      let total = Math.min(this.leavingBytes(), this.maxBytes * leavingPart)
      for (const socket of this.sockets.values()) total += socket.getBufferedAmount()
      if (total > this.maxBytes * closeAbove) total = this.closeLargest(total)
      this.room = Math.max(this.maxBytes - total, this.maxBytes * (1 - closeAbove))
    } finally {
      this.isLooking = false
    }
  }

  /** A close frame would wait behind all that waits already: the connections end without one, and their memory is free at once. */
  private closeLargest(total: number): number {
    let left = total
    const slow = Array.from(this.sockets.values(), socket => ({ socket, bytes: socket.getBufferedAmount() }))
    for (const { socket, bytes } of slow.sort((a, b) => b.bytes - a.bytes)) {
      if (left <= this.maxBytes * closeUntil || bytes === 0) break
      left -= bytes
      this.ended.add(socket)
      socket.terminate()
    }
    return left
  }

  private leavingBytes(): number {
    let bytes = 0
    for (const ofSecond of this.leaving) bytes += ofSecond
    return bytes
  }
}
