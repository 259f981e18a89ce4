/**
 * Counts the requests without a valid signature of each connection: for `/up`, for an unknown path, or with a wrong signature. A
 * connection with many of them is closed with the next answer. Its client can open another, but Bun discards the rest of what was
 * sent on this one: 4,500 requests of a single connection reached the server in one turn of the event loop.
 */

/**
 * How many of these requests a connection may send in a second: more than a monitor or load balancer does. One request takes about
 * 50 µs, so that 16 connections at once delay the other clients by 8 ms.
 */
export const unsignedPerSecond = 10

/**
 * How many all connections together may send in a second; beyond that, each of these requests is the last one of its connection. A
 * client that opened one connection after another had 60 of them accepted, and 600 requests handled, in one turn of the event loop.
 */
export const totalUnsignedPerSecond = 200

/** The address and port from which a client has connected. */
export type ClientAddress = { readonly address: string; readonly port: number }

export class UnsignedRequests {
  private readonly counts = new Map<string, number>()
  private total = 0
  private endsAtMs = 0

  /**
   * Counts a request. Returns whether its connection is to be closed.
   *
   * @param client null where the client has closed the connection already
   */
  count(client: ClientAddress | null, nowMs: number): boolean {
    if (client === null) return false
    if (nowMs >= this.endsAtMs) {
      this.counts.clear()
      this.total = 0
      this.endsAtMs = nowMs + 1000
    }
    if (++this.total > totalUnsignedPerSecond) return true
    const connection = `${client.address} ${client.port}`
    const count = (this.counts.get(connection) ?? 0) + 1
    this.counts.set(connection, count)
    return count >= unsignedPerSecond
  }
}
