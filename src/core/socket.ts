/** What the core knows of one client. */
import type { SignedInUser } from '../protocol/user.ts'
import type { App } from './app.ts'
import type { Window } from './rate-limit.ts'
import { Subscriptions } from './subscriptions.ts'

export type Socket = {
  readonly id: string
  app: App
  readonly subscriptions: Subscriptions
  /** Both undefined until something was counted. */
  rate: Window | undefined
  clientEventRate: Window | undefined
  /** Who it is signed in as. */
  user: SignedInUser | undefined
  /** Of its subscriptions and its user, as `kept.ts` counts. Subscriptions that wait are counted by `Resubscriptions`. */
  keptBytes: number
  readonly openedAtMs: number
  lastSeenMs: number
  /** When it was asked whether it is there; undefined when it has answered. */
  pingedAtMs: number | undefined
  /** It has sent a control frame: ask it with one. */
  speaksControlFrames: boolean
}

export function newSocket(id: string, app: App, nowMs: number): Socket {
  return {
    id,
    app,
    subscriptions: new Subscriptions(),
    rate: undefined,
    clientEventRate: undefined,
    user: undefined,
    keptBytes: 0,
    openedAtMs: nowMs,
    lastSeenMs: nowMs,
    pingedAtMs: undefined,
    speaksControlFrames: false,
  }
}

/** Anything that arrives from a client is a sign of life. */
export function touch(socket: Socket, nowMs: number): void {
  socket.lastSeenMs = nowMs
  socket.pingedAtMs = undefined
}
