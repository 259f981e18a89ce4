/** Decodes the document's `scaling` → Scaling. */
import type { Scaling } from './config.ts'
import type { Fields } from './decode.ts'
import { redis } from './redis.ts'
import * as schema from './schema/scaling.ts'
import { settingOf } from './settings.ts'

/** Where scaling is not enabled, its other settings are not checked. */
export function scaling(fields: Fields): Scaling | null {
  if (!settingOf(fields, schema.scaling.isEnabled)) return null
  const decoded = {
    channel: `revurb:${settingOf(fields, schema.scaling.channel)}`,
    key: settingOf(fields, schema.scaling.secret),
    redis: redis(fields.object('server')),
  }
  fields.warnOfUnknown()
  return decoded
}
