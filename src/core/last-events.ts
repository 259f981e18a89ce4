/** The last event of each cache channel, kept for whoever subscribes later. */
import { bytesInMemory } from '../protocol/bytes.ts'
import type { App, Apps } from './app.ts'
import type { Effect } from './effect.ts'
import { ExpiringMaps } from './expiring-maps.ts'

/** Of a node's state. */
type Node = { readonly lastEvents: ExpiringMaps<string>; readonly apps: Apps }

/** Of all apps together: the whole bound of eight apps with stock settings. */
export const totalBytes = 128 * 1024 * 1024
/** What an event takes in memory beside its text and the name of its channel. */
const entryBytes = 300

export function newLastEvents(apps: Apps): ExpiringMaps<string> {
  return new ExpiringMaps(totalBytesOf(apps), entryBytes)
}

/** Kept whether or not somebody is on the channel. */
export function keepLastEvent(
  { lastEvents }: Pick<Node, 'lastEvents'>,
  app: App,
  channel: string,
  frame: string,
  nowMs: number,
  ttlMs?: number,
): void {
  const bytes = bytesInMemory(channel) + bytesInMemory(frame)
  lastEvents.set(app.id, boundsOf(app), channel, frame, bytes, nowMs, ttlMs)
}

export function lastEvent(
  { lastEvents }: Pick<Node, 'lastEvents'>,
  appId: string,
  channel: string,
  nowMs: number,
): string | undefined {
  return lastEvents.get(appId, channel, nowMs)
}

/** Of every app, as it is configured now. Nothing is kept of apps that are gone. */
export function reboundLastEvents({ lastEvents, apps }: Node, nowMs: number): void {
  const bounds = (appId: string) => {
    const app = apps.byId.get(appId)
    return app && boundsOf(app)
  }
  lastEvents.rebound(totalBytesOf(apps), bounds, nowMs)
}

/** Lets go of events that have expired, and reports those that were dropped before. */
export function expireLastEvents({ lastEvents }: Pick<Node, 'lastEvents'>, nowMs: number, effects: Effect[]): void {
  lastEvents.expire(nowMs)
  for (const [appId, times] of lastEvents.takeDropped())
    effects.push({ type: 'refused', refusal: 'cached-event-dropped', appId, about: '', times })
}

/** An app whose bound was raised has room for all of that, and for what its events take beside their text. */
function totalBytesOf({ byId }: Apps): number {
  let total = totalBytes
  for (const { cache } of byId.values()) total = Math.max(total, 2 * cache.maxBytes)
  return total
}

function boundsOf({ cache: { ttlSeconds, maxChannels, maxBytes } }: App) {
  return { ttlMs: ttlSeconds * 1000, maxEntries: maxChannels, maxBytes }
}
