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
  /** What the servers of one cluster have in common. */
  readonly key: string
  readonly nowMs: () => number
  /** Something that nobody foresaw. */
  readonly unexpected: (error: unknown, where: string) => void
}

/** Opens a backplane; what it brings goes to the listener. */
export type Way = (listener: Listener) => Promise<Backplane>

export class Membership {
  private backplane: Backplane | undefined

  constructor(private readonly options: MembershipOptions) {}

  /** Resolves once texts can get through. Where they no longer can, and never will, the others are gone. */
  async join(way: Way): Promise<void> {
    const { hub, executor, key, nowMs } = this.options
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
      onState: isUp => (isUp ? this.apply(() => node.tick(nowMs())) : this.lose()),
    }
    try {
      this.backplane = await way(listener)
    } catch (error) {
      this.lose()
      throw error
    }
  }

  tick(): void {
    const { executor, nowMs } = this.options
    if (executor.cluster !== undefined) this.apply(() => executor.cluster!.tick(nowMs()))
  }

  /** There are other apps: what the others have of them was not taken in before. */
  refresh(): void {
    this.options.executor.cluster?.refresh(this.options.nowMs())
  }

  /** Says to the others that it goes. */
  leave(): void {
    this.options.executor.cluster?.leave()
  }

  private lose(): void {
    const { executor, nowMs } = this.options
    const node = executor.cluster
    executor.cluster = undefined
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
