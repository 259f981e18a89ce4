/** How messages get from one node to the others: over Redis (`redis.ts`), or between two servers (`unix-socket.ts`). */

export type Backplane = {
  /**
   * Publishes a message to every node, the sender included. Messages of one node are delivered in the order in which it publishes them,
   * each at most once: a message is lost that is published while the backplane is disconnected, and so may be one whose echo has not
   * arrived when it disconnects. Returns at once.
   */
  readonly send: (message: string) => void
  /** Checks that messages are delivered, where the backplane does not notice by itself. Called every second. */
  readonly check?: (nowMs: number) => void
  /** Resolves once the messages that were sent are delivered, where they can be. From the call on none is sent or received. */
  readonly close: () => Promise<void>
}

/** Receives nothing before the caller that opened the backplane has it. */
export type BackplaneListener = {
  readonly onMessage: (message: string) => void
  /** Messages are delivered from now on. */
  readonly onConnected: () => void
  /** Messages are not delivered at the moment. The backplane goes on trying to connect. */
  readonly onDisconnected: (reason: string) => void
  /** The backplane is closed, and does not connect again. */
  readonly onClosed: () => void
}

/** Runs a function soon, in another turn of the event loop. */
export type Defer = (act: () => void) => void
