/** Messages and events that were ignored or dropped since the start. */
export type Counters = {
  /** Messages that no node of this cluster has signed, or that were sent in the name of another node. */
  readonly forged: number
  /** Messages with a valid signature of a version that this release does not speak: some servers run another release. */
  readonly unsupported: number
  /** Messages with a valid signature that are not well-formed. */
  readonly malformed: number
  /** Messages that were received before. */
  readonly replayed: number
  /**
   * Events of this node and of others that exceeded the bounds of their queues, and those of this node that the backplane lost
   * while it delivered later ones. Some of these may have arrived all the same.
   */
  readonly dropped: number
}
