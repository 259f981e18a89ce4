/** The apps of a running server change: what that means for those who are connected. */
import { type Close, closes } from '../protocol/errors.ts'
import type { App } from './app.ts'
import { appsOf } from './app.ts'
import { reboundLastEvents } from './last-events.ts'
import type { Socket } from './socket.ts'
import type { State } from './state.ts'

/** A socket whose app wants it no longer, and why. */
export type Unwanted = { readonly socket: Socket; readonly close: Close }

/** From now on these are the apps, and it is known which there are. Sockets of an app that stays stay, and live by its new rules. */
export function replaceApps(state: State, list: readonly App[], nowMs: number): Unwanted[] {
  state.apps = appsOf(list)
  state.areAppsKnown = true
  reboundLastEvents(state, nowMs)
  const unwanted: Unwanted[] = []
  for (const socket of state.sockets.values()) {
    const app = state.apps.byId.get(socket.app.id)
    if (app === undefined) unwanted.push({ socket, close: closes.unknownApp })
    else if (!app.enabled) unwanted.push({ socket, close: closes.disabled })
    else socket.app = app
  }
  return unwanted
}

/**
 * Forgets everything about apps that were removed, also what other nodes have of them, as soon as their sockets are off all channels: not
 * before, so that the other nodes are informed of each channel that has lost its last subscriber.
 */
export function forgetGoneApps(state: State): void {
  if (!state.hasGoneApps || !state.departures.areOver) return
  state.hasGoneApps = false
  const { apps, channels, connections, socketCounts, users } = state
  for (const ofApp of [channels, connections, socketCounts, users]) {
    for (const appId of ofApp.keys()) if (!apps.byId.has(appId)) ofApp.delete(appId)
  }
  for (const ofChannels of [state.countsToTell, state.unsettledChannels]) {
    for (const channel of ofChannels) if (!apps.byId.has(channel.appId)) ofChannels.delete(channel)
  }
  for (const appId of state.unsettledUsers) if (!apps.byId.has(appId)) state.unsettledUsers.delete(appId)
}
