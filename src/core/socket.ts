/** One connected client. */
import type { SignedInUser } from '../protocol/user.ts'
import type { App } from './app.ts'
import type { Window } from './rate-limit.ts'
import { Subscriptions } from './subscriptions.ts'

export type Socket = {
  readonly id: string
  app: App
  /** The highest `max_connections` of its app since it was accepted. */
  quota: number
  readonly subscriptions: Subscriptions
  /** Both are undefined until something is counted. */
  rate: Window | undefined
  clientEventRate: Window | undefined
  /** The user as whom the socket is signed in. */
  user: SignedInUser | undefined
  /** The bytes of its subscriptions and its user, as `connection-state.ts` counts. Subscriptions that wait are counted by `Resubscriptions`. */
  stateBytes: number
  readonly openedAtMs: number
  lastSeenMs: number
  /** When the socket was pinged; undefined once it has answered. */
  pingedAtMs: number | undefined
  /** Whether the client has sent a control frame, so that it can be pinged with one. */
  speaksControlFrames: boolean
}

export function newSocket(id: string, app: App, nowMs: number): Socket {
  return {
    id,
    app,
    quota: app.maxConnections,
    subscriptions: new Subscriptions(),
    rate: undefined,
    clientEventRate: undefined,
    user: undefined,
    stateBytes: 0,
    openedAtMs: nowMs,
    lastSeenMs: nowMs,
    pingedAtMs: undefined,
    speaksControlFrames: false,
  }
}

/** The rules of the socket's app are others. A lower quota applies to those that are accepted from now on. */
export function replaceApp(socket: Socket, app: App): void {
  socket.app = app
  socket.quota = Math.max(socket.quota, app.maxConnections)
}

/** Anything that a client sends counts as an answer to a ping. */
export function touch(socket: Socket, nowMs: number): void {
  socket.lastSeenMs = nowMs
  socket.pingedAtMs = undefined
}
