/** This server's place among others: connects a cluster node with the hub, the sockets and a backplane. */
import { randomBytes } from 'node:crypto'
import type { Backplane, Listener } from '../cluster/backplane.ts'
import type { Counters } from '../cluster/counters.ts'
import { ClusterNode } from '../cluster/node.ts'
import type { Pace } from '../cluster/publisher.ts'
import type { Effect } from '../core/effect.ts'
import type { Hub } from '../core/hub.ts'
import type { Executor } from './effects.ts'

export type { Counters }

export type MembershipOptions = {
  readonly hub: Hub
  readonly executor: Executor
  readonly nowMs: () => number
  /** Something that nobody foresaw. */
  readonly unexpected: (error: unknown, where: string) => void
}

export type Joining = {
  /** What the servers of one cluster have in common. */
  readonly key: string
  /** Opens a backplane; what it brings goes to the listener. */
  readonly open: (listener: Listener) => Promise<Backplane>
  /**
   * Two servers of which one is about to go: only for a while, and each with a quota of its own. Says which of the two this
   * one is; undefined in a cluster.
   */
  readonly handOver: 'leaving' | 'succeeding' | undefined
  /** Whether texts get through has changed. */
  readonly onState: (isUp: boolean, reason: string) => void
  /** They get through, and whether they take long has changed. */
  readonly onPace: (isSlow: boolean, pace: Pace) => void
  /** More than before of what is said between the servers came to nothing. Called once a minute at most. */
  readonly onLoss: (counters: Counters) => void
}

/** From here on the others hear of what happens too late. */
export const slowMs = 3000
/** And from here on they do not any more. */
const quickMs = 1000
/** A server that was itself held up for so long cannot judge how long others took. */
const heldUpMs = 2500
/** So long a server that leaves waits for its events to reach the others. */
const sendAllMs = 500
const pollMs = 10
const reportMs = 60_000

export class Membership {
  private isDown = false
  private isSlow = false
  private tickedAtMs = Number.POSITIVE_INFINITY
  private backplane: Backplane | undefined
  private isSucceeding = false
  private report: (nowMs: number) => void = () => {}
  private onPace: Joining['onPace'] = () => {}

  constructor(private readonly options: MembershipOptions) {}

  /** A member that hears nothing of the others at the moment, or of which they hear too late. */
  get isDegraded(): boolean {
    return this.isDown || this.isSlow
  }

  /** How the other servers are reached. */
  get reach(): 'connected' | 'slow' | 'disconnected' {
    if (this.isDown) return 'disconnected'
    return this.isSlow ? 'slow' : 'connected'
  }

  get isMember(): boolean {
    return this.options.executor.cluster !== undefined
  }

  /** Another server is connected that takes the clients of this one when it stops. */
  get hasSuccessor(): boolean {
    return !this.isSucceeding && this.options.executor.cluster?.peers.isAnyStaying === true
  }

  /** Resolves once there is a backplane, whether or not anything gets through yet. */
  async join({ key, open, handOver, onState, onPace, onLoss }: Joining): Promise<void> {
    const { hub, executor, nowMs } = this.options
    hub.state.isHandOver = handOver !== undefined
    this.isDown = handOver === undefined
    this.isSucceeding = handOver === 'succeeding'
    const node = new ClusterNode({
      id: randomBytes(8).toString('hex'),
      key,
      state: hub.state,
      send: text => this.backplane?.send(text),
      terminate: (appId, userId, now) => this.terminate(appId, userId, now),
      defer: act => void setImmediate(act),
      later: act => void setImmediate(() => this.apply(() => act(nowMs()))),
      nowMs,
    })
    executor.cluster = node
    this.onPace = onPace
    this.report = lossReporter(node, onLoss)
    const listener: Listener = {
      onText: text => this.apply(() => node.receive(text, nowMs())),
      onUp: () => {
        this.isDown = false
        onState(true, '')
        node.onConnected(nowMs())
      },
      onDown: reason => {
        this.isDown = true
        this.isSlow = false
        node.onDisconnected()
        onState(false, reason)
      },
      onEnd: () => this.lose(),
    }
    try {
      this.backplane = await open(listener)
    } catch (error) {
      this.lose()
      throw error
    }
  }

  /** Resolves once all is known that the others have, or there seems to be nobody else. */
  async settled(atMostMs: number, sleep: (ms: number) => Promise<unknown>): Promise<void> {
    for (let waited = 0; waited < atMostMs && this.options.executor.cluster?.isSynced === false; waited += pollMs) {
      await sleep(pollMs)
    }
  }

  tick(): void {
    const { executor, nowMs } = this.options
    this.judgePace(nowMs())
    if (executor.cluster !== undefined) this.apply(() => executor.cluster!.tick(nowMs()))
    this.backplane?.check?.(nowMs())
    this.report(nowMs())
  }

  /** There are other apps: what the others have of them was not taken in before. */
  refresh(): void {
    this.options.executor.cluster?.resync(this.options.nowMs())
  }

  /** The others are not to send their clients to this server any more. */
  announceStop(): void {
    this.options.executor.cluster?.announceStop(this.options.nowMs())
  }

  /** Says to the others that it goes, once they have what it published or that takes too long, and goes. */
  async leave(sleep: (ms: number) => Promise<unknown>): Promise<void> {
    const { executor, nowMs } = this.options
    executor.cluster?.beginLeave(nowMs())
    const isSending = () => !this.isDown && (executor.cluster?.pace(nowMs()).events ?? 0) > 0
    for (let waited = 0; waited < sendAllMs && isSending(); waited += pollMs) await sleep(pollMs)
    executor.cluster?.leave(nowMs())
    this.report(Number.POSITIVE_INFINITY)
    await this.backplane?.close()
  }

  private judgePace(nowMs: number): void {
    const isHeldUp = nowMs - this.tickedAtMs >= heldUpMs
    this.tickedAtMs = nowMs
    const pace = this.options.executor.cluster?.pace(nowMs)
    if (pace === undefined || this.isDown || isHeldUp || this.options.hub.state.isHandOver) return
    if (pace.lagMs >= (this.isSlow ? quickMs : slowMs) === this.isSlow) return
    this.isSlow = !this.isSlow
    this.onPace(this.isSlow, pace)
  }

  private lose(): void {
    const { executor, nowMs } = this.options
    const node = executor.cluster
    executor.cluster = undefined
    this.report = () => {}
    this.onPace = () => {}
    this.isDown = false
    this.isSlow = false
    this.isSucceeding = false
    this.options.hub.state.isHandOver = false
    if (node !== undefined) this.apply(() => node.removeAllPeers(nowMs()))
  }

  private terminate(appId: string, userId: string, nowMs: number): Effect[] {
    const { hub } = this.options
    const app = hub.state.apps.byId.get(appId)
    return app === undefined ? [] : hub.terminate(app, userId, nowMs)
  }

  private apply(act: () => Effect[]): void {
    try {
      this.options.executor.apply(act())
    } catch (error) {
      this.options.unexpected(error, 'cluster')
    }
  }
}

/** Called every second. */
function lossReporter(node: Pick<ClusterNode, 'counters'>, onLoss: Joining['onLoss']): (nowMs: number) => void {
  let told = 0
  let toldAtMs = Number.NEGATIVE_INFINITY
  return nowMs => {
    const { counters } = node
    const total = counters.forged + counters.malformed + counters.replayed + counters.dropped
    if (total === told || nowMs - toldAtMs < reportMs) return
    told = total
    toldAtMs = nowMs
    onLoss(counters)
  }
}
