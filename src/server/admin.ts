/** What the process that runs a server changes in it and reads of it: its apps, and single sockets. */
import type { App } from '../core/app.ts'
import type { Hub } from '../core/hub.ts'
import type { Executor } from './executor.ts'
import type { Membership } from './membership.ts'

type AdminParts = {
  readonly hub: Hub
  readonly executor: Executor
  readonly membership: Pick<Membership, 'resync'>
  /** The largest message that any app can be allowed without a restart. */
  readonly maxMessageBytes: number
  readonly nowMs: () => number
}

export class Admin {
  constructor(private readonly parts: AdminParts) {}

  /** The apps, in the order of the configuration. */
  get apps(): App[] {
    return this.parts.hub.queries.apps
  }

  get maxMessageBytes(): number {
    return this.parts.maxMessageBytes
  }

  /** Serves these apps instead of the present ones, and requests the state of them from the other nodes. */
  replaceApps(apps: readonly App[]): void {
    const { hub, executor, membership, nowMs } = this.parts
    executor.apply(hub.replaceApps(apps, nowMs()))
    membership.resync()
  }

  /** The apps cannot be looked up at the moment, so that a client with an unknown key may belong to one. */
  markAppsUnavailable(): void {
    this.parts.hub.markAppsUnavailable()
  }

  /** Sends a message to one socket, if it is open. Returns whether there is such an app. */
  send(appId: string, socketId: string, message: string): boolean {
    const { hub, executor } = this.parts
    const app = hub.queries.app(appId)
    if (app !== undefined) executor.apply(hub.send(app, socketId, message))
    return app !== undefined
  }

  /** Closes one socket, if it is open. Returns whether there is such an app. */
  disconnect(appId: string, socketId: string): boolean {
    const { hub, executor, nowMs } = this.parts
    const app = hub.queries.app(appId)
    if (app !== undefined) executor.apply(hub.disconnect(app, socketId, nowMs()))
    return app !== undefined
  }
}
