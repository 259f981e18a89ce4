/**
 * One node among others. It says what it has and what happens, and takes in what the others say. Each node owns what it
 * says of its own sockets: its entries are numbered, and whoever has missed one, or is new, asks for all of them.
 */
import type { Effect } from '../core/effect.ts'
import { type Entry, entryKey } from '../core/entry.ts'
import { concerns, keep, keptEvents, ownEntries, type Relayed, receive, relayed, replace } from '../core/replica.ts'
import type { State } from '../core/state.ts'
import { type Body, claimedTopic, decode, encode } from './envelope.ts'
import { mayAsk, type Peer, Peers } from './peers.ts'

export type NodeOptions = {
  readonly id: string
  /** What the nodes of one cluster have in common. */
  readonly key: string
  readonly state: State
  /** Hands a text to every other node. */
  readonly send: (text: string) => void
  /** Carries a user's end out here. */
  readonly terminate: (appId: string, userId: string, nowMs: number) => Effect[]
  /** Runs a function soon, once what is under way has been done: entries of that time go together. */
  readonly defer: (flush: () => void) => void
}

export type Counters = { forged: number; replayed: number; snapshots: number }

const heartbeatMs = 2000

export class ClusterNode {
  readonly counters: Counters = { forged: 0, replayed: 0, snapshots: 0 }
  private readonly peers = new Peers()
  private readonly waiting = new Map<string, Entry>()
  private number = 0
  private sequence = 0
  private beatAtMs = Number.NEGATIVE_INFINITY
  private ownHeardAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly options: NodeOptions) {
    options.state.isClustered = true
  }

  /** There are others, and all that they have is known. */
  get isInformed(): boolean {
    const peers = [...this.peers.all]
    return peers.length > 0 && peers.every(([, { sequence }]) => sequence !== undefined)
  }

  get peerIds(): string[] {
    return this.peers.ids
  }

  /** When something that this node said came back to it, on a backplane that brings it back. */
  get heardItselfAtMs(): number {
    return this.ownHeardAtMs
  }

  relay({ topic, frame, exceptSocketId }: Relayed): void {
    this.say({ type: 'event', topic, frame, exceptSocketId })
  }

  terminate(appId: string, userId: string): void {
    this.say({ type: 'terminate', appId, userId })
  }

  /** Of entries that say something of the same thing, the last one goes. */
  replicate(entry: Entry): void {
    if (this.waiting.size === 0) this.options.defer(() => this.flush())
    this.waiting.set(entryKey(entry), entry)
  }

  receive(text: string, nowMs: number): Effect[] {
    if (this.isForNobody(text)) return []
    const envelope = decode(text, this.options.key)
    if (envelope === undefined) {
      this.counters.forged++
      return []
    }
    if (envelope.node === this.options.id) {
      this.ownHeardAtMs = nowMs
      return []
    }
    const peer = this.peers.heard(envelope.node, envelope.number, nowMs)
    if (peer !== undefined) return this.take(envelope.node, peer, envelope.body, nowMs)
    this.counters.replayed++
    return []
  }

  /** Texts get through from now on: says at once that it is there, for the others to ask what they do not know. */
  hello(nowMs: number): Effect[] {
    this.beat(nowMs)
    return []
  }

  /** Time has passed: says that it is there, and lets go of those who do not. */
  tick(nowMs: number): Effect[] {
    if (nowMs - this.beatAtMs >= heartbeatMs) this.beat(nowMs)
    return this.peers.silent(nowMs).flatMap(id => this.lose(id, nowMs))
  }

  /** Hears everything anew, of everybody. */
  refresh(nowMs: number): void {
    for (const [id, peer] of this.peers.all) {
      peer.askedAtMs = Number.NEGATIVE_INFINITY
      this.ask(id, peer, nowMs)
    }
  }

  /** It goes, and so does what it has. */
  leave(): void {
    this.say({ type: 'leave' })
  }

  /** The backplane is gone, and with it everybody else. */
  loseAll(nowMs: number): Effect[] {
    this.options.state.isClustered = false
    return this.peerIds.flatMap(id => this.lose(id, nowMs))
  }

  /** An event that nobody here is to hear of is not even verified. */
  private isForNobody(text: string): boolean {
    const topic = claimedTopic(text)
    return topic !== undefined && !concerns(this.options.state, topic)
  }

  private take(id: string, peer: Peer, body: Body, nowMs: number): Effect[] {
    const { state } = this.options
    if (peer.sequence === undefined) this.ask(id, peer, nowMs)
    switch (body.type) {
      case 'event':
        return relayed(state, body, nowMs)
      case 'entries':
        return this.takeEntries(id, peer, body, nowMs)
      case 'snapshot':
        return body.to === this.options.id ? this.takeSnapshot(id, peer, body, nowMs) : []
      case 'heartbeat':
        if (peer.sequence !== body.sequence) this.ask(id, peer, nowMs)
        return []
      case 'ask':
        if (body.to === this.options.id) this.answer(id, nowMs)
        return []
      case 'terminate':
        return this.options.terminate(body.appId, body.userId, nowMs)
      case 'leave':
        return this.lose(id, nowMs)
    }
  }

  private takeEntries(id: string, peer: Peer, { sequence, entries }: Of<'entries'>, nowMs: number): Effect[] {
    if (peer.sequence === undefined || sequence > peer.sequence + 1) {
      this.ask(id, peer, nowMs)
      return []
    }
    if (sequence <= peer.sequence) return []
    peer.sequence = sequence
    return receive(this.options.state, id, entries, nowMs)
  }

  private takeSnapshot(id: string, peer: Peer, { sequence, entries, kept }: Of<'snapshot'>, nowMs: number): Effect[] {
    this.counters.snapshots++
    peer.sequence = sequence
    for (const event of kept) keep(this.options.state, event, nowMs)
    return replace(this.options.state, id, entries, nowMs)
  }

  /** Until everything has been heard, nothing that is said after it can be taken in. */
  private ask(id: string, peer: Peer, nowMs: number): void {
    peer.sequence = undefined
    if (mayAsk(peer, nowMs)) this.say({ type: 'ask', to: id })
  }

  private answer(to: string, nowMs: number): void {
    const { state } = this.options
    this.flush()
    this.say({
      type: 'snapshot',
      to,
      sequence: this.sequence,
      entries: ownEntries(state),
      kept: keptEvents(state, nowMs),
    })
  }

  private lose(id: string, nowMs: number): Effect[] {
    this.peers.forget(id)
    return replace(this.options.state, id, [], nowMs)
  }

  private beat(nowMs: number): void {
    this.beatAtMs = nowMs
    this.say({ type: 'heartbeat', sequence: this.sequence })
  }

  private flush(): void {
    if (this.waiting.size === 0) return
    const entries = [...this.waiting.values()]
    this.waiting.clear()
    this.sequence++
    this.say({ type: 'entries', sequence: this.sequence, entries })
  }

  private say(body: Body): void {
    this.number++
    this.options.send(encode({ node: this.options.id, number: this.number, body }, this.options.key))
  }
}

type Of<Type extends Body['type']> = Extract<Body, { type: Type }>
