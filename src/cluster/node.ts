/**
 * One node of a cluster. It publishes its events and the changes of its own state, and applies those of its peers. A node owns the state
 * of its sockets: its changes have a sequence, and a peer that is new or has missed some requests a snapshot of the whole state. Messages
 * of a peer are acted on once it has answered a request of this node, which no replay can.
 */
import type { Effect } from '../core/effect.ts'
import type { Entry } from '../core/entry.ts'
import type { RelayedEvent } from '../core/replica.ts'
import { Answers } from './answers.ts'
import { Changes } from './changes.ts'
import type { Counters } from './counters.ts'
import { type ControlBody, type ControlEnvelope, decode, type EventEnvelope, isEvent, unverifiedRecipient } from './envelope.ts'
import { Inbox, type InboxOptions } from './inbox.ts'
import { isStalled, type Peer, Peers } from './peers.ts'
import { type Pace, Publisher, type PublisherOptions } from './publisher.ts'
import { allowRequest, Requests } from './requests.ts'
import { applyPart, type SnapshotOptions, Snapshots } from './snapshots.ts'

/** The key signs messages, and is the same on all nodes of a cluster. */
export type NodeOptions = PublisherOptions & InboxOptions & SnapshotOptions

const heartbeatMs = 2000
/** For this long after the backplane has connected, events wait for peers to be found: nodes that start answer within it. */
const discoveryMs = 1000

export class ClusterNode {
  readonly peers = new Peers()
  private readonly publisher: Publisher
  private readonly inbox: Inbox
  private readonly changes: Changes
  private readonly requests: Requests
  private readonly answers: Answers
  private isStopping = false
  private readonly faults = { forged: 0, malformed: 0 }
  private heartbeatAtMs = Number.NEGATIVE_INFINITY
  private connectedAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly options: NodeOptions) {
    this.publisher = new Publisher(options)
    this.inbox = new Inbox(options)
    this.changes = new Changes(this.publisher, options.defer)
    this.requests = new Requests(this.publisher)
    this.answers = new Answers(this.publisher, this.changes, new Snapshots(options))
  }

  /** Whether there are peers, and this node has the whole state of each. */
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

  replicate(entry: Entry): void {
    this.changes.add(entry)
  }

  /** Receives a message of the backplane. Nothing of it is acted on before its signature is verified. */
  receive(message: string, nowMs: number): Effect[] {
    const wasEchoOverdue = this.publisher.isEchoOverdue(nowMs)
    const echo = this.publisher.acknowledge(message, nowMs)
    if (echo !== undefined) {
      if (wasEchoOverdue) this.peers.resetTimeouts(nowMs)
      if (echo.event !== undefined) this.inbox.onEcho(echo.event, nowMs)
      if (echo.isControl) this.answers.resume(nowMs)
      return []
    }
    if (this.inbox.isIrrelevant(message) || (unverifiedRecipient(message) ?? this.options.id) !== this.options.id) return []
    const envelope = decode(message, this.options.key)
    if (typeof envelope === 'string') {
      this.faults[envelope]++
      return []
    }
    const peer = this.peers.getOrAdd(envelope.node, nowMs)
    return isEvent(envelope) ? this.receiveEvent(peer, envelope, nowMs) : this.receiveControl(peer, envelope, nowMs)
  }

  /** The backplane has connected: the node publishes a heartbeat, and requests a snapshot of every peer that it had before. */
  onConnected(nowMs: number): void {
    this.publisher.onConnected(nowMs)
    this.connectedAtMs = nowMs
    this.peers.unverifyAll(nowMs)
    this.publishHeartbeat(nowMs)
    this.resync(nowMs)
    this.resumeWhenAllPresent(nowMs)
  }

  /** The backplane has disconnected. The state of the peers is kept. */
  onDisconnected(): void {
    this.publisher.onDisconnected()
  }

  /** Publishes a heartbeat where one is due, and removes peers that have timed out. */
  tick(nowMs: number): Effect[] {
    if (!this.publisher.isConnected) return []
    if (nowMs - this.heartbeatAtMs >= heartbeatMs) this.publishHeartbeat(nowMs)
    this.answers.resume(nowMs)
    this.resumeWhenAllPresent(nowMs)
    if (this.publisher.isEchoOverdue(nowMs)) return []
    return this.peers.timedOut(nowMs).flatMap(id => this.removePeer(id, nowMs))
  }

  /** Requests a snapshot of every peer. */
  resync(nowMs: number): void {
    for (const [id, peer] of this.peers.all) {
      allowRequest(peer)
      this.requests.requestSnapshot(id, peer, nowMs)
    }
  }

  /** Announces that this node is about to stop, so that its peers do not send their clients to it. */
  announceStop(nowMs: number): void {
    this.isStopping = true
    this.publishHeartbeat(nowMs)
  }

  /** Prepares to leave: events are sent from now on whether or not peers are missing. */
  beginLeave(nowMs: number): void {
    this.publisher.beginLeave(nowMs)
  }

  /** Leaves the cluster: the peers remove this node and its state. */
  leave(nowMs: number): void {
    this.beginLeave(nowMs)
    this.publisher.leave()
  }

  /** Removes every peer, as the backplane is closed. */
  removeAllPeers(nowMs: number): Effect[] {
    return this.peerIds.flatMap(id => this.removePeer(id, nowMs))
  }

  private receiveEvent(peer: Peer, envelope: EventEnvelope, nowMs: number): Effect[] {
    if (!peer.isVerified) this.requests.requestSnapshot(envelope.node, peer, nowMs)
    return this.inbox.receive(peer, envelope, nowMs)
  }

  private receiveControl(peer: Peer, { node: id, number, epoch, body }: ControlEnvelope, nowMs: number): Effect[] {
    const isReply = body.type === 'snapshot' && body.to === this.options.id && this.requests.isAnswer(peer, body.answers)
    if (number <= peer.lastControl && !isReply) {
      this.inbox.replayed++
      if (isStalled(peer, nowMs)) this.requests.requestSnapshot(id, peer, nowMs)
      return []
    }
    // A request that was sent before the peer was subscribed has not reached it, and an answer from before it reconnected may be lost.
    if (peer.isSilent || epoch > peer.epoch) allowRequest(peer)
    peer.isSilent = false
    peer.lastControl = number
    peer.epoch = epoch
    if (peer.isVerified) peer.seenAtMs = nowMs
    if (peer.sequence === undefined) this.requests.requestSnapshot(id, peer, nowMs)
    switch (body.type) {
      case 'entries':
        return this.applyChanges(id, peer, body, nowMs)
      case 'snapshot':
        return isReply ? this.applySnapshot(id, peer, number, body, nowMs) : []
      case 'heartbeat':
        this.inbox.advanceLastEvent(peer, number, body.from)
        peer.isStopping = body.isStopping === true
        if (peer.sequence !== body.sequence) this.requests.onGap(id, peer, nowMs)
        this.requests.repeatRequest(id, peer, nowMs)
        return []
      case 'ask':
        if (body.to === this.options.id) this.answers.answer(id, { number, part: body.part, after: body.after }, nowMs)
        return []
      case 'leave':
        return this.removePeer(id, nowMs)
    }
  }

  private applyChanges(id: string, peer: Peer, { sequence, entries }: Of<'entries'>, nowMs: number): Effect[] {
    if (peer.sequence !== undefined && sequence > peer.sequence + 1) this.requests.onGap(id, peer, nowMs)
    if (peer.sequence === undefined || sequence <= peer.sequence) return []
    peer.sequence = sequence
    return this.options.replica.apply(id, entries, nowMs)
  }

  /** Applies a part of a snapshot, and requests the next one. The first part verifies the peer, and with it its pending events. */
  private applySnapshot(id: string, peer: Peer, number: number, body: Of<'snapshot'>, nowMs: number): Effect[] {
    const effects = applyPart(this.options.replica, id, peer, number, body, nowMs)
    if (effects === undefined) return []
    if (body.part === 0) {
      for (const effect of this.inbox.acceptPending(peer, number, body.from, nowMs)) effects.push(effect)
      peer.isVerified = true
    }
    this.requests.requestNext(id, peer, nowMs)
    this.resumeWhenAllPresent(nowMs)
    return effects
  }

  private removePeer(id: string, nowMs: number): Effect[] {
    const peer = this.peers.remove(id)
    if (peer !== undefined) this.inbox.discardPending(peer)
    this.answers.remove(id)
    this.resumeWhenAllPresent(nowMs)
    return this.options.replica.remove(id, nowMs)
  }

  /** Sends the queued events once no peer is missing and, after the backplane has connected, other nodes had time to be found. */
  private resumeWhenAllPresent(nowMs: number): void {
    const isDiscovering = nowMs - this.connectedAtMs < discoveryMs && !this.isSynced
    if (isDiscovering || this.peers.isAnyMissing) this.publisher.pause()
    else this.publisher.resume(nowMs)
  }

  private publishHeartbeat(nowMs: number): void {
    const { isStopping } = this
    const { sequence } = this.changes
    const from = this.publisher.oldestUnacknowledged
    const number = this.publisher.publishControl({ type: 'heartbeat', sequence, from, isStopping })
    if (number !== undefined) this.heartbeatAtMs = nowMs
  }
}

type Of<Type extends ControlBody['type']> = Extract<ControlBody, { type: Type }>
