/**
 * Another node, as this one knows it: a state machine that owns the numbers up to which its messages have been received, its timers, and
 * its events that are pending. Nothing else writes them. `PROTOCOL.md` describes the states; `transitions` is the table of them.
 */
import type { ControlBody, SnapshotRequest } from './envelope.ts'
import { type PendingEvent, PendingEvents, type PendingRoom } from './pending-events.ts'
import { type AcceptedEvents, type LastNumbers, ReceivedNumbers } from './received-numbers.ts'
import { type OpenRequest, RequestTimer } from './request-timer.ts'

export type PeerState =
  /** It has not answered a request of this node yet, so that all its messages may be replays: its events are pending. */
  | 'unverified'
  /** It was verified before this node connected again, and has not been since: its events are pending, and this node's wait for it. */
  | 'suspect'
  /** It is verified, and its state is not complete: a snapshot has to come first, and its changes are ignored until then. */
  | 'outdated'
  /** Parts of its snapshot arrive, and its changes are applied. */
  | 'receiving'
  /** As `receiving`, and changes have been missed meanwhile: another snapshot has to follow. */
  | 'receiving-outdated'
  /** Its state is complete. */
  | 'synced'
  /** It was removed. Its last numbers are kept as a tombstone. */
  | 'gone'

/** A part of a snapshot that answers a request: the first of several, one in between, the last one, or the only one. */
type PartInput = 'first-part' | 'next-part' | 'last-part' | 'only-part'
/**
 * `gap`: changes have been missed. `invalidate`: a new snapshot is wanted. `reconnect`: this node has connected to the backplane again.
 * `remove`: the peer has left, or has timed out.
 */
export type PeerInput = PartInput | 'gap' | 'invalidate' | 'reconnect' | 'remove'

/** A state without an input has no use for it: the input is ignored. */
export const transitions: Readonly<Record<PeerState, Readonly<Partial<Record<PeerInput, PeerState>>>>> = {
  unverified: { 'first-part': 'receiving', 'only-part': 'synced', remove: 'gone' },
  suspect: { 'first-part': 'receiving', 'only-part': 'synced', remove: 'gone' },
  outdated: { 'first-part': 'receiving', 'only-part': 'synced', reconnect: 'suspect', remove: 'gone' },
  receiving: {
    'first-part': 'receiving',
    'next-part': 'receiving',
    'last-part': 'synced',
    'only-part': 'synced',
    gap: 'receiving-outdated',
    invalidate: 'outdated',
    reconnect: 'suspect',
    remove: 'gone',
  },
  'receiving-outdated': {
    'first-part': 'receiving',
    'next-part': 'receiving-outdated',
    'last-part': 'outdated',
    'only-part': 'synced',
    invalidate: 'outdated',
    reconnect: 'suspect',
    remove: 'gone',
  },
  synced: { gap: 'outdated', invalidate: 'outdated', reconnect: 'suspect', remove: 'gone' },
  gone: {},
}

/** It has answered a request of this node since the backplane connected: before that, its messages could be replays. */
const verified: ReadonlySet<PeerState> = new Set<PeerState>(['outdated', 'receiving', 'receiving-outdated', 'synced'])
/** Its changes are applied. */
const following: ReadonlySet<PeerState> = new Set<PeerState>(['receiving', 'receiving-outdated', 'synced'])
/** The next part of its snapshot is awaited. */
const receiving: ReadonlySet<PeerState> = new Set<PeerState>(['receiving', 'receiving-outdated'])

/** What is kept of a peer that was removed, so that none of its messages is accepted a second time, and its late answer is one. */
export type Tombstone = { readonly numbers: LastNumbers; readonly request: OpenRequest | undefined }

/**
 * What becomes of a message. `repeated`: it was received before, and the peer itself has sent it again. `stalled`: all recent ones were
 * received before, since a forged message has claimed a number that the peer has not reached. An answer of the peer corrects it.
 */
type EventVerdict = 'accepted' | 'pending' | 'repeated' | 'replayed'
type ControlVerdict = 'accepted' | 'replayed' | 'stalled'

type Snapshot = Extract<ControlBody, { type: 'snapshot' }>
type Heartbeat = Extract<ControlBody, { type: 'heartbeat' }>

/** A peer whose messages do not arrive for this long has crashed. Peers are checked every second: one is removed within ten seconds. */
const timeoutMs = 8000
/** A peer of which no message has been accepted for this long has sent two heartbeats that were rejected, and has not timed out yet. */
const stalledMs = 4000
/** A peer that is heard of within this time has missed one heartbeat at most: it is there to take clients over. */
const presentMs = 5000

export class Peer {
  private current: PeerState = 'unverified'
  /** The sequence of its last changes that have been applied. It counts from the first part of a snapshot on. */
  private sequence = 0
  /** The last part of its snapshot that has been received, and the number of the message that it came in. */
  private received: { readonly part: number; readonly number: number } | undefined
  /** Whether it has sent no control message since it was found, or since the backplane connected. */
  private isSilent = true
  /** Whether it has announced that it stops: its clients are about to connect to other nodes. */
  private isStopping = false
  /** When its last message was accepted. Until it is verified, its messages do not count. */
  private seenAtMs: number
  private readonly numbers: ReceivedNumbers
  private readonly request: RequestTimer
  private readonly pending: PendingEvents

  /** @param tombstone what was kept of it, where it has been a peer before */
  constructor(
    readonly id: string,
    tombstone: Tombstone | undefined,
    room: PendingRoom,
    nowMs: number,
  ) {
    this.numbers = new ReceivedNumbers(tombstone?.numbers)
    this.request = new RequestTimer(tombstone?.request)
    this.pending = new PendingEvents(room)
    this.seenAtMs = nowMs
  }

  get state(): PeerState {
    return this.current
  }

  get tombstone(): Tombstone {
    return { numbers: this.numbers.last, request: this.request.open }
  }

  hasTimedOut(nowMs: number): boolean {
    return nowMs - this.seenAtMs >= timeoutMs
  }

  /** Whether it takes over the clients of a node that stops: it is known to be there, and is not about to stop itself. */
  isSuccessor(nowMs: number): boolean {
    return verified.has(this.current) && !this.isStopping && nowMs - this.seenAtMs < presentMs
  }

  /** Receives an event. */
  receiveEvent(event: PendingEvent, nowMs: number): EventVerdict {
    const { number, epoch } = event
    if (this.numbers.hasEvent(number, epoch)) return this.numbers.isRepeated(number, epoch) ? 'repeated' : 'replayed'
    if (verified.has(this.current)) {
      this.numbers.receiveEvent(number)
      this.seenAtMs = nowMs
      return 'accepted'
    }
    if (this.pending.has(number, epoch)) return 'replayed'
    this.pending.add(event)
    return 'pending'
  }

  /** Whether a snapshot answers a request to this peer. The parameters are those of `RequestTimer.isAnswer`. */
  isAnswer(answers: number, lastNumber: number): boolean {
    return this.request.isAnswer(answers, lastNumber)
  }

  /**
   * Receives the number and the epoch of a control message.
   *
   * @param isAnswer whether it answers a request: then it is no replay, and corrects a number that a forged message has raised
   */
  receiveControl(number: number, epoch: number, isAnswer: boolean, nowMs: number): ControlVerdict {
    if (this.numbers.hasControl(number) && !isAnswer) {
      if (nowMs - this.seenAtMs < stalledMs) return 'replayed'
      this.move('invalidate')
      return 'stalled'
    }
    // A request that was sent before the peer was subscribed has not reached it, and an answer from before it reconnected may be lost.
    const hasReconnected = this.numbers.receiveControl(number, epoch)
    if (this.isSilent || hasReconnected) this.request.allow()
    this.isSilent = false
    if (verified.has(this.current)) this.seenAtMs = nowMs
    return 'accepted'
  }

  /** Receives the sequence of changes. Returns whether they are to be applied. */
  receiveChanges(sequence: number): boolean {
    if (sequence > this.sequence + 1) this.move('gap')
    if (!following.has(this.current) || sequence <= this.sequence) return false
    this.sequence = sequence
    return true
  }

  /** Receives a heartbeat in the message of that number. */
  receiveHeartbeat(number: number, { sequence, from, isStopping }: Heartbeat): void {
    this.isStopping = isStopping === true
    if (verified.has(this.current)) this.numbers.advance(number, from)
    if (sequence !== this.sequence) this.move('gap')
  }

  /**
   * Receives a part of a snapshot that answers a request, in the message of that number. The first part verifies the peer.
   *
   * @returns the pending events that are accepted with it, and how many were received before; undefined for a part that is of no use,
   * because another one has to come first
   */
  receivePart(number: number, body: Snapshot, nowMs: number): AcceptedEvents | undefined {
    const { part, hasMore, sequence, from, recent = from } = body
    if (part > 0 && part - 1 !== this.received?.part) return undefined
    if (!this.move(part === 0 ? (hasMore ? 'first-part' : 'only-part') : hasMore ? 'next-part' : 'last-part')) return undefined
    this.received = { part, number }
    this.seenAtMs = nowMs
    this.request.answered(nowMs)
    if (hasMore) this.request.allow()
    if (part > 0) return { accepted: [], replayed: 0 }
    this.sequence = sequence
    return this.numbers.verify(number, from, recent, this.pending.takeAll())
  }

  /** What is to be requested of the peer now; undefined where nothing is, or the last answer may still come. */
  dueRequest(nowMs: number): Omit<SnapshotRequest, 'number'> | undefined {
    if (this.current === 'synced' || this.current === 'gone' || !this.request.isDue(nowMs)) return undefined
    return receiving.has(this.current) ? { part: this.received!.part + 1, after: this.received!.number } : { part: 0 }
  }

  /** The request was sent in the message of that number. */
  requested(number: number, nowMs: number): void {
    this.request.sent(number, nowMs)
  }

  /** A new snapshot is wanted, and may be requested at once. */
  invalidate(): void {
    this.move('invalidate')
    this.request.allow()
  }

  /** This node has connected again: the peer has to be verified anew, and has the whole timeout for it. */
  reconnect(nowMs: number): void {
    this.move('reconnect')
    this.isSilent = true
    this.request.reset()
    this.resetTimeout(nowMs)
  }

  /** Gives the peer the whole timeout: this node could not receive what it has sent until now. */
  resetTimeout(nowMs: number): void {
    this.seenAtMs = nowMs
  }

  /** The peer has left, or has timed out. Its pending events are dropped. */
  remove(): void {
    this.move('remove')
    this.pending.dropAll()
  }

  /** The input is ignored where the state has no use for it. Returns whether it has. */
  private move(input: PeerInput): boolean {
    const next = transitions[this.current][input]
    this.current = next ?? this.current
    return next !== undefined
  }
}
