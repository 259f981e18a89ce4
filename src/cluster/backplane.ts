/** How texts get from one node to the others. `local.ts` and `redis.ts` are ones, and `server/unix-socket.ts` is one of two nodes. */

export type Backplane = {
  /**
   * To every node, and back to this one, in the order in which this one says it. Never waits; what is sent while nothing
   * gets through is lost, and so may be what has not come back by then.
   */
  readonly send: (text: string) => void
  /** Looks whether texts really get through, where that is not known by itself. Called every second. */
  readonly check?: (nowMs: number) => void
  /** Resolves once what was sent has got through, where it can. From the call on nothing is sent or received. */
  readonly close: () => Promise<void>
}

/** Hears nothing before whoever opened the backplane has it in hand. */
export type Listener = {
  readonly onText: (text: string) => void
  /** Texts get through from now on. */
  readonly onUp: () => void
  /** Texts do not get through at the moment; it goes on trying. */
  readonly onDown: (reason: string) => void
  /** Nothing will ever get through again. */
  readonly onEnd: () => void
}
