/**
 * The port through which messages get from one node to the others: over Redis (`redis.ts`), over a Unix socket between two servers
 * (`unix-socket.ts`), or in memory between the nodes of a test.
 *
 * A backplane stores nothing: it delivers a message at once, or never. What a node needs beyond that, it does by itself (`PROTOCOL.md`):
 * it sends an event again until its echo arrives, and requests a snapshot where it has missed changes. No method names a node or their
 * number. So one that connects more than two servers over Unix sockets fits the same port.
 *
 * `test/support/backplane-contract.ts` tests what is stated here, on every kind of backplane.
 */
export type Backplane = {
  /**
   * Publishes a message to every connected node, the sender included, and returns at once. What comes back to the sender is the echo of
   * the message. The sender may be called with it only after `send` has returned.
   *
   * - At most once: no node receives a message twice.
   * - Order: every node receives the messages of one sender in the order of its calls. There is no order between the messages of two
   *   senders, unless one Redis server orders them: then it is the same for all nodes.
   * - Loss: before `onConnected`, between `onDisconnected` and the next `onConnected`, and after `close` or `onClosed`, the message is lost
   *   for all nodes. If the backplane disconnects before the echo has arrived, the message may have reached all, some or none. A node
   *   that is not connected when Redis publishes a message never receives it, whether or not its sender has the echo. Of the messages of
   *   one sender, a later one may arrive where an earlier one is lost.
   * - Echo: Redis has accepted the message, and delivered it to its subscriber, this node. It may still be in the buffers of other
   *   subscribers. Over the Unix socket, the system has accepted the message. Neither shows that another node has read it.
   *
   * @param message one line of text, and not an empty one. Its beginning, 64 hexadecimal digits of a signature, tells it from the texts
   * that a backplane sends for itself.
   */
  readonly send: (message: string) => void
  /**
   * Verifies that messages are delivered, where no error would show that they are not: in that case the backplane calls `onDisconnected`,
   * and connects anew. Called every second, also while it is disconnected. Absent where the system reports every failure.
   */
  readonly check?: (nowMs: number) => void
  /**
   * Disconnects for good. From the call on no message is accepted, and no method of the listener is called.
   *
   * Messages that were sent before are delivered as by `send`, where they can be: the promise resolves once they have left this process
   * (Redis has answered, the other server has read them), and after half a second at most. It never rejects.
   */
  readonly close: () => Promise<void>
}

/**
 * What a backplane calls. It calls nothing before the caller that opened the backplane has it, and nothing after `close` was called.
 * `onConnected` and `onDisconnected` are called in turns, either of them first. `onClosed` may come at any time, and is the last call.
 */
export type BackplaneListener = {
  /**
   * A message that a node has published: at most once, and in the order of its sender. It is an echo if this node has sent it. Messages of
   * others may also arrive while the backplane is not connected: over Redis the two directions fail apart.
   *
   * The text is not verified. A client with permission to publish on the Redis channel can forge, change and replay messages.
   */
  readonly onMessage: (message: string) => void
  /** Messages that are sent from now on are delivered. */
  readonly onConnected: () => void
  /**
   * Messages are not delivered until the next `onConnected`. The backplane goes on trying to connect, without end. Called once for each
   * outage, and also where the first attempt to connect has failed. It may come 15 s after the first message that was lost.
   *
   * @param reason for the log: what has failed, and which setting to check where that is known
   */
  readonly onDisconnected: (reason: string) => void
  /**
   * The other server has ended the connection, or has crashed, and the backplane cannot connect again: nothing follows. Only the Unix
   * socket calls it. Whatever the other server has sent before was delivered, unless it has crashed.
   */
  readonly onClosed: () => void
}

/** Runs a function soon, in another turn of the event loop. */
export type Defer = (act: () => void) => void
