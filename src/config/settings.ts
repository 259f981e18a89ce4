/** Decodes settings by their rows in the schema. */
import { type Fields, quote } from './decode.ts'
import type { BooleanRow, ChoiceRow, IntegerRow, Row, Rows, TextRow, TextsRow } from './schema/row.ts'

/** The type of a decoded setting. A row without a default may have none. */
export type SettingOf<R extends Row> = R extends BooleanRow
  ? boolean
  : R extends IntegerRow
    ? number
    : R extends TextsRow
      ? readonly string[]
      : R extends ChoiceRow<infer Value>
        ? Value
        : R extends TextRow
          ? R extends { readonly default: null; readonly isRequired?: never }
            ? string | null
            : string
          : never

export type SettingsOf<Group extends Rows> = { readonly [Name in keyof Group]: SettingOf<Group[Name]> }

/** The values of simple rows: those whose type, bounds and default say all that their decoding needs. */
export function settingsOf<Group extends Readonly<Record<string, Simple>>>(fields: Fields, rows: Group): SettingsOf<Group> {
  const values: Record<string, unknown> = {}
  for (const name in rows) values[name] = settingOf(fields, rows[name]!)
  return values as SettingsOf<Group>
}

type Simple = BooleanRow | IntegerRow | TextRow | TextsRow | (ChoiceRow & { readonly default: string })

/** A setting, with its default where it is absent or empty. A faulty one is reported, and has its default too. */
export function settingOf<R extends Simple>(fields: Fields, row: R): SettingOf<R> {
  return decoded(fields, row) as SettingOf<R>
}

function decoded(fields: Fields, row: Simple): unknown {
  switch (row.type) {
    case 'boolean':
      return fields.boolean(row.name, row.default)
    case 'integer':
      return integer(fields, row, row.default)
    case 'texts':
      return fields.texts(row.name, row.default)
    case 'choice':
      return choice(fields, row, row.default)
    case 'text':
      if (row.isRequired) return fields.requiredText(row.name, row.misnomers)
      return fields.optionalText(row.name) || row.default
  }
}

/** A whole number within the bounds of its row. @param fallback the value of an absent key */
export function integer(fields: Fields, row: IntegerRow, fallback: number): number {
  const number = fields.integer(row.name, fallback, { min: row.min ?? 0, max: row.max })
  return number === 0 ? (row.zero ?? 0) : number
}

/** One of the values of a row, as it is written there. @param fallback the value of an absent or faulty key */
export function choice<Value extends string>(fields: Fields, row: ChoiceRow<Value>, fallback: Value): Value {
  const given = fields.raw(row.name)
  const value = given === true ? given : fields.optionalText(row.name) || fallback
  const known = row.values.find(candidate => candidate === value)
  if (known === undefined) fields.fault(row.name, `must be ${alternatives(row.values)}, is ${quote(value)}`)
  return known ?? fallback
}

/** Such as `"a", "b" or "c"`. */
function alternatives(values: readonly string[]): string {
  const quoted = values.map(value => `"${value}"`)
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
}
