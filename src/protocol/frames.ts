/** One builder for each outgoing frame. This is the only place that encodes `data` twice, as Pusher does for its own events. */
import type { SubscriptionStatus } from './errors.ts'
import type { Member } from './member.ts'
import * as names from './names.ts'

/** @param activityTimeoutSeconds the silence after which the client has to ping */
export function connectionEstablished(socketId: string, activityTimeoutSeconds: number): string {
  return `{"event":"${names.connectionEstablished}","data":${encodedTwice({ socket_id: socketId, activity_timeout: activityTimeoutSeconds })}}`
}

export function error(code: number, message: string): string {
  return `{"event":"${names.error}","data":${encodedTwice({ code, message })}}`
}

/** An error on the channel itself, for its `pusher:subscription_error` listeners. pusher-js expects `data` as an object. */
export function subscriptionError(channel: string, message: string, status: SubscriptionStatus): string {
  const data = { type: subscriptionErrorTypes[status], error: message, status }
  return JSON.stringify({ event: names.subscriptionError, data, channel })
}

const subscriptionErrorTypes = { 400: 'InvalidSubscription', 401: 'AuthError', 403: 'LimitReached' }

export const ping = `{"event":"${names.ping}"}`
export const pong = `{"event":"${names.pong}"}`

export function subscriptionSucceeded(channel: string): string {
  return internal(names.subscriptionSucceeded, channel, '{}')
}

export function presenceSucceeded(channel: string, { count, ids, hash }: PresenceList): string {
  const data = `"{\\"presence\\":{\\"count\\":${count},\\"ids\\":[${ids}],\\"hash\\":{${hash}}}}"`
  return `{"event":"${names.subscriptionSucceeded}","data":${data},"channel":${JSON.stringify(channel)}}`
}

/** One member in the JSON text of a frame's `data`: its part of the list of ids, and of the hash. */
export type PresenceEntry = { readonly id: string; readonly info: string }

/** The members in the order of joining. */
export type PresenceList = { readonly count: number; readonly ids: string; readonly hash: string }

export function presenceEntry({ key, idJson, infoJson }: Member): PresenceEntry {
  return { id: escaped(idJson), info: escaped(`${JSON.stringify(key)}:${infoJson ?? 'null'}`) }
}

export function presenceList(entries: readonly PresenceEntry[]): PresenceList {
  return { count: entries.length, ids: entries.map(({ id }) => id).join(','), hash: entries.map(({ info }) => info).join(',') }
}

/** The list with one more member at its end. It takes time in proportion to that member: a string that grows at its end is not copied. */
export function appended({ count, ids, hash }: PresenceList, { id, info }: PresenceEntry): PresenceList {
  const comma = count === 0 ? '' : ','
  return { count: count + 1, ids: `${ids}${comma}${id}`, hash: `${hash}${comma}${info}` }
}

export function memberAdded(channel: string, member: Member): string {
  const info = member.infoJson === undefined ? '' : `,"user_info":${member.infoJson}`
  return internal(names.memberAdded, channel, `{"user_id":${member.idJson}${info}}`)
}

export function memberRemoved(channel: string, member: Member): string {
  return internal(names.memberRemoved, channel, `{"user_id":${member.idJson}}`)
}

/** The number of sockets on a channel. */
export function subscriptionCount(channel: string, count: number): string {
  return internal(names.subscriptionCount, channel, `{"subscription_count":${count}}`)
}

/** @param userData JSON text */
export function signinSuccess(userData: string): string {
  return `{"event":"${names.signinSuccess}","data":${encodedTwice({ user_data: userData })}}`
}

/** Which users of a watchlist are online, and which are offline. */
export function watchlistEvents(events: readonly WatchlistEvent[]): string {
  return `{"event":"${names.watchlistEvents}","data":${encodedTwice({ events })}}`
}

export type WatchlistEvent = { readonly name: 'online' | 'offline'; readonly user_ids: readonly string[] }

export function cacheMiss(channel: string): string {
  return `{"event":"${names.cacheMiss}","channel":${JSON.stringify(channel)}}`
}

/** An event that the application publishes. `data` is its text, which need not be JSON. */
export function event(name: string, data: string, channel: string): string {
  return JSON.stringify({ event: name, data, channel })
}

/**
 * An event of one client to the others.
 *
 * @param data JSON text, which is sent unchanged
 * @param userId the sender's presence id as JSON; undefined on other channels
 */
export function clientEvent(name: string, channel: string, data: string, userId: string | undefined): string {
  const user = userId === undefined ? '' : `,"user_id":${userId}`
  return `{"event":${JSON.stringify(name)},"channel":${JSON.stringify(channel)},"data":${data}${user}}`
}

function internal(name: string, channel: string, data: string): string {
  return `{"event":"${name}","data":${JSON.stringify(data)},"channel":${JSON.stringify(channel)}}`
}

/** JSON text, escaped for the inside of a JSON string. */
function escaped(json: string): string {
  return JSON.stringify(json).slice(1, -1)
}

function encodedTwice(data: object): string {
  return JSON.stringify(JSON.stringify(data))
}
