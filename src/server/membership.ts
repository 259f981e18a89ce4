/** This server as a node of a cluster: joins and leaves it, and passes messages between the core, a cluster node and a backplane. */
import { randomBytes } from 'node:crypto'
import type { Backplane, BackplaneListener } from '../cluster/backplane.ts'
import type { Counters } from '../cluster/counters.ts'
import { ClusterNode } from '../cluster/node.ts'
import type { Pace } from '../cluster/publisher.ts'
import type { Effect } from '../core/effect.ts'
import type { Entry } from '../core/entry.ts'
import type { RelayedEvent, Replica } from '../core/replica.ts'
import { Connection, type ConnectionState } from './connection.ts'
import type { OtherNodes } from './executor.ts'
import { LossReport } from './loss-report.ts'

export type { Counters }

export type MembershipOptions = {
  readonly replica: Replica
  /** Executes what is to be done about a message of another node. */
  readonly apply: (effects: readonly Effect[]) => void
  readonly nowMs: () => number
  /** An unexpected error, and the part of the server in which it occurred. */
  readonly unexpected: (error: unknown, where: string) => void
}

export type JoinOptions = {
  /** The key with which the nodes of this cluster sign their messages. */
  readonly key: string
  /** Opens the backplane, which reports to the listener. */
  readonly connect: (listener: BackplaneListener) => Promise<Backplane>
  /**
   * In a hand-over: whether this server hands over or takes over. The two are a cluster for a short time, and each applies the limits of
   * an app to its own sockets alone. Undefined in a cluster of servers that stay.
   */
  readonly handOver: HandOverRole | undefined
  /** The connection with the other nodes is established or lost. */
  readonly onConnection: (isConnected: boolean, reason: string) => void
  /** Messages to the other nodes have become slow, or are quick again. */
  readonly onPace: (isSlow: boolean, pace: Pace) => void
  /** Messages were ignored or dropped. Called once a minute at most, with the counts since the start. */
  readonly onLoss: (counters: Counters) => void
}

export type HandOverRole = 'handing-over' | 'taking-over'

/** How long a server that leaves waits for its events to be acknowledged. */
const flushMs = 500
const pollMs = 10

/** What this server has while it is a node. */
type Joined = {
  readonly options: JoinOptions
  readonly node: ClusterNode
  readonly connection: Connection
  readonly losses: LossReport
  /** Undefined until it is opened. */
  backplane: Backplane | undefined
}

export class Membership implements OtherNodes {
  private joined: Joined | undefined

  constructor(private readonly options: MembershipOptions) {}

  /** Whether the other nodes receive the events of this server, and it theirs. A server without other nodes counts as connected. */
  get connection(): ConnectionState {
    return this.joined?.connection.state ?? 'connected'
  }

  /** Whether events to or from other nodes are lost or late at the moment. */
  get isDegraded(): boolean {
    return this.connection !== 'connected'
  }

  get isMember(): boolean {
    return this.joined !== undefined
  }

  /** Whether this server hands over or takes over, and the other server of that is there. */
  get isHandOver(): boolean {
    return this.joined?.options.handOver !== undefined
  }

  /** Whether another server is connected that takes over the clients of this one when it stops. */
  get hasSuccessor(): boolean {
    return this.joined?.options.handOver !== 'taking-over' && this.joined?.node.hasSuccessor(this.options.nowMs()) === true
  }

  publish(event: RelayedEvent): void {
    this.joined?.node.publish(event)
  }

  replicate(entry: Entry): void {
    this.joined?.node.replicate(entry)
  }

  terminate(appId: string, userId: string): void {
    this.joined?.node.terminate(appId, userId)
  }

  /** Makes this server a node. Resolves once the backplane is opened, whether or not messages get through yet. */
  async join(options: JoinOptions): Promise<void> {
    const { replica, nowMs } = this.options
    const isHandOver = options.handOver !== undefined
    const nodeId = randomBytes(8).toString('hex')
    replica.join({ nodeId, isHandOver })
    const joined: Joined = {
      options,
      node: this.newNode(nodeId, options.key, text => joined.backplane?.send(text)),
      connection: new Connection(isHandOver, nowMs()),
      losses: new LossReport(options.onLoss),
      backplane: undefined,
    }
    this.joined = joined
    try {
      joined.backplane = await options.connect(this.listener(joined))
    } catch (error) {
      this.reset(joined)
      throw error
    }
  }

  /** Resolves once this server has the state of the other nodes, or the time is over. */
  async waitUntilSynced(atMostMs: number, sleep: (ms: number) => Promise<unknown>): Promise<void> {
    for (let waited = 0; waited < atMostMs && this.joined?.node.isSynced === false; waited += pollMs) await sleep(pollMs)
  }

  /** Resolves once the other server of a hand-over has gone; at once where there is none. */
  async waitUntilHandOverEnded(sleep: (ms: number) => Promise<unknown>): Promise<void> {
    while (this.isHandOver) await sleep(pollMs)
  }

  /** Called every second. */
  tick(): void {
    const { joined } = this
    if (joined === undefined) return
    const nowMs = this.options.nowMs()
    this.measurePace(joined, nowMs)
    this.apply(() => joined.node.tick(nowMs))
    joined.backplane?.check?.(nowMs)
    joined.losses.tick(joined.node.counters, nowMs)
  }

  /** The apps have changed: what other nodes have of new ones was ignored until now, so it is requested again. */
  resync(): void {
    this.joined?.node.resync(this.options.nowMs())
  }

  /** Announces to the other nodes that this server is about to stop: they no longer count it as a successor. */
  announceStop(): void {
    this.joined?.node.announceStop(this.options.nowMs())
  }

  /** Leaves the cluster, once the events of this server are acknowledged or that takes too long. */
  async leave(sleep: (ms: number) => Promise<unknown>): Promise<void> {
    const { joined } = this
    if (joined === undefined) return
    const { node, connection, losses } = joined
    const { nowMs } = this.options
    node.beginLeave(nowMs())
    const isFlushing = () => this.joined === joined && connection.state !== 'disconnected' && node.pace(nowMs()).events > 0
    for (let waited = 0; waited < flushMs && isFlushing(); waited += pollMs) await sleep(pollMs)
    // The backplane may have ended meanwhile.
    if (this.joined !== joined) return
    node.leave(nowMs())
    losses.end(node.counters)
    await joined.backplane?.close()
  }

  private newNode(id: string, key: string, send: (text: string) => void): ClusterNode {
    const { replica, nowMs } = this.options
    return new ClusterNode({
      id,
      key,
      replica,
      send,
      defer: act => void setImmediate(act),
      later: act => void setImmediate(() => this.apply(() => act(nowMs()))),
      nowMs,
    })
  }

  private listener(joined: Joined): BackplaneListener {
    const { node, connection, options } = joined
    const { nowMs } = this.options
    return {
      onMessage: text => this.apply(() => node.receive(text, nowMs())),
      onConnected: () => {
        connection.up()
        options.onConnection(true, '')
        node.onConnected(nowMs())
      },
      onDisconnected: reason => {
        connection.down()
        node.onDisconnected()
        options.onConnection(false, reason)
      },
      onClosed: () => this.reset(joined),
    }
  }

  /** The two servers of a hand-over are on one machine: where one is slow, their connection is not the reason. */
  private measurePace({ options, node, connection }: Joined, nowMs: number): void {
    if (options.handOver !== undefined) return
    const pace = node.pace(nowMs)
    if (connection.measure(pace.lagMs, nowMs)) options.onPace(connection.state === 'slow', pace)
  }

  /** The backplane has ended, or could not be opened: this server is no node any longer, and the members of the others leave. */
  private reset({ node }: Joined): void {
    this.joined = undefined
    this.options.replica.leave()
    this.apply(() => node.removeAllPeers(this.options.nowMs()))
  }

  private apply(act: () => Effect[]): void {
    try {
      this.options.apply(act())
    } catch (error) {
      this.options.unexpected(error, 'cluster')
    }
  }
}
