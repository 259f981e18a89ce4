/** This server as a node of a cluster: connects a cluster node with the hub, the executor and a backplane. */
import { randomBytes } from 'node:crypto'
import type { Backplane, BackplaneListener } from '../cluster/backplane.ts'
import type { Counters } from '../cluster/counters.ts'
import { ClusterNode } from '../cluster/node.ts'
import type { Pace } from '../cluster/publisher.ts'
import type { Effect } from '../core/effect.ts'
import type { Hub } from '../core/hub.ts'
import type { Executor } from './executor.ts'

export type { Counters }

export type MembershipOptions = {
  readonly hub: Hub
  readonly executor: Executor
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

type Connection = 'connected' | 'slow' | 'disconnected'

/** A message that takes longer to come back is slow: other nodes deliver it as late. */
export const slowMs = 3000
/** Once messages come back within this time again, the connection is no longer slow. */
const quickMs = 1000
/** Where a tick is this late, the server itself was stalled and cannot judge how long its messages took. */
const stalledMs = 2500
/** How long a server that leaves waits for its events to be acknowledged. */
const flushMs = 500
const pollMs = 10
const lossReportMs = 60_000

export class Membership {
  /** A server without other nodes counts as connected. */
  private state: Connection = 'connected'
  private tickedAtMs = Number.POSITIVE_INFINITY
  private backplane: Backplane | undefined
  private isTakingOver = false
  private reportLoss: (nowMs: number) => void = () => {}
  private onPace: JoinOptions['onPace'] = () => {}

  constructor(private readonly options: MembershipOptions) {}

  /** Whether the other nodes receive the events of this server, and it theirs: `slow` where that takes more than 3 seconds. */
  get connection(): Connection {
    return this.state
  }

  /** Whether events to or from other nodes are lost or late at the moment. */
  get isDegraded(): boolean {
    return this.state !== 'connected'
  }

  get isMember(): boolean {
    return this.options.executor.node !== undefined
  }

  /** Whether another server is connected that takes over the clients of this one when it stops. */
  get hasSuccessor(): boolean {
    return !this.isTakingOver && this.options.executor.node?.peers.isAnyStaying === true
  }

  /** Makes this server a node. Resolves once the backplane is opened, whether or not messages get through yet. */
  async join({ key, connect, handOver, onConnection, onPace, onLoss }: JoinOptions): Promise<void> {
    const { hub, executor, nowMs } = this.options
    const nodeId = randomBytes(8).toString('hex')
    hub.replica.join({ nodeId, isHandOver: handOver !== undefined })
    this.state = handOver === undefined ? 'disconnected' : 'connected'
    this.isTakingOver = handOver === 'taking-over'
    const node = this.newNode(nodeId, key)
    executor.node = node
    this.onPace = onPace
    this.reportLoss = lossReporter(node, onLoss)
    const listener: BackplaneListener = {
      onMessage: text => this.apply(() => node.receive(text, nowMs())),
      onConnected: () => {
        // A connection that is established again may still be slow.
        if (this.state === 'disconnected') this.state = 'connected'
        onConnection(true, '')
        node.onConnected(nowMs())
      },
      onDisconnected: reason => {
        this.state = 'disconnected'
        node.onDisconnected()
        onConnection(false, reason)
      },
      onClosed: () => this.reset(),
    }
    try {
      this.backplane = await connect(listener)
    } catch (error) {
      this.reset()
      throw error
    }
  }

  /** Resolves once this server has the state of the other nodes, or the time is over. */
  async waitUntilSynced(atMostMs: number, sleep: (ms: number) => Promise<unknown>): Promise<void> {
    for (let waited = 0; waited < atMostMs && this.options.executor.node?.isSynced === false; waited += pollMs) {
      await sleep(pollMs)
    }
  }

  /** Called every second. */
  tick(): void {
    const { executor, nowMs } = this.options
    this.judgePace(nowMs())
    if (executor.node !== undefined) this.apply(() => executor.node!.tick(nowMs()))
    this.backplane?.check?.(nowMs())
    this.reportLoss(nowMs())
  }

  /** The apps have changed: what other nodes have of new ones was ignored until now, so it is requested again. */
  resync(): void {
    this.options.executor.node?.resync(this.options.nowMs())
  }

  /** Announces to the other nodes that this server is about to stop: they no longer count it as a successor. */
  announceStop(): void {
    this.options.executor.node?.announceStop(this.options.nowMs())
  }

  /** Leaves the cluster, once the events of this server are acknowledged or that takes too long. */
  async leave(sleep: (ms: number) => Promise<unknown>): Promise<void> {
    const { executor, nowMs } = this.options
    executor.node?.beginLeave(nowMs())
    const isFlushing = () => this.state !== 'disconnected' && (executor.node?.pace(nowMs()).events ?? 0) > 0
    for (let waited = 0; waited < flushMs && isFlushing(); waited += pollMs) await sleep(pollMs)
    executor.node?.leave(nowMs())
    this.reportLoss(Number.POSITIVE_INFINITY)
    await this.backplane?.close()
  }

  private newNode(id: string, key: string): ClusterNode {
    const { hub, nowMs } = this.options
    return new ClusterNode({
      id,
      key,
      replica: hub.replica,
      send: text => this.backplane?.send(text),
      defer: act => void setImmediate(act),
      later: act => void setImmediate(() => this.apply(() => act(nowMs()))),
      nowMs,
    })
  }

  private judgePace(nowMs: number): void {
    const isStalled = nowMs - this.tickedAtMs >= stalledMs
    this.tickedAtMs = nowMs
    const pace = this.options.executor.node?.pace(nowMs)
    if (pace === undefined || this.state === 'disconnected' || isStalled || this.options.hub.state.isHandOver) return
    const wasSlow = this.state === 'slow'
    const isSlow = pace.lagMs >= (wasSlow ? quickMs : slowMs)
    if (isSlow === wasSlow) return
    this.state = isSlow ? 'slow' : 'connected'
    this.onPace(isSlow, pace)
  }

  /** The backplane has ended, or could not be opened: this server is no node any longer, and the members of the others leave. */
  private reset(): void {
    const { hub, executor, nowMs } = this.options
    const node = executor.node
    executor.node = undefined
    this.reportLoss = () => {}
    this.onPace = () => {}
    this.state = 'connected'
    this.isTakingOver = false
    hub.replica.leave()
    if (node !== undefined) this.apply(() => node.removeAllPeers(nowMs()))
  }

  private apply(act: () => Effect[]): void {
    try {
      this.options.executor.apply(act())
    } catch (error) {
      this.options.unexpected(error, 'cluster')
    }
  }
}

/** Returns a function that is called every second, and reports where more was lost than it has reported before. */
function lossReporter(node: Pick<ClusterNode, 'counters'>, onLoss: JoinOptions['onLoss']): (nowMs: number) => void {
  let reported = 0
  let reportedAtMs = Number.NEGATIVE_INFINITY
  return nowMs => {
    const { counters } = node
    const total = counters.forged + counters.malformed + counters.replayed + counters.dropped
    if (total === reported || nowMs - reportedAtMs < lossReportMs) return
    reported = total
    reportedAtMs = nowMs
    onLoss(counters)
  }
}
