/** The last event of each cache channel, which is sent to those who subscribe later. */
import { bytesInMemory } from '../protocol/bytes.ts'
import type { App, Apps } from './app.ts'
import type { Effect } from './effect.ts'
import { ExpiringMaps } from './expiring-maps.ts'

/** The part of the state that this needs. */
type Cache = { readonly lastEvents: ExpiringMaps<string>; readonly apps: Apps }

/** The bound for all apps together: that of eight apps with stock settings. */
export const totalBytes = 128 * 1024 * 1024
/** The memory of an event beside its text and the name of its channel. */
const entryBytes = 300

export function newLastEvents(apps: Apps): ExpiringMaps<string> {
  return new ExpiringMaps(totalBytesOf(apps), entryBytes)
}

/** Caches an event, whether or not its channel has subscribers. */
export function cacheLastEvent(
  { lastEvents }: Pick<Cache, 'lastEvents'>,
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
  { lastEvents }: Pick<Cache, 'lastEvents'>,
  appId: string,
  channel: string,
  nowMs: number,
): string | undefined {
  return lastEvents.get(appId, channel, nowMs)
}

/** How long the last event of a channel remains cached; undefined where there is none. */
export function lastEventLeftMs(
  { lastEvents }: Pick<Cache, 'lastEvents'>,
  appId: string,
  channel: string,
  nowMs: number,
): number | undefined {
  return lastEvents.leftMs(appId, channel, nowMs)
}

/** Applies the bounds of all apps as they are configured now, and removes the events of apps that were removed. */
export function resizeLastEvents({ lastEvents, apps }: Cache, nowMs: number): void {
  const bounds = (appId: string) => {
    const app = apps.byId.get(appId)
    return app && boundsOf(app)
  }
  lastEvents.resize(totalBytesOf(apps), bounds, nowMs)
}

/** Removes events that have expired, and reports those that were dropped before their time. */
export function expireLastEvents({ lastEvents }: Pick<Cache, 'lastEvents'>, nowMs: number, effects: Effect[]): void {
  lastEvents.expire(nowMs)
  for (const [appId, times] of lastEvents.takeDropped())
    effects.push({ type: 'refused', refusal: 'cached-event-dropped', appId, about: '', times })
}

/** The bound for all apps together. An app with a raised bound has room for all of it, and for the memory of its events beside their text. */
function totalBytesOf({ byId }: Apps): number {
  let total = totalBytes
  for (const { cache } of byId.values()) total = Math.max(total, 2 * cache.maxBytes)
  return total
}

function boundsOf({ cache: { ttlSeconds, maxChannels, maxBytes } }: App) {
  return { ttlMs: ttlSeconds * 1000, maxEntries: maxChannels, maxBytes }
}
