/** Decodes an app's `limits` → Limits. */
import type { Limits } from '../core/app.ts'
import { type Fields, quote } from './decode.ts'

/** Reverb has none of these limits. It has no watchlists either, so that their limit is always the one that Pusher documents. */
const noLimits: Limits = {
  channelsPerEvent: Number.POSITIVE_INFINITY,
  eventsPerBatch: Number.POSITIVE_INFINITY,
  eventNameLength: Number.POSITIVE_INFINITY,
  eventDataBytes: Number.POSITIVE_INFINITY,
  channelNameLength: Number.POSITIVE_INFINITY,
  channelNameCharset: 'any',
  channelsPerSocket: Number.POSITIVE_INFINITY,
  presenceMembers: Number.POSITIVE_INFINITY,
  presenceUserInfoBytes: Number.POSITIVE_INFINITY,
  clientEventsPerSecond: Number.POSITIVE_INFINITY,
  watchlistUsers: 100,
}

/** Pusher's limits: https://pusher.com/docs/channels/server_api/http-api/ and its pages on presence channels, client events and watchlists. */
const pusherLimits: Limits = {
  ...noLimits,
  channelsPerEvent: 100,
  eventsPerBatch: 10,
  eventNameLength: 200,
  eventDataBytes: 10_240,
  channelNameLength: 200,
  channelNameCharset: 'pusher',
  presenceMembers: 100,
  presenceUserInfoBytes: 1024,
  clientEventsPerSecond: 10,
}

/** Decodes a preset, and single limits that override it. */
export function limits(fields: Fields): Limits {
  const defaults = preset(fields)
  const decoded = {
    channelsPerEvent: limit(fields, 'channels_per_event', defaults.channelsPerEvent),
    eventsPerBatch: limit(fields, 'events_per_batch', defaults.eventsPerBatch),
    eventNameLength: limit(fields, 'event_name_length', defaults.eventNameLength),
    eventDataBytes: limit(fields, 'event_data_bytes', defaults.eventDataBytes),
    channelNameLength: limit(fields, 'channel_name_length', defaults.channelNameLength),
    channelNameCharset: charset(fields, defaults.channelNameCharset),
    channelsPerSocket: limit(fields, 'channels_per_socket', defaults.channelsPerSocket),
    presenceMembers: limit(fields, 'presence_members', defaults.presenceMembers),
    presenceUserInfoBytes: limit(fields, 'presence_user_info_bytes', defaults.presenceUserInfoBytes),
    clientEventsPerSecond: limit(fields, 'client_events_per_second', defaults.clientEventsPerSecond),
    watchlistUsers: limit(fields, 'watchlist_users', defaults.watchlistUsers),
  }
  fields.warnOfUnknown()
  return decoded
}

function preset(fields: Fields): Limits {
  const name = fields.raw('preset')
  if (name === 'pusher') return pusherLimits
  if (name !== undefined && name !== '' && name !== false)
    fields.fault('preset', `must be "pusher", for the limits that Pusher documents, or empty, for none, is ${quote(name)}`)
  return noLimits
}

function charset(fields: Fields, fallback: Limits['channelNameCharset']): Limits['channelNameCharset'] {
  const value = fields.text('channel_name_charset', '') || fallback
  if (value === 'any' || value === 'pusher') return value
  fields.fault('channel_name_charset', `must be "any" or "pusher", is ${quote(value)}`)
  return fallback
}

/** A limit, in which 0 stands for none. */
function limit(fields: Fields, key: string, fallback: number): number {
  return fields.integer(key, fallback, { min: 0 }) || Number.POSITIVE_INFINITY
}
