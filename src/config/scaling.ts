/** Decodes the document's `scaling` → Scaling. */
import type { Scaling } from './config.ts'
import type { Fields } from './decode.ts'
import { redis } from './redis.ts'

/** Where scaling is not enabled, its other settings are not checked. */
export function scaling(fields: Fields): Scaling | null {
  if (!fields.boolean('enabled', false)) return null
  const decoded = {
    channel: `revurb:${fields.text('channel', 'reverb')}`,
    key: fields.requiredText('secret'),
    redis: redis(fields.object('server')),
  }
  fields.warnOfUnknown()
  return decoded
}
