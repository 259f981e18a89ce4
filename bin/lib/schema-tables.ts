/** The tables of settings in the documentation, from the rows of the schema. */

import type { IntegerRow, Row } from '../../src/config/schema/row.ts'
import type { Setting } from '../../src/config/schema/schema.ts'

const none = 'none'

/**
 * The reference of docs/configuration.md, in the order of the published file.
 *
 * @param published the keys of that file
 */
export function referenceTable(schema: readonly Setting[], published: readonly string[]): string {
  const rows = schema.flatMap(({ key, row }) => (key === null ? [] : [{ key, row }]))
  const sorted = rows.toSorted((one, other) => rank(one.key, published) - rank(other.key, published))
  return table(
    ['Key', 'Variable', 'Default', 'Meaning'],
    sorted.map(({ key, row }) => [code(key), variable(row), publishedDefault(row), withAll(row)]),
  )
}

/** The members of the document, for docs/bridge.md. The limits of an app have a table of their own. */
export function documentTable(schema: readonly Setting[]): string {
  const rows = inDocument(schema).filter(({ path }) => !path.startsWith('apps[].limits.'))
  return table(
    ['key', 'default', 'meaning'],
    rows.map(({ path, row }) => [code(path), row.isRequired ? 'required' : absent(row), meaningIn(row)]),
  )
}

export function limitsTable(schema: readonly Setting[]): string {
  const rows = inDocument(schema).filter(({ path }) => path.startsWith('apps[].limits.'))
  return table(
    ['key', 'default', 'meaning', '`pusher`'],
    rows.map(({ row }) => [code(row.name), absent(row), meaningIn(row), row.name === 'preset' ? '' : ofPusher(row)]),
  )
}

function inDocument(schema: readonly Setting[]): { path: string; row: Row }[] {
  return schema.flatMap(({ path, row }) => (path === null ? [] : [{ path: path.replace('apps.*', 'apps[]'), row }]))
}

/** Keys that the published file does not have follow those under the same parent. */
function rank(key: string, published: readonly string[]): number {
  const index = published.indexOf(key)
  const parent = key.slice(0, key.lastIndexOf('.'))
  return index >= 0 ? index : published.findLastIndex(other => other === parent || other.startsWith(`${parent}.`)) + 0.5
}

function variable(row: Row): string {
  if (row.isUnpublished) return '*add*'
  return row.variable === undefined ? '—' : code(row.variable)
}

function publishedDefault(row: Row): string {
  const value = row.published === undefined ? row.default : row.published
  if (value === null || value === '' || value === Number.POSITIVE_INFINITY) return none
  return code(Array.isArray(value) ? `[${value.map(item => `'${item}'`).join(', ')}]` : String(value))
}

/** The default of the document, as JSON. */
function absent(row: Row): string {
  return json(row, row.default)
}

function ofPusher(row: Row): string {
  return json(row, ('pusher' in row ? row.pusher : undefined) ?? row.default)
}

function json(row: Row, value: Row['default']): string {
  if (value === Number.POSITIVE_INFINITY) return code('zero' in row ? '0' : 'null')
  return code(JSON.stringify(value))
}

/** For docs/bridge.md: links to sections are to those of docs/configuration.md. */
function meaningIn(row: Row): string {
  return sentences([row.meaning, ...bounds(row)]).replaceAll('](#', '](configuration.md#')
}

function withAll(row: Row): string {
  const isOther = row.published !== undefined && row.default !== null
  const withoutKey = isOther ? [`Without the key: ${code(String(row.default))}`] : []
  return sentences([row.meaning, ...bounds(row), ...withoutKey, ...(row.option ? [`Option: ${code(row.option)}`] : [])])
}

function bounds(row: Row): string[] {
  return row.type === 'integer' ? [...range(row), ...zero(row)] : []
}

function range({ min, max }: IntegerRow): string[] {
  if (max === undefined) return min === undefined ? [] : [`At least ${min}`]
  return [min === undefined ? `At most ${sized(max)}` : `From ${min} to ${sized(max)}`]
}

function zero(row: IntegerRow): string[] {
  if (row.zero === undefined) return []
  return [`${code('0')}: ${row.zero === Number.POSITIVE_INFINITY ? 'no limit' : sized(row.zero)}`]
}

function sized(value: number): string {
  if (value > 0 && value % 2 ** 30 === 0) return `${value / 2 ** 30} GiB (${code(String(value))})`
  return value > 0 && value % 2 ** 20 === 0 ? `${value / 2 ** 20} MiB` : String(value)
}

function sentences(parts: readonly string[]): string {
  return parts.join('. ')
}

function code(text: string): string {
  return `\`${text}\``
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`)
  return `${lines.join('\n').replace(/^\| --- .*$/m, rule => rule.replaceAll(' ', ''))}\n`
}
