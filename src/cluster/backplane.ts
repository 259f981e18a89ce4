/** How texts get from one node to the others. `local.ts` and `redis.ts` are ones, and `server/peer.ts` is one for two. */

export type Backplane = {
  /** To every node, in the order in which this one says it; whether to this one too is left open. Never waits. */
  readonly send: (text: string) => void
  readonly close: () => void
}

export type Listener = {
  readonly onText: (text: string) => void
  /** Whether texts get through at the moment. */
  readonly onState: (isUp: boolean) => void
}
