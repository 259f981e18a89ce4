/** Tells the subscribers of a channel how many they are: at once when it changes, and then at most once a second. */
import * as frames from '../protocol/frames.ts'
import type { App } from './app.ts'
import { type Channel, subscriptionCount } from './channel.ts'
import type { Effect } from './effect.ts'
import type { State } from './state.ts'

const intervalMs = 1000

/** Presence channels tell of each member instead; a user's own channel is nobody else's business. */
export function countChanged(state: State, app: App, channel: Channel, nowMs: number, effects: Effect[]): void {
  if (!app.subscriptionCounts || channel.kind.presence || channel.kind.user) return
  if (nowMs - channel.countToldAtMs >= intervalMs) tell(state, channel, nowMs, effects)
  else state.countsToTell.add(channel)
}

/** Tells what had to wait. */
export function tellCounts(state: State, nowMs: number, effects: Effect[]): void {
  for (const channel of state.countsToTell) {
    if (state.apps.byId.get(channel.appId)?.subscriptionCounts !== true) state.countsToTell.delete(channel)
    else if (nowMs - channel.countToldAtMs >= intervalMs) tell(state, channel, nowMs, effects)
  }
}

function tell(state: State, channel: Channel, nowMs: number, effects: Effect[]): void {
  state.countsToTell.delete(channel)
  channel.countToldAtMs = nowMs
  if (channel.subscribers.size === 0) return
  const frame = frames.subscriptionCount(channel.name, subscriptionCount(channel))
  effects.push({ type: 'broadcast', topic: channel.topic, frame, exceptSocketId: undefined, everywhere: false })
}
