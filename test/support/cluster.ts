/** Nodes of one cluster in one process. A test delivers the messages between them, and advances the clock. */
import { ClusterNode } from '../../src/cluster/node.ts'
import { type App, appsOf } from '../../src/core/app.ts'
import { continueCleanup, runDeferred } from '../../src/core/deferred.ts'
import type { Effect } from '../../src/core/effect.ts'
import { Hub } from '../../src/core/hub.ts'
import { testApp } from './apps.ts'
import { signedSubscribing } from './core.ts'

export type SentMessage = { readonly from: string; readonly text: string }

export class TestCluster {
  nowMs = 0
  private started = 0
  readonly app = testApp(this.rules)
  readonly nodes = new Map<string, TestNode>()
  /** Messages that were sent and are not delivered yet. */
  readonly inFlight: SentMessage[] = []
  /** Called with every message when it is sent. */
  onSend: (message: SentMessage) => void = () => {}
  /** Links that lose every message: `from to`. */
  readonly cutLinks = new Set<string>()

  constructor(...ids: string[]) {
    for (const id of ids) this.start(id)
    this.advance()
  }

  /** The rules of the app in which they differ from those of `testApp`. */
  get rules(): Partial<Omit<App, 'limits'>> & { limits?: Partial<App['limits']> } {
    return {}
  }

  /** How many units of long work a node does in one turn; undefined: as many as a server. */
  get units(): number | undefined {
    return undefined
  }

  start(id: string, { isUp = true } = {}): TestNode {
    // As in production, a process that is started again is another node.
    const node = new TestNode(this, `${id}${this.started++ || ''}`, text => this.send({ from: id, text }))
    this.nodes.set(id, node)
    if (isUp) node.cluster.onConnected(this.nowMs)
    return node
  }

  private send(message: SentMessage): void {
    this.onSend(message)
    this.inFlight.push(message)
  }

  /** The node's process ends without leaving the cluster. */
  kill(id: string): void {
    this.nodes.delete(id)
  }

  node(id: string): TestNode {
    return this.nodes.get(id)!
  }

  /**
   * Delivers all messages in flight, and those that are sent in answer.
   *
   * @param maxBytes as a slow backplane: no further message is delivered after so many bytes
   * @returns how many bytes have been delivered
   */
  deliver(maxBytes = Number.POSITIVE_INFINITY): number {
    for (let delivered = 0; ; ) {
      for (const node of this.nodes.values()) node.flush()
      const next = delivered < maxBytes ? this.inFlight.shift() : undefined
      if (next === undefined) return delivered
      delivered += Buffer.byteLength(next.text)
      for (const [id, node] of this.nodes) if (!this.cutLinks.has(`${next.from} ${id}`)) node.receive(next.text)
    }
  }

  /** Advances the clock second by second, and delivers all messages after each. */
  advance(seconds = 3): void {
    for (let i = 0; i < seconds; i++) {
      this.nowMs += 1000
      for (const node of this.nodes.values()) node.tick()
      this.deliver()
    }
  }

  /** Cuts the links between one node and all others. The node still receives its own messages. */
  isolate(id: string): void {
    for (const other of this.nodes.keys()) {
      if (other !== id) this.cutLinks.add(`${id} ${other}`).add(`${other} ${id}`)
    }
  }

  /** As `isolate`, and the node does not receive its own messages either. */
  cutOff(id: string): void {
    this.isolate(id)
    this.cutLinks.add(`${id} ${id}`)
  }
}

/** A cluster whose nodes do one unit of long work in a turn, so that everything else happens in between. */
export class SlowCluster extends TestCluster {
  override get units(): number {
    return 1
  }
}

export class TestNode {
  readonly hub: Hub
  readonly cluster: ClusterNode
  /** The frames that each socket has been sent, oldest first. */
  readonly received = new Map<string, string[]>()
  private readonly topics = new Map<string, Set<string>>()
  private readonly deferred: (() => void)[] = []

  constructor(
    private readonly of: { readonly app: App; readonly nowMs: number; readonly units: number | undefined },
    id: string,
    publish: (message: string) => void,
  ) {
    this.hub = new Hub(appsOf([of.app]), Number.POSITIVE_INFINITY, of.units)
    this.hub.replica.join({ nodeId: id, isHandOver: false })
    this.cluster = new ClusterNode({
      id,
      key: 'key',
      replica: this.hub.replica,
      send: publish,
      partCharacters: of.units,
      defer: act => void this.deferred.push(act),
      later: act => void this.deferred.push(() => this.apply(act(of.nowMs))),
      nowMs: () => of.nowMs,
    })
  }

  open(socketId: string): void {
    this.received.set(socketId, [])
    this.apply(this.hub.open(socketId, this.of.app.key, null, this.of.nowMs))
  }

  send(socketId: string, text: string): void {
    this.apply(this.hub.message(socketId, text, this.of.nowMs))
  }

  join(socketId: string, channel: string, userId?: string): void {
    const channelData = userId === undefined ? undefined : JSON.stringify({ user_id: userId })
    this.send(socketId, signedSubscribing(this.of.app, socketId, channel, channelData))
  }

  close(socketId: string): void {
    this.closed(socketId)
    this.apply(this.hub.closed(socketId, this.of.nowMs))
  }

  /** The apps are read anew, with another quota. */
  reload(maxConnections: number): void {
    this.apply(this.hub.replaceApps([{ ...this.of.app, maxConnections }], this.of.nowMs))
  }

  terminate(userId: string): void {
    this.apply(this.hub.terminate(this.of.app, userId, this.of.nowMs))
  }

  publish(channel: string, data: string, exceptSocketId?: string): void {
    this.apply(this.hub.publish(this.of.app, { name: 'e', data, channels: [channel], exceptSocketId }, this.of.nowMs))
  }

  receive(text: string): void {
    this.apply(this.cluster.receive(text, this.of.nowMs))
  }

  /** One turn of work that is spread over several. Returns whether it is done. */
  turn(): boolean {
    const { effects, isDone } = continueCleanup(this.hub.state, this.of.nowMs)
    this.apply(effects)
    return isDone
  }

  tick(): void {
    while (!this.turn());
    this.apply(runDeferred(this.hub.state, this.of.nowMs))
    this.apply(this.hub.tick(this.of.nowMs))
    this.apply(this.cluster.tick(this.of.nowMs))
  }

  flush(): void {
    for (let act = this.deferred.shift(); act !== undefined; act = this.deferred.shift()) act()
  }

  apply(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'subscribe') this.subscribersOf(effect.topic).add(effect.socketId)
      else if (effect.type === 'unsubscribe') this.subscribersOf(effect.topic).delete(effect.socketId)
      else if (effect.type === 'close') this.closed(effect.socketId)
      else if (effect.type === 'send') this.received.get(effect.socketId)?.push(effect.frame)
      else if (effect.type === 'replicate') this.cluster.replicate(effect.entry)
      else if (effect.type === 'terminate') this.cluster.terminate(effect.appId, effect.userId)
      else if (effect.type === 'broadcast') {
        for (const socketId of this.subscribersOf(effect.topic)) {
          if (socketId !== effect.exceptSocketId) this.received.get(socketId)?.push(effect.frame)
        }
        if (effect.scope === 'cluster') this.cluster.publish(effect)
      }
    }
  }

  /** As in Bun, a closed socket is subscribed to no topic. */
  private closed(socketId: string): void {
    for (const subscribers of this.topics.values()) subscribers.delete(socketId)
  }

  private subscribersOf(topic: string): Set<string> {
    const found = this.topics.get(topic) ?? new Set()
    this.topics.set(topic, found)
    return found
  }
}
