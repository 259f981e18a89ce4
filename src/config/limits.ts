/** Decodes an app's `limits` → Limits. */
import type { Limits } from '../core/app.ts'
import { type Fields, quote } from './decode.ts'
import * as schema from './schema/limits.ts'
import type { ChoiceRow, IntegerRow } from './schema/row.ts'
import { choice, integer } from './settings.ts'

/** Decodes a preset, and single limits that override it. */
export function limits(fields: Fields): Limits {
  const isPusher = preset(fields)
  const decode = (row: IntegerRow | ChoiceRow) => {
    if (row.type === 'integer') return integer(fields, row, (isPusher ? row.pusher : undefined) ?? row.default)
    return choice(fields, row, ((isPusher ? row.pusher : undefined) ?? row.default)!)
  }
  const decoded = Object.entries(schema.limits).map(([name, row]) => [name, decode(row)])
  fields.warnOfUnknown()
  return Object.fromEntries(decoded) as Limits
}

/** Whether the limits are Pusher's where they are not set. */
function preset(fields: Fields): boolean {
  const { name, values } = schema.preset.preset
  const given = fields.raw(name)
  if (given === values[0]) return true
  if (given !== undefined && given !== '' && given !== false)
    fields.fault(name, `must be "pusher", for the limits that Pusher documents, or empty, for none, is ${quote(given)}`)
  return false
}
