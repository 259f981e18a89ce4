/** The peers of this node, which are the other nodes of the cluster, and up to which message each has been received. */

/** A part of a snapshot that is not complete yet. */
type ReceivedPart = {
  readonly part: number
  /** The number of the message that it came in. */
  readonly number: number
  /** Whether changes have been missed since the first part: another snapshot has to follow. */
  hasGap: boolean
}

export type Peer = {
  /** The number of its last control message. */
  lastControl: number
  /** The number up to which its events have been accepted, or are too late; undefined as long as it has never been verified. */
  lastEvent: number | undefined
  /** The epoch of its last control message: events of an earlier epoch do not count any more. */
  epoch: number
  /** The sequence of its last changes that have been applied; undefined while a snapshot has to come first. */
  sequence: number | undefined
  /** The last part of its snapshot that has been received; undefined while no snapshot is under way. */
  snapshot: ReceivedPart | undefined
  /** It has answered a request of this node since the backplane connected: before that, its messages could be a replay. */
  isVerified: boolean
  /** It has sent no control message since it was found, or since the backplane connected. */
  isSilent: boolean
  /** It was verified before the backplane disconnected, and has not been since: events wait for it. */
  isMissing: boolean
  /** It has announced that it stops: its clients are about to connect to other nodes. */
  isStopping: boolean
  /** The first request that it has not answered; undefined while there is none. */
  request: { readonly number: number; readonly sentAtMs: number } | undefined
  /** When the last request was sent. */
  requestedAtMs: number
  /** How long the last answer took; 0 where that is not known. */
  answerMs: number
  /** When its last message was received. Until it is verified, its messages do not count. */
  seenAtMs: number
}

/** A peer whose messages do not arrive for this long has crashed. Peers are checked every second, so that one is removed within ten seconds. */
const timeoutMs = 8000
/** A peer of which no message has been accepted for this long has sent two heartbeats that were rejected, and has not timed out yet. */
const stalledMs = 4000
/** The last numbers of this many former peers are kept, so that none of their messages is accepted a second time. */
const maxTombstones = 10_000

export class Peers {
  private readonly peers = new Map<string, Peer>()
  private readonly tombstones = new Map<string, Pick<Peer, 'lastControl' | 'lastEvent'>>()

  get ids(): string[] {
    return [...this.peers.keys()]
  }

  get all(): Iterable<[id: string, peer: Peer]> {
    return this.peers
  }

  /** Whether there are peers, and the snapshot of each is complete. */
  get areAllSynced(): boolean {
    return (
      this.peers.size > 0 &&
      [...this.peers.values()].every(({ sequence, snapshot }) => sequence !== undefined && snapshot === undefined)
    )
  }

  get isAnyMissing(): boolean {
    return [...this.peers.values()].some(({ isMissing }) => isMissing)
  }

  /** Whether a peer has not announced that it stops. */
  get isAnyStaying(): boolean {
    return [...this.peers.values()].some(({ isStopping }) => !isStopping)
  }

  getOrAdd(id: string, nowMs: number): Peer {
    const known = this.peers.get(id)
    if (known !== undefined) return known
    const { lastControl, lastEvent } = this.tombstones.get(id) ?? { lastControl: 0, lastEvent: undefined }
    const peer: Peer = {
      lastControl,
      lastEvent,
      epoch: 0,
      sequence: undefined,
      snapshot: undefined,
      isVerified: false,
      isSilent: true,
      isMissing: false,
      isStopping: false,
      request: undefined,
      requestedAtMs: Number.NEGATIVE_INFINITY,
      answerMs: 0,
      seenAtMs: nowMs,
    }
    this.peers.set(id, peer)
    return peer
  }

  /** Removes a peer, and leaves a tombstone in place of the oldest one. */
  remove(id: string): Peer | undefined {
    const peer = this.peers.get(id)
    if (peer === undefined) return undefined
    this.peers.delete(id)
    // A Map iterates in the order of insertion, which an update would not change.
    this.tombstones.delete(id)
    this.tombstones.set(id, { lastControl: peer.lastControl, lastEvent: peer.lastEvent })
    for (const oldest of this.tombstones.keys()) {
      if (this.tombstones.size <= maxTombstones) break
      this.tombstones.delete(oldest)
    }
    return peer
  }

  /** The backplane has connected again: each peer has to be verified anew, and has the whole timeout for it. */
  unverifyAll(nowMs: number): void {
    for (const peer of this.peers.values()) {
      peer.isMissing ||= peer.isVerified
      peer.isVerified = false
      peer.isSilent = true
      peer.request = undefined
      peer.answerMs = 0
      peer.requestedAtMs = Number.NEGATIVE_INFINITY
    }
    this.resetTimeouts(nowMs)
  }

  /** Gives each peer the whole timeout: this node could not receive what they have sent until now. */
  resetTimeouts(nowMs: number): void {
    for (const peer of this.peers.values()) peer.seenAtMs = nowMs
  }

  /** The ids of peers that have timed out. */
  timedOut(nowMs: number): string[] {
    return this.ids.filter(id => nowMs - this.peers.get(id)!.seenAtMs >= timeoutMs)
  }
}

/** Whether all recent messages of a peer were rejected: the numbers that were accepted before may have been forged. */
export function isStalled({ seenAtMs }: Peer, nowMs: number): boolean {
  return nowMs - seenAtMs >= stalledMs
}
