/** Decodes the document's `apps` → App[]. */
import type { App, CacheLimits, Rate, RateLimit } from '../core/app.ts'
import { asBoolean, Fields, quote, type Report } from './decode.ts'
import { limits } from './limits.ts'
import * as schema from './schema/app.ts'
import { choice, settingOf, settingsOf } from './settings.ts'

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
        report.fault(`apps.${i}.${schema.credentials[name].name}`, 'is that of another app too')
      seen.add(app[name])
    })
  }
  return apps
}

/** Settings that need no more than their rows. */
const { clientEventsFrom: _, maxConnections: __, ...simple } = schema.app

function decodeApp(fields: Fields): App {
  const app: App = {
    id: pathPart(fields, schema.credentials.id),
    key: pathPart(fields, schema.credentials.key),
    secret: settingOf(fields, schema.credentials.secret),
    ...settingsOf(fields, simple),
    maxConnections: maxConnections(fields),
    clientEventsFrom: clientEventsFrom(fields),
    rateLimit: rateLimit(fields.object('rate_limiting')),
    requestRate: requestRate(fields.object('request_rate_limiting')),
    cache: cache(fields.object('cache')),
    limits: limits(fields.objectOrText('limits', 'preset')),
  }
  if (app.activityTimeoutSeconds === 0)
    fields.warn(schema.app.activityTimeoutSeconds.name, 'is 0, with which pusher-js and Echo do not connect')
  fields.ignore('options')
  fields.warnOfUnknown()
  return app
}

/** Ids and keys are parts of paths, and clients do not encode them. White space is encoded by browsers and HTTP clients. */
function pathPart(fields: Fields, row: typeof schema.credentials.id | typeof schema.credentials.key): string {
  const value = settingOf(fields, row)
  if (/[/?#%\p{Cc}]|^\.\.?$/u.test(value))
    fields.fault(
      row.name,
      'must hold no "/", "?", "#", "%" or control character: it is part of paths, and clients do not encode it',
    )
  return value
}

function maxConnections(fields: Fields): number {
  const row = schema.app.maxConnections
  if (fields.raw(row.name) === false) return row.default
  const count = settingOf(fields, row)
  if (count === 0) fields.warn(row.name, 'is 0, so that no client can connect; leave it empty for no limit')
  return count
}

/** Also accepts what Reverb's users write to switch client events off: an empty text, `false`, and `none` in any case. */
function clientEventsFrom(fields: Fields): App['clientEventsFrom'] {
  const row = schema.app.clientEventsFrom
  const given = fields.raw(row.name)
  const isOff = given === '' || asBoolean(given) === false || (typeof given === 'string' && given.toLowerCase() === 'none')
  return isOff ? 'none' : choice(fields, row, row.default)
}

function rateLimit(fields: Fields): RateLimit | null {
  const { isEnabled, ...rows } = schema.rateLimiting
  if (!isOn(fields, schema.rateLimiting)) return null
  const enabled = fields.raw(isEnabled.name)
  if (enabled !== true && enabled !== 'true')
    fields.warn(isEnabled.name, `is ${quote(enabled)} and turns the rate limit on, which Reverb does for true alone`)
  const limit = settingsOf(fields, rows)
  fields.warnOfUnknown()
  if (limit.decaySeconds > 0) return limit
  fields.warn(rows.decaySeconds.name, 'is 0, so that nothing is limited')
  return null
}

function requestRate(fields: Fields): Rate | null {
  const { isEnabled: _, ...rows } = schema.requestRateLimiting
  if (!isOn(fields, schema.requestRateLimiting)) return null
  const limit = settingsOf(fields, rows)
  fields.warnOfUnknown()
  return limit
}

/** Whether a group of settings is enabled. Where it is not, the other settings of the group are not checked. */
function isOn(fields: Fields, rows: typeof schema.rateLimiting | typeof schema.requestRateLimiting): boolean {
  if (settingOf(fields, rows.isEnabled)) return true
  for (const { name } of Object.values(rows)) fields.ignore(name)
  fields.warnOfUnknown()
  return false
}

function cache(fields: Fields): CacheLimits {
  const decoded = settingsOf(fields, schema.cache)
  fields.warnOfUnknown()
  return decoded
}
