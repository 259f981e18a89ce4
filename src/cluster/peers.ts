/** The other nodes: who is there, and up to where each has been heard. */
export type Peer = {
  /** Of the last thing that it said, events aside. */
  number: number
  /** The number up to which its events have been accepted, or are too late; undefined as long as it has never been verified. */
  lastEvent: number | undefined
  /** That of its last report: of earlier ones no event counts any more. */
  epoch: number
  /** Of the last entries that were taken in; undefined while a snapshot has to come first. */
  sequence: number | undefined
  /** The number of the next part of its snapshot; undefined while none is under way. */
  part: number | undefined
  /** It has answered a request of this node since the backplane connected: before that, its messages could be a replay. */
  isVerified: boolean
  /** It has said nothing since it is to answer. */
  isSilent: boolean
  /** It was there before nothing got through for a while, and has not been met again since. */
  isMissed: boolean
  /** It has announced that it stops: its clients are about to go to others. */
  isStopping: boolean
  /** The number of the first question whose answer is a new one; undefined while nothing is asked. */
  asked: number | undefined
  askedAtMs: number
  /** When it said the last thing that counts: as long as it has not answered, that is nothing. */
  seenAtMs: number
}

/** How long a node may say nothing before it is taken for gone: it is within ten seconds, as one looks every second. */
const silenceMs = 8000
/** So long nothing of a node counts until its numbers are doubted: it has sent two heartbeats, and is not taken for gone yet. */
const doubtMs = 4000
/** How long to wait for a snapshot before it is asked for again. */
const askAgainMs = 2000
/** So many nodes that are gone are remembered: what they have said is not believed a second time. */
const maxRemembered = 10_000

export class Peers {
  private readonly peers = new Map<string, Peer>()
  private readonly gone = new Map<string, Pick<Peer, 'number' | 'lastEvent'>>()

  get ids(): string[] {
    return [...this.peers.keys()]
  }

  get all(): Iterable<[id: string, peer: Peer]> {
    return this.peers
  }

  /** There are some, and a snapshot of each has been taken in. */
  get areAllSynced(): boolean {
    return (
      this.peers.size > 0 && [...this.peers.values()].every(({ sequence, part }) => sequence !== undefined && part === undefined)
    )
  }

  /** One of them has not announced that it stops. */
  get isAnyStaying(): boolean {
    return [...this.peers.values()].some(({ isStopping }) => !isStopping)
  }

  /** The peer, known from now on at the latest. */
  meet(id: string, nowMs: number): Peer {
    const known = this.peers.get(id)
    if (known !== undefined) return known
    const { number, lastEvent } = this.gone.get(id) ?? { number: 0, lastEvent: undefined }
    const peer: Peer = {
      number,
      lastEvent,
      epoch: 0,
      sequence: undefined,
      part: undefined,
      isVerified: false,
      isSilent: true,
      isMissed: false,
      isStopping: false,
      asked: undefined,
      askedAtMs: Number.NEGATIVE_INFINITY,
      seenAtMs: nowMs,
    }
    this.peers.set(id, peer)
    return peer
  }

  forget(id: string): Peer | undefined {
    const peer = this.peers.get(id)
    if (peer === undefined) return undefined
    this.peers.delete(id)
    // Those that were there last are the last to be forgotten.
    this.gone.delete(id)
    this.gone.set(id, { number: peer.number, lastEvent: peer.lastEvent })
    for (const oldest of this.gone.keys()) {
      if (this.gone.size <= maxRemembered) break
      this.gone.delete(oldest)
    }
    return peer
  }

  /** They could not be heard until now: whatever they say counts once they have answered, and each has all its time again. */
  miss(nowMs: number): void {
    for (const peer of this.peers.values()) {
      peer.isMissed ||= peer.isVerified
      peer.isVerified = false
      peer.isSilent = true
      peer.asked = undefined
      peer.askedAtMs = Number.NEGATIVE_INFINITY
    }
    this.excuse(nowMs)
  }

  /** That they have said nothing until now is nobody's fault. */
  excuse(nowMs: number): void {
    for (const peer of this.peers.values()) peer.seenAtMs = nowMs
  }

  /** Those who have said nothing for too long. */
  silent(nowMs: number): string[] {
    return this.ids.filter(id => nowMs - this.peers.get(id)!.seenAtMs >= silenceMs)
  }
}

/** Whether a snapshot is to be asked for now; notes that it is. */
export function mayAsk(peer: Peer, nowMs: number): boolean {
  if (nowMs - peer.askedAtMs < askAgainMs) return false
  peer.askedAtMs = nowMs
  return true
}

/** Whether the next part of a snapshot has not come for so long that it is lost. */
export function isStuck({ part, askedAtMs }: Peer, nowMs: number): boolean {
  return part !== undefined && nowMs - askedAtMs >= askAgainMs
}

/**
 * Whether a snapshot answers what the peer was asked. No recording does, and so its number is the peer's own, whatever others have
 * claimed before.
 *
 * @param lastQuestion the highest number that it can answer
 */
export function isAnswer({ asked }: Peer, answers: number, lastQuestion: number): boolean {
  return asked !== undefined && answers >= asked && answers <= lastQuestion
}

/** Whether a peer of which nothing counts may have other numbers than those that were believed. */
export function isDoubtful({ seenAtMs }: Peer, nowMs: number): boolean {
  return nowMs - seenAtMs >= doubtMs
}
