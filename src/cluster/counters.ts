/** Texts and events that were ignored or dropped since the start. */
export type Counters = {
  /** Texts that no node of ours has signed, or that one has sent in the name of another. */
  readonly forged: number
  /** Texts with a valid signature that are not well-formed. */
  readonly malformed: number
  /** Texts that were received before. */
  readonly replayed: number
  /**
   * Events of this node and of others that exceeded the bounds of their queues, and those of this node that the backplane lost
   * while it delivered later ones. Some of these may have arrived all the same.
   */
  readonly dropped: number
}
