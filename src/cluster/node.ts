/**
 * One node of a cluster. It publishes its events and the changes of its own state, and applies those of its peers. A node owns the state
 * of its sockets: its changes have a sequence, and a peer that is new or has missed some requests a snapshot of the whole state. Events
 * and state of a peer are accepted once it has answered a request of this node, which no replay can.
 */
import type { Effect } from '../core/effect.ts'
import type { Entry } from '../core/entry.ts'
import type { RelayedEvent, Replica } from '../core/replica.ts'
import { Answers } from './answers.ts'
import { Changes } from './changes.ts'
import { isNeeded } from './claims.ts'
import type { Counters } from './counters.ts'
import { type ControlBody, decode } from './envelope.ts'
import { Inbox, type InboxOptions } from './inbox.ts'
import type { Peer } from './peer.ts'
import { Peers } from './peers.ts'
import { type Pace, Publisher, type PublisherOptions } from './publisher.ts'
import { type SnapshotOptions, Snapshots } from './snapshots.ts'

/** The key signs messages, and is the same on all nodes of a cluster. */
export type NodeOptions = PublisherOptions & InboxOptions & SnapshotOptions & { readonly replica: Replica }

const heartbeatMs = 2000
/** For this long after the backplane has connected, events wait for peers to be found: nodes that start answer within it. */
const discoveryMs = 1000

export class ClusterNode {
  private readonly peers = new Peers()
  private readonly publisher: Publisher
  private readonly inbox: Inbox
  private readonly changes: Changes
  private readonly answers: Answers
  private isStopping = false
  private readonly faults = { forged: 0, unsupported: 0, malformed: 0 }
  private replayed = 0
  private heartbeatAtMs = Number.NEGATIVE_INFINITY
  private connectedAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly options: NodeOptions) {
    this.publisher = new Publisher(options)
    this.inbox = new Inbox(options)
    this.changes = new Changes(this.publisher, options.defer)
    this.answers = new Answers(this.publisher, this.changes, new Snapshots(options))
  }

  /** Whether there are peers, and this node has the whole state of each. */
  get isSynced(): boolean {
    return this.peers.areAllSynced
  }

  get peerIds(): string[] {
    return this.peers.ids
  }

  /** Whether a peer takes over the clients of this node when it stops. */
  hasSuccessor(nowMs: number): boolean {
    return this.peers.hasSuccessor(nowMs)
  }

  get counters(): Counters {
    const { faults, publisher, replayed } = this
    const dropped = publisher.dropped + this.peers.dropped + this.inbox.dropped
    return { ...faults, forged: faults.forged + publisher.forged, replayed, dropped }
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

  /**
   * Receives a message of the backplane. It is the echo of one of this node's own, or is verified by `decode` before anything of it is
   * acted on, or is ignored because it claims to be one that this node has no use for.
   */
  receive(message: string, nowMs: number): Effect[] {
    const wasEchoOverdue = this.publisher.isEchoOverdue(nowMs)
    const echo = this.publisher.acknowledge(message, nowMs)
    if (echo !== undefined) {
      if (wasEchoOverdue) this.peers.resetTimeouts(nowMs)
      if (echo.event !== undefined) this.inbox.onEcho(echo.event, nowMs)
      if (echo.isControl) this.answers.resume(nowMs)
      return []
    }
    if (!isNeeded(message, this.options.id, this.options.replica)) return []
    const envelope = decode(message, this.options.key)
    if (typeof envelope === 'string') {
      this.faults[envelope]++
      return []
    }
    const { node, number, epoch, body } = envelope
    const peer = this.peers.getOrAdd(node, nowMs)
    if (body.type !== 'event' && body.type !== 'terminate') return this.receiveControl(peer, number, epoch, body, nowMs)
    const verdict = peer.receiveEvent({ number, epoch, body }, nowMs)
    if (verdict === 'accepted') return this.inbox.accept(body, nowMs)
    if (verdict === 'replayed') this.replayed++
    else if (verdict === 'pending') this.requestIfDue(peer, nowMs)
    return []
  }

  /** The backplane has connected: the node publishes a heartbeat, and requests a snapshot of every peer that it had before. */
  onConnected(nowMs: number): void {
    this.publisher.onConnected(nowMs)
    this.connectedAtMs = nowMs
    this.peers.reconnect(nowMs)
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
    return this.peers.timedOut(nowMs).flatMap(peer => this.removePeer(peer, nowMs))
  }

  /** Requests a snapshot of every peer. */
  resync(nowMs: number): void {
    for (const peer of this.peers.all) {
      peer.invalidate()
      this.requestIfDue(peer, nowMs)
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
    return [...this.peers.all].flatMap(peer => this.removePeer(peer, nowMs))
  }

  private receiveControl(peer: Peer, number: number, epoch: number, body: ControlBody, nowMs: number): Effect[] {
    const isAnswer =
      body.type === 'snapshot' && body.to === this.options.id && peer.isAnswer(body.answers, this.publisher.lastNumber)
    const verdict = peer.receiveControl(number, epoch, isAnswer, nowMs)
    if (verdict !== 'accepted') this.replayed++
    const effects = verdict === 'accepted' ? this.act(peer, number, body, isAnswer, nowMs) : []
    if (verdict !== 'replayed') this.requestIfDue(peer, nowMs)
    return effects
  }

  /** Acts on a control message that is no replay. */
  private act(peer: Peer, number: number, body: ControlBody, isAnswer: boolean, nowMs: number): Effect[] {
    switch (body.type) {
      case 'entries':
        return peer.receiveChanges(body.sequence) ? this.options.replica.apply(peer.id, body.entries, nowMs) : []
      case 'snapshot':
        return isAnswer ? this.receivePart(peer, number, body, nowMs) : []
      case 'heartbeat':
        peer.receiveHeartbeat(number, body)
        return []
      case 'ask':
        if (body.to === this.options.id) this.answers.answer(peer.id, { number, part: body.part, after: body.after }, nowMs)
        return []
      case 'leave':
        return this.removePeer(peer, nowMs)
    }
  }

  /** Applies a part of a snapshot, then the pending events that are accepted with it: members are on their channels by then. */
  private receivePart(peer: Peer, number: number, body: Of<'snapshot'>, nowMs: number): Effect[] {
    const pending = peer.receivePart(number, body, nowMs)
    if (pending === undefined) return []
    const effects = this.options.replica.applyPart(peer.id, body, nowMs, this.connectedAtMs)
    this.replayed += pending.replayed
    for (const effect of this.inbox.acceptAll(pending.accepted, nowMs)) effects.push(effect)
    this.resumeWhenAllPresent(nowMs)
    return effects
  }

  private requestIfDue(peer: Peer, nowMs: number): void {
    const request = this.publisher.isConnected ? peer.dueRequest(nowMs) : undefined
    if (request === undefined) return
    const number = this.publisher.publishControl({ type: 'ask', to: peer.id, ...request })
    if (number !== undefined) peer.requested(number, nowMs)
  }

  private removePeer(peer: Peer, nowMs: number): Effect[] {
    this.peers.remove(peer)
    this.answers.remove(peer.id)
    this.resumeWhenAllPresent(nowMs)
    return this.options.replica.remove(peer.id, nowMs)
  }

  /** Sends the queued events once no peer is missing and, after the backplane has connected, other nodes had time to be found. */
  private resumeWhenAllPresent(nowMs: number): void {
    const isDiscovering = nowMs - this.connectedAtMs < discoveryMs && !this.isSynced
    if (isDiscovering || this.peers.isAnySuspect) this.publisher.pause(nowMs)
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
