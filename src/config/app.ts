/** The document's `apps` → App[]. */
import type { App, CacheLimits, Limits, Rate, RateLimit } from '../core/app.ts'
import { Fields, type Report } from './decode.ts'

/** 1 GiB: what Bun can be told to take, with room to answer what is larger. */
export const maxBytes = 2 ** 30

export function decodeApps(list: unknown, report: Report): App[] {
  if (!Array.isArray(list) || list.length === 0) {
    report.fault('apps', 'must be a list of at least one app')
    return []
  }
  const apps = list.map((value, i) => decodeApp(Fields.of(value, `apps.${i}`, report), report))
  for (const name of ['id', 'key'] as const) {
    const seen = new Set<string>()
    apps.forEach((app, i) => {
      if (app[name] !== '' && seen.has(app[name]))
        report.fault(`apps.${i}.${name === 'id' ? 'app_id' : name}`, 'is that of another app too')
      seen.add(app[name])
    })
  }
  return apps
}

function decodeApp(fields: Fields, report: Report): App {
  const app: App = {
    id: fields.requiredText('app_id'),
    key: fields.requiredText('key'),
    secret: fields.requiredText('secret'),
    enabled: fields.boolean('enabled', true),
    allowedOrigins: fields.texts('allowed_origins', ['*']),
    allowMissingOrigin: fields.boolean('allow_missing_origin', false),
    pingIntervalSeconds: fields.integer('ping_interval', 60, { min: 1 }),
    activityTimeoutSeconds: fields.integer('activity_timeout', 30, { min: 1 }),
    maxConnections: fields.optionalInteger('max_connections', { min: 0 }) ?? Number.POSITIVE_INFINITY,
    maxMessageBytes: fields.integer('max_message_size', 10_000, { min: 1, max: maxBytes }),
    clientEventsFrom: clientEventsFrom(fields.text('accept_client_events_from', 'all')),
    rateLimit: rateLimit(fields.object('rate_limiting')),
    requestRate: requestRate(fields.object('request_rate_limiting')),
    subscriptionCounts: fields.boolean('subscription_count', false),
    cache: cache(fields.object('cache')),
    limits: limits(fields.object('limits')),
  }
  if (app.id.includes('/'))
    report.fault(fields.at('app_id'), 'must not have a slash in it: it is part of the paths of the HTTP API')
  fields.ignore('options')
  fields.warnOfUnknown()
  return app
}

function clientEventsFrom(value: string): App['clientEventsFrom'] {
  return value === 'all' || value === 'members' ? value : 'nobody'
}

function rateLimit(fields: Fields): RateLimit | null {
  const enabled = fields.boolean('enabled', false)
  const limit = { ...rate(fields, 60, 60), terminate: fields.boolean('terminate_on_limit', false) }
  fields.warnOfUnknown()
  return enabled ? limit : null
}

function requestRate(fields: Fields): Rate | null {
  const enabled = fields.boolean('enabled', false)
  const limit = rate(fields, 1000, 1)
  fields.warnOfUnknown()
  return enabled ? limit : null
}

function rate(fields: Fields, maxAttempts: number, decaySeconds: number): Rate {
  return {
    maxAttempts: fields.integer('max_attempts', maxAttempts, { min: 1 }),
    decaySeconds: fields.integer('decay_seconds', decaySeconds, { min: 1 }),
  }
}

function cache(fields: Fields): CacheLimits {
  const decoded = {
    ttlSeconds: fields.integer('ttl', 1800, { min: 0 }),
    maxChannels: fields.integer('max_channels', 10_000, { min: 0 }),
    maxBytes: fields.integer('max_bytes', 16 * 1024 * 1024, { min: 0 }),
  }
  fields.warnOfUnknown()
  return decoded
}

/** Pusher's own limits, where it has one. */
function limits(fields: Fields): Limits {
  const decoded = {
    channelsPerEvent: limit(fields, 'channels_per_event', 100),
    eventsPerBatch: limit(fields, 'events_per_batch', 10),
    eventNameLength: limit(fields, 'event_name_length', 200),
    eventDataBytes: limit(fields, 'event_data_bytes', 0),
    channelNameLength: limit(fields, 'channel_name_length', 200),
    channelsPerSocket: limit(fields, 'channels_per_socket', 0),
    presenceMembers: limit(fields, 'presence_members', 100),
    presenceUserInfoBytes: limit(fields, 'presence_user_info_bytes', 1024),
    clientEventsPerSecond: limit(fields, 'client_events_per_second', 10),
    watchlistUsers: limit(fields, 'watchlist_users', 100),
  }
  fields.warnOfUnknown()
  return decoded
}

/** 0 stands for no limit. */
function limit(fields: Fields, key: string, otherwise: number): number {
  return fields.integer(key, otherwise, { min: 0 }) || Number.POSITIVE_INFINITY
}
