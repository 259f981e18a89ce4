/** What the core knows of one client. */
import type { SignedInUser } from '../protocol/user.ts'
import type { App } from './app.ts'
import type { Channel } from './channel.ts'
import { newWindow, type Window } from './rate-limit.ts'

export type Socket = {
  readonly id: string
  app: App
  readonly subscriptions: Map<string, Channel>
  readonly rate: Window
  readonly clientEventRate: Window
  /** Who it is signed in as. */
  user: SignedInUser | undefined
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
    subscriptions: new Map(),
    rate: newWindow(),
    clientEventRate: newWindow(),
    user: undefined,
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
