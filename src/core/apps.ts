/** Replaces the apps of a running server. */
import { type Close, closes } from '../protocol/errors.ts'
import type { App } from './app.ts'
import { appsOf } from './app.ts'
import { resizeLastEvents } from './last-events.ts'
import { replaceApp, type Socket } from './socket.ts'
import type { State } from './state.ts'

/** A socket that is to be closed, and why. */
export type Disconnection = { readonly socket: Socket; readonly close: Close }

/**
 * Replaces the apps. Sockets of an app that is among the new ones stay, and its new rules apply to them.
 *
 * @returns the sockets to close
 */
export function replaceApps(state: State, list: readonly App[], nowMs: number): Disconnection[] {
  state.apps = appsOf(list)
  state.areAppsKnown = true
  resizeLastEvents(state, nowMs)
  const disconnections: Disconnection[] = []
  for (const socket of state.sockets.values()) {
    const app = state.apps.byId.get(socket.app.id)
    if (app === undefined) disconnections.push({ socket, close: closes.unknownApp })
    else if (!app.enabled) disconnections.push({ socket, close: closes.disabled })
    else replaceApp(socket, app)
  }
  return disconnections
}

/**
 * Deletes everything about apps that were removed, also what other nodes have of them, as soon as their sockets are off all channels: not
 * before, so that the other nodes are informed of each channel that has lost its last subscriber.
 */
export function purgeRemovedApps(state: State): void {
  if (!state.hasRemovedApps || !state.pendingUnsubscribes.isEmpty) return
  state.hasRemovedApps = false
  const { apps, channels, remoteSocketCounts, localSocketCounts, users } = state
  for (const ofApp of [channels, remoteSocketCounts, localSocketCounts, users]) {
    for (const appId of ofApp.keys()) if (!apps.byId.has(appId)) ofApp.delete(appId)
  }
  for (const ofChannels of [state.pendingCounts, state.unsettledChannels]) {
    for (const channel of ofChannels) if (!apps.byId.has(channel.appId)) ofChannels.delete(channel)
  }
  for (const appId of state.unsettledUsers) if (!apps.byId.has(appId)) state.unsettledUsers.delete(appId)
}
