/**
 * Counts the requests without a valid signature of each connection: for `/up`, for an unknown path, or with a wrong signature. A
 * connection with many of them is closed with the next answer. Its client can open another, but Bun discards the rest of what was
 * sent on this one: 4,500 requests of a single connection reached the server in one turn of the event loop.
 */

/**
 * More than a monitor or load balancer sends on one connection. One request takes about 50 µs, so that 16 connections at once delay the
 * other clients by 8 ms.
 */
export const unsignedPerSecond = 10

/**
 * Of all connections together; beyond it, each of these requests is the last one of its connection. A client that opened one
 * connection after another had 60 of them accepted, and 600 requests handled, in one turn of the event loop.
 */
export const unsignedOfAllPerSecond = 200

/** Address and port of a client. */
export type Peer = { readonly address: string; readonly port: number }

export class UnsignedRequests {
  private readonly counts = new Map<string, number>()
  private ofAll = 0
  private endsAtMs = 0

  /** Counts a request. Returns whether its connection is to be closed. @param peer null where the client has closed it already */
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
