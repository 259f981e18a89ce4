/** What came to nothing, since the beginning. */
export type Counters = {
  /** Texts that no node of ours has signed, or that one has sent in the name of another. */
  readonly forged: number
  /** Texts that are signed, and are nothing that a node sends. */
  readonly malformed: number
  /** Texts that were said before. */
  readonly replayed: number
  /** Events of this node and of others that there was no room for until they could be said, or obeyed. */
  readonly dropped: number
}
