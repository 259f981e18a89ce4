/** One builder for every frame that goes out. The only place that encodes `data` twice, as Pusher does for its own events. */
import type { Member } from './member.ts'
import * as names from './names.ts'

/** @param activityTimeoutSeconds of silence after which the client is to ping */
export function connectionEstablished(socketId: string, activityTimeoutSeconds: number): string {
  return `{"event":"${names.connectionEstablished}","data":${twice({ socket_id: socketId, activity_timeout: activityTimeoutSeconds })}}`
}

export function error(code: number, message: string): string {
  return `{"event":"${names.error}","data":${twice({ code, message })}}`
}

/** Tells the channel itself, so that its `pusher:subscription_error` listeners hear of it. pusher-js wants `data` as an object. */
export function subscriptionError(channel: string, message: string, status: 400 | 401): string {
  const type = status === 401 ? 'AuthError' : 'InvalidSubscription'
  return JSON.stringify({ event: names.subscriptionError, data: { type, error: message, status }, channel })
}

export const ping = `{"event":"${names.ping}"}`
export const pong = `{"event":"${names.pong}"}`

/** @param data JSON text: `{}`, or the presence snapshot */
export function subscriptionSucceeded(channel: string, data: string): string {
  return internal(names.subscriptionSucceeded, channel, data)
}

/** The members of a presence channel as `subscription_succeeded` carries them, in the order of joining. */
export function presenceSnapshot(members: readonly Member[]): string {
  const ids = members.map(member => member.idJson)
  const hash = members.map(member => `${JSON.stringify(member.key)}:${member.infoJson ?? 'null'}`)
  return `{"presence":{"count":${members.length},"ids":[${ids.join(',')}],"hash":{${hash.join(',')}}}}`
}

export function memberAdded(channel: string, member: Member): string {
  const info = member.infoJson === undefined ? '' : `,"user_info":${member.infoJson}`
  return internal(names.memberAdded, channel, `{"user_id":${member.idJson}${info}}`)
}

export function memberRemoved(channel: string, member: Member): string {
  return internal(names.memberRemoved, channel, `{"user_id":${member.idJson}}`)
}

export function cacheMiss(channel: string): string {
  return `{"event":"${names.cacheMiss}","channel":${JSON.stringify(channel)}}`
}

/** An event published by the application: `data` is its text, whatever that is. */
export function event(name: string, channel: string, data: string): string {
  return `{"event":${JSON.stringify(name)},"data":${JSON.stringify(data)},"channel":${JSON.stringify(channel)}}`
}

/**
 * An event from one client to the others.
 *
 * @param data JSON text, passed on as it was sent
 * @param userId JSON of the sender's presence id; undefined off presence channels
 */
export function clientEvent(name: string, channel: string, data: string, userId: string | undefined): string {
  const user = userId === undefined ? '' : `,"user_id":${userId}`
  return `{"event":${JSON.stringify(name)},"channel":${JSON.stringify(channel)},"data":${data}${user}}`
}

function internal(name: string, channel: string, data: string): string {
  return `{"event":"${name}","data":${JSON.stringify(data)},"channel":${JSON.stringify(channel)}}`
}

function twice(data: object): string {
  return JSON.stringify(JSON.stringify(data))
}
