/** Messages and events that were ignored or dropped since the start. */
export type Counters = {
  /** Messages that no node of this cluster has signed, or that another one has sent in the name of this one. */
  readonly forged: number
  /** Messages with a valid signature of a version that this release does not speak: some servers run another release. */
  readonly unsupported: number
  /** Messages with a valid signature that are not well-formed. */
  readonly malformed: number
  /** Messages that were received before, or are too old to be accepted, and that their node has not sent again. */
  readonly replayed: number
  /**
   * Events of this node and of others that exceeded the bounds of their queues, those of a peer that was removed before it was verified,
   * and those of this node that the backplane lost while it delivered later ones, or that were unacknowledged when the node left. Some of
   * the last two may have arrived all the same.
   */
  readonly dropped: number
}
