/** Sends the subscribers of a channel their number: when it changes, and at most once a second. */
import * as frames from '../protocol/frames.ts'
import type { App } from './app.ts'
import { type Channel, subscriptionCount } from './channel.ts'
import type { Effect } from './effect.ts'
import type { State } from './state.ts'

const intervalMs = 1000

/** The number of subscribers has changed. On presence channels members are announced instead, and a user's own channel has no other subscribers. */
export function countChanged(state: State, app: App, channel: Channel, nowMs: number, effects: Effect[]): void {
  if (!app.subscriptionCounts || channel.kind.presence || channel.kind.user) return
  if (nowMs - channel.countSentAtMs >= intervalMs) broadcastCount(state, channel, nowMs, effects)
  else state.pendingCounts.add(channel)
}

/** Broadcasts the numbers that are due. */
export function broadcastPendingCounts(state: State, nowMs: number, effects: Effect[]): void {
  for (const channel of state.pendingCounts) {
    if (state.apps.byId.get(channel.appId)?.subscriptionCounts !== true) state.pendingCounts.delete(channel)
    else if (nowMs - channel.countSentAtMs >= intervalMs) broadcastCount(state, channel, nowMs, effects)
  }
}

function broadcastCount(state: State, channel: Channel, nowMs: number, effects: Effect[]): void {
  state.pendingCounts.delete(channel)
  channel.countSentAtMs = nowMs
  if (channel.localSubscribers.size === 0) return
  const frame = frames.subscriptionCount(channel.name, subscriptionCount(channel))
  effects.push({ type: 'broadcast', topic: channel.topic, frame, exceptSocketId: undefined, scope: 'node' })
}
