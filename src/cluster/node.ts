/**
 * One node among others. It says what it has and what happens, and takes in what the others say. Each node owns what it
 * says of its own sockets: its entries are numbered, and whoever has missed one, or is new, asks for all of them. What
 * another says is obeyed once it has answered a question of this one: a recording answers nothing.
 */
import type { Effect } from '../core/effect.ts'
import type { Entry } from '../core/entry.ts'
import { applyEntries, type RelayedEvent } from '../core/replica.ts'
import { removeNode } from '../core/resyncs.ts'
import { Answers } from './answers.ts'
import { Changes } from './changes.ts'
import type { Counters } from './counters.ts'
import { type ControlBody, type ControlEnvelope, claimedReader, decode, type EventEnvelope, isEvent } from './envelope.ts'
import { Inbox, type InboxOptions } from './inbox.ts'
import { isAnswer, isDoubtful, isStuck, mayAsk, type Peer, Peers } from './peers.ts'
import { type Pace, Publisher, type PublisherOptions } from './publisher.ts'
import { type SnapshotOptions, Snapshots, takePart } from './snapshots.ts'

/** The key is what the nodes of one cluster have in common. */
export type NodeOptions = PublisherOptions & InboxOptions & SnapshotOptions

const heartbeatMs = 2000
/** So long events wait for others whom one has not known before. */
const meetingMs = 1000

export class ClusterNode {
  readonly peers = new Peers()
  private readonly publisher: Publisher
  private readonly inbox: Inbox
  private readonly changes: Changes
  private readonly answers: Answers
  private isStopping = false
  private readonly faults = { forged: 0, malformed: 0 }
  private beatAtMs = Number.NEGATIVE_INFINITY
  private upAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly options: NodeOptions) {
    this.publisher = new Publisher(options)
    this.inbox = new Inbox(options)
    this.changes = new Changes(this.publisher, options.defer)
    this.answers = new Answers(this.publisher, this.changes, new Snapshots(options))
    options.state.isClustered = true
  }

  /** There are others, and all that they have is known. */
  get isSynced(): boolean {
    return this.peers.areAllSynced
  }

  get peerIds(): string[] {
    return this.peers.ids
  }

  get counters(): Counters {
    return {
      forged: this.faults.forged + this.publisher.forged,
      malformed: this.faults.malformed,
      replayed: this.inbox.replayed,
      dropped: this.publisher.dropped + this.inbox.dropped,
    }
  }

  publish({ topic, frame, exceptSocketId }: RelayedEvent): void {
    this.publisher.publish({ type: 'event', topic, frame, exceptSocketId })
  }

  terminate(appId: string, userId: string): void {
    this.publisher.publish({ type: 'terminate', appId, userId })
  }

  pace(nowMs: number): Pace {
    return this.publisher.pace(nowMs)
  }

  /** Of entries that say something of the same thing, the last one goes. */
  replicate(entry: Entry): void {
    this.changes.note(entry)
  }

  receive(text: string, nowMs: number): Effect[] {
    const wasDeaf = this.publisher.isEchoOverdue(nowMs)
    const own = this.publisher.acknowledge(text, nowMs)
    if (own !== undefined) {
      if (wasDeaf) this.peers.excuse(nowMs)
      if (own.event !== undefined) this.inbox.onEcho(own.event, nowMs)
      if (own.isControl) this.answers.resume(nowMs)
      return []
    }
    if (this.inbox.isIrrelevant(text) || (claimedReader(text) ?? this.options.id) !== this.options.id) return []
    const envelope = decode(text, this.options.key)
    if (typeof envelope === 'string') {
      this.faults[envelope]++
      return []
    }
    const peer = this.peers.meet(envelope.node, nowMs)
    return isEvent(envelope) ? this.takeEvent(peer, envelope, nowMs) : this.takeControl(peer, envelope, nowMs)
  }

  /** Texts get through from now on: says at once that it is there, and hears everything anew of those who were before. */
  onConnected(nowMs: number): void {
    this.publisher.onConnected(nowMs)
    this.upAtMs = nowMs
    this.peers.miss(nowMs)
    this.beat(nowMs)
    this.resync(nowMs)
    this.complete(nowMs)
  }

  /** Texts do not get through. What is known of the others stays as it is. */
  onDisconnected(): void {
    this.publisher.onDisconnected()
  }

  /** Time has passed: says that it is there, and lets go of those who do not. */
  tick(nowMs: number): Effect[] {
    if (!this.publisher.isConnected) return []
    if (nowMs - this.beatAtMs >= heartbeatMs) this.beat(nowMs)
    this.answers.resume(nowMs)
    this.complete(nowMs)
    if (this.publisher.isEchoOverdue(nowMs)) return []
    return this.peers.silent(nowMs).flatMap(id => this.lose(id, nowMs))
  }

  /** Hears everything anew, of everybody. */
  resync(nowMs: number): void {
    for (const [id, peer] of this.peers.all) {
      peer.askedAtMs = Number.NEGATIVE_INFINITY
      this.ask(id, peer, nowMs)
    }
  }

  /** It is about to stop, and the others are not to send their clients to it. */
  announceStop(nowMs: number): void {
    this.isStopping = true
    this.beat(nowMs)
  }

  /** It is about to leave: events wait for nobody any more. */
  beginLeave(nowMs: number): void {
    this.publisher.beginLeave(nowMs)
  }

  /** It goes, and so does what it has. */
  leave(nowMs: number): void {
    this.beginLeave(nowMs)
    this.publisher.leave()
  }

  /** The backplane is gone, and with it everybody else. */
  removeAllPeers(nowMs: number): Effect[] {
    this.options.state.isClustered = false
    return this.peerIds.flatMap(id => this.lose(id, nowMs))
  }

  private takeEvent(peer: Peer, envelope: EventEnvelope, nowMs: number): Effect[] {
    if (!peer.isVerified) this.ask(envelope.node, peer, nowMs)
    return this.inbox.receive(peer, envelope, nowMs)
  }

  private takeControl(peer: Peer, { node: id, number, epoch, body }: ControlEnvelope, nowMs: number): Effect[] {
    const isReply =
      body.type === 'snapshot' && body.to === this.options.id && isAnswer(peer, body.answers, this.publisher.lastNumber)
    if (number <= peer.number && !isReply) {
      this.inbox.replayed++
      if (isDoubtful(peer, nowMs)) this.ask(id, peer, nowMs)
      return []
    }
    peer.number = number
    peer.epoch = epoch
    if (peer.isVerified) peer.seenAtMs = nowMs
    // What it was asked before, it may not have heard.
    if (peer.isSilent) peer.askedAtMs = Number.NEGATIVE_INFINITY
    peer.isSilent = false
    if (peer.sequence === undefined) this.ask(id, peer, nowMs)
    switch (body.type) {
      case 'entries':
        return this.takeEntries(id, peer, body, nowMs)
      case 'snapshot':
        return isReply ? this.takeSnapshot(id, peer, number, body, nowMs) : []
      case 'heartbeat':
        this.inbox.advanceLastEvent(peer, number, body.from)
        peer.isStopping = body.isStopping === true
        if (peer.sequence !== body.sequence) this.ask(id, peer, nowMs)
        else if (isStuck(peer, nowMs)) this.askFor(id, peer, peer.part!, nowMs)
        return []
      case 'ask':
        if (body.to === this.options.id) this.answers.answer(id, number, body.part, nowMs)
        return []
      case 'leave':
        return this.lose(id, nowMs)
    }
  }

  private takeEntries(id: string, peer: Peer, { sequence, entries }: Of<'entries'>, nowMs: number): Effect[] {
    if (peer.sequence !== undefined && sequence > peer.sequence + 1) this.ask(id, peer, nowMs)
    if (peer.sequence === undefined || sequence <= peer.sequence) return []
    peer.sequence = sequence
    return applyEntries(this.options.state, id, entries, nowMs)
  }

  /** Everything counts that the peer has said since the first part. */
  private takeSnapshot(id: string, peer: Peer, number: number, body: Of<'snapshot'>, nowMs: number): Effect[] {
    const effects = takePart(this.options.state, id, peer, body, nowMs)
    if (effects === undefined) return []
    if (body.part === 0) {
      for (const effect of this.inbox.acceptPending(peer, number, body.from, nowMs)) effects.push(effect)
      peer.isVerified = true
    }
    if (peer.part !== undefined) this.askFor(id, peer, peer.part, nowMs)
    this.complete(nowMs)
    return effects
  }

  /** Until everything has been heard, nothing that is said after it can be taken in. */
  private ask(id: string, peer: Peer, nowMs: number): void {
    peer.sequence = undefined
    peer.part = undefined
    if (this.publisher.isConnected && mayAsk(peer, nowMs)) this.askFor(id, peer, 0, nowMs)
  }

  private askFor(id: string, peer: Peer, part: number, nowMs: number): void {
    peer.askedAtMs = nowMs
    const question = this.publisher.publishControl({ type: 'ask', to: id, part })
    peer.asked ??= question
  }

  private lose(id: string, nowMs: number): Effect[] {
    const peer = this.peers.forget(id)
    if (peer !== undefined) this.inbox.discardPending(peer)
    this.answers.forget(id)
    this.complete(nowMs)
    return removeNode(this.options.state, id, nowMs)
  }

  /** Says what has waited for everybody to be back, or to have met. */
  private complete(nowMs: number): void {
    const isMeeting = nowMs - this.upAtMs < meetingMs && !this.isSynced
    if (isMeeting || [...this.peers.all].some(([, { isMissed }]) => isMissed)) this.publisher.pause()
    else this.publisher.resume(nowMs)
  }

  private beat(nowMs: number): void {
    const report = { type: 'heartbeat', sequence: this.changes.sequence, from: this.publisher.oldestUnacknowledged } as const
    if (this.publisher.publishControl({ ...report, isStopping: this.isStopping }) !== undefined) this.beatAtMs = nowMs
  }
}

type Of<Type extends ControlBody['type']> = Extract<ControlBody, { type: Type }>
