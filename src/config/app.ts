/** Decodes the document's `apps` → App[]. */
import type { App, CacheLimits, Rate, RateLimit } from '../core/app.ts'
import { asBoolean, Fields, quote, type Report } from './decode.ts'
import { limits } from './limits.ts'

/** The largest size that can be configured, 1 GiB: Bun's own limits can be set above it, so that a larger message is answered. */
const maxBytes = 2 ** 30
/** The limit where a size is 0, 16 MiB: without any, one client could use up all memory. */
const ceilingBytes = 16 * 1024 * 1024

export function decodeApps(list: unknown, report: Report): App[] {
  if (!Array.isArray(list) || list.length === 0) {
    report.fault('apps', 'must be a list of at least one app')
    return []
  }
  const apps = list.map((value, i) => decodeApp(Fields.of(value, `apps.${i}`, report)))
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

function decodeApp(fields: Fields): App {
  const app: App = {
    id: pathPart(fields, 'app_id', ['id', 'appId']),
    key: pathPart(fields, 'key', ['app_key', 'appKey']),
    secret: fields.requiredText('secret', ['app_secret', 'appSecret']),
    enabled: fields.boolean('enabled', true),
    allowedOrigins: fields.texts('allowed_origins', ['*']),
    allowMissingOrigin: fields.boolean('allow_missing_origin', false),
    checksProtocol: fields.boolean('check_protocol', false),
    // Reverb takes every socket for inactive at 0, and checks once a minute.
    pingIntervalSeconds: fields.integer('ping_interval', 60, { min: 0 }) || 60,
    activityTimeoutSeconds: activityTimeout(fields),
    maxConnections: maxConnections(fields),
    maxMessageBytes: sizeInBytes(fields, 'max_message_size'),
    clientEventsFrom: clientEventsFrom(fields),
    rateLimit: rateLimit(fields.object('rate_limiting')),
    requestRate: requestRate(fields.object('request_rate_limiting')),
    subscriptionCounts: fields.boolean('subscription_count', false),
    cache: cache(fields.object('cache')),
    limits: limits(fields.objectOrText('limits', 'preset')),
  }
  fields.ignore('options')
  fields.warnOfUnknown()
  return app
}

/** Ids and keys are parts of paths, and clients do not encode them. White space is encoded by browsers and HTTP clients. */
function pathPart(fields: Fields, key: string, misnomers: readonly string[]): string {
  const value = fields.requiredText(key, misnomers)
  if (/[/?#%\p{Cc}]|^\.\.?$/u.test(value))
    fields.fault(key, 'must hold no "/", "?", "#", "%" or control character: it is part of paths, and clients do not encode it')
  return value
}

/** A size, in which 0 stands for the largest limit. */
export function sizeInBytes(fields: Fields, key: string): number {
  return fields.integer(key, 10_000, { min: 0, max: maxBytes }) || ceilingBytes
}

function activityTimeout(fields: Fields): number {
  const seconds = fields.integer('activity_timeout', 30, { min: 0 })
  if (seconds === 0) fields.warn('activity_timeout', 'is 0, with which pusher-js and Echo do not connect')
  return seconds
}

function maxConnections(fields: Fields): number {
  if (fields.raw('max_connections') === false) return Number.POSITIVE_INFINITY
  const count = fields.optionalInteger('max_connections', { min: 0 })
  if (count === 0) fields.warn('max_connections', 'is 0, so that no client can connect; leave it empty for no limit')
  return count ?? Number.POSITIVE_INFINITY
}

/** Any other value refuses all client events, as in Reverb. One that may be a typing error is reported. */
function clientEventsFrom(fields: Fields): App['clientEventsFrom'] {
  const key = 'accept_client_events_from'
  const given = fields.raw(key)
  const value = typeof given === 'boolean' ? String(given) : fields.text(key, 'all')
  if (value === 'all' || value === 'members') return value
  if (!['', 'none'].includes(value.toLowerCase()) && asBoolean(value) !== false)
    fields.warn(key, `must be "all", "members" or "none", is ${quote(value)}: client events are refused`)
  return 'none'
}

function rateLimit(fields: Fields): RateLimit | null {
  if (!isOn(fields, ['max_attempts', 'decay_seconds', 'terminate_on_limit'])) return null
  const enabled = fields.raw('enabled')
  if (enabled !== true && enabled !== 'true')
    fields.warn('enabled', `is ${quote(enabled)} and turns the rate limit on, which Reverb does for true alone`)
  const limit = { ...rate(fields, 60, 0), terminate: fields.boolean('terminate_on_limit', false) }
  fields.warnOfUnknown()
  if (limit.decaySeconds > 0) return limit
  fields.warn('decay_seconds', 'is 0, so that nothing is limited')
  return null
}

function requestRate(fields: Fields): Rate | null {
  if (!isOn(fields, ['max_attempts', 'decay_seconds'])) return null
  const limit = rate(fields, 1000, 1)
  fields.warnOfUnknown()
  return limit
}

/** Whether a group of settings is enabled. Where it is not, the other settings of the group are not checked. */
function isOn(fields: Fields, rest: readonly string[]): boolean {
  if (fields.boolean('enabled', false)) return true
  for (const key of rest) fields.ignore(key)
  fields.warnOfUnknown()
  return false
}

/** The window lasts one second where none is configured, as in Reverb. */
function rate(fields: Fields, maxAttempts: number, minDecaySeconds: number): Rate {
  return {
    maxAttempts: fields.integer('max_attempts', maxAttempts, { min: 1 }),
    decaySeconds: fields.integer('decay_seconds', 1, { min: minDecaySeconds }),
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
