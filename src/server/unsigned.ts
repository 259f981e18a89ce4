/**
 * How many requests that nobody has signed come by each connection: for `/up`, for a path that there is not, or with a wrong signature.
 * A connection of which there are many ends with the next answer. Its sender can open another, but Bun handles nothing more of what
 * it has sent by this one: by one connection alone 4,500 requests reached the server in one turn of the event loop.
 */

/**
 * More than a monitor or load balancer sends by one connection. One request costs about 50 µs, so that by 16 connections at once they
 * hold everybody else up for 8 ms.
 */
export const unsignedPerSecond = 10

/**
 * By all connections together, after which every one of these requests is the last one of its connection: a client that opens
 * connection after connection had 60 of them accepted, and 600 requests handled, in one turn of the event loop.
 */
export const unsignedOfAllPerSecond = 200

/** Address and port of a client. */
export type Peer = { readonly address: string; readonly port: number }

export class UnsignedRequests {
  private readonly counts = new Map<string, number>()
  private ofAll = 0
  private endsAtMs = 0

  /** Counts one. Whether its connection is to end. @param peer null for a connection that its client has closed */
  count(peer: Peer | null, nowMs: number): boolean {
    if (peer === null) return false
    if (nowMs >= this.endsAtMs) {
      this.counts.clear()
      this.ofAll = 0
      this.endsAtMs = nowMs + 1000
    }
    if (++this.ofAll > unsignedOfAllPerSecond) return true
    const connection = `${peer.address} ${peer.port}`
    const count = (this.counts.get(connection) ?? 0) + 1
    this.counts.set(connection, count)
    return count >= unsignedPerSecond
  }
}
