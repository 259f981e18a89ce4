/** This server's place among others: connects a cluster node with the hub, the sockets and a backplane. */
import { randomBytes } from 'node:crypto'
import type { Backplane, Listener } from '../cluster/backplane.ts'
import { ClusterNode } from '../cluster/node.ts'
import type { Effect } from '../core/effect.ts'
import type { Hub } from '../core/hub.ts'
import type { Executor } from './effects.ts'

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
  /** Two servers of which one is about to go: only for a while, and each with a quota of its own. */
  readonly isHandOver: boolean
  /** Whether texts get through has changed. */
  readonly onState: (isUp: boolean, reason: string) => void
}

const pollMs = 10

export class Membership {
  /** A member that hears nothing of the others at the moment. */
  isDegraded = false
  private backplane: Backplane | undefined

  constructor(private readonly options: MembershipOptions) {}

  get isMember(): boolean {
    return this.options.executor.cluster !== undefined
  }

  /** Resolves once there is a backplane, whether or not anything gets through yet. */
  async join({ key, open, isHandOver, onState }: Joining): Promise<void> {
    const { hub, executor, nowMs } = this.options
    hub.state.isHandOver = isHandOver
    const node = new ClusterNode({
      id: randomBytes(8).toString('hex'),
      key,
      state: hub.state,
      send: text => this.backplane?.send(text),
      terminate: (appId, userId, now) => this.terminate(appId, userId, now),
      defer: flush => void setImmediate(flush),
    })
    executor.cluster = node
    const listener: Listener = {
      onText: text => this.apply(() => node.receive(text, nowMs())),
      onUp: () => {
        this.isDegraded = false
        onState(true, '')
        this.apply(() => node.hello(nowMs()))
      },
      onDown: reason => {
        this.isDegraded = true
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
    for (let waited = 0; waited < atMostMs && this.options.executor.cluster?.isInformed === false; waited += pollMs) {
      await sleep(pollMs)
    }
  }

  tick(): void {
    const { executor, nowMs } = this.options
    if (executor.cluster !== undefined) this.apply(() => executor.cluster!.tick(nowMs()))
    this.backplane?.check?.(nowMs())
  }

  /** There are other apps: what the others have of them was not taken in before. */
  refresh(): void {
    this.options.executor.cluster?.refresh(this.options.nowMs())
  }

  /** Says to the others that it goes, and goes. */
  async leave(): Promise<void> {
    this.options.executor.cluster?.leave()
    await this.backplane?.close()
  }

  private lose(): void {
    const { executor, nowMs } = this.options
    const node = executor.cluster
    executor.cluster = undefined
    this.options.hub.state.isHandOver = false
    if (node !== undefined) this.apply(() => node.loseAll(nowMs()))
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
