/** The schema is in itself sound, and the published config/reverb.php has its keys, variables and values. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publishedKeys } from '../../../bin/lib/published-file.ts'
import { type ConfigError, decodeDocument } from '../../../src/config/bridge.ts'
import type { Fault } from '../../../src/config/decode.ts'
import type { Row } from '../../../src/config/schema/row.ts'
import { schema } from '../../../src/config/schema/schema.ts'

const file = publishedKeys(readFileSync(join(import.meta.dir, '../../../php-bridge/config/reverb.php'), 'utf8'))
const ofFile = schema.filter(({ key, row }) => key !== null && !row.isUnpublished)

describe('the schema', () => {
  test('has each path and each key once', () => {
    for (const name of ['path', 'key'] as const) {
      const names = schema.map(setting => setting[name]).filter(found => found !== null)
      expect(names.filter((found, i) => names.indexOf(found) !== i)).toEqual([])
    }
  })

  test('has no default that its own bounds refuse', () => {
    const faulty = schema.filter(({ row }) => !isWithin(row))
    expect(faulty.map(({ key, path }) => key ?? path)).toEqual([])
  })

  test('has a variable, an option or another published value only for what the published file has', () => {
    const faulty = schema.filter(
      ({ key, row }) =>
        (key === null || row.isUnpublished) && (row.variable ?? row.option ?? row.published ?? undefined) !== undefined,
    )
    expect(faulty.map(({ key, path }) => key ?? path)).toEqual([])
  })
})

test.each(schema.flatMap(({ path }) => (path === null ? [] : [path])))('the decoder knows %s', path => {
  const on = { enabled: true }
  const document = {
    version: 1,
    server: {},
    scaling: { ...on, secret: 's', server: { tls: {} } },
    apps: [{ app_id: '1', key: 'k', secret: 's', rate_limiting: on, request_rate_limiting: on }],
  }
  const reported = problemsOf(JSON.stringify(withValue(document, path.replace('*', '0').split('.'), 'no such value')))
  expect(reported.filter(({ message }) => message.startsWith('is not known'))).toEqual([])
})

describe('the published config/reverb.php', () => {
  test('has every key of the schema that is not marked as unpublished, and no other', () => {
    expect([...file.keys()].sort()).toEqual(ofFile.map(({ key }) => key!).sort())
  })

  test.each(ofFile.map(({ key, row }) => [key!, row] as const))('has %s with its variable and its value', (key, row) => {
    expect(file.get(key)).toEqual({ variable: row.variable, value: publishedValue(row) })
  })
})

/** The value in the published file. Numbers of Redis are texts there, as in Laravel's config/database.php. */
function publishedValue(row: Row): unknown {
  const value = row.published === undefined ? row.default : row.published
  if (value === Number.POSITIVE_INFINITY) return null
  return ['REDIS_PORT', 'REDIS_DB'].includes(row.variable ?? '') ? String(value) : value
}

function isWithin(row: Row): boolean {
  if (row.type === 'choice') return row.default === null || row.values.includes(row.default)
  if (row.type !== 'integer') return true
  const { min = 0, max = Number.POSITIVE_INFINITY, zero, pusher = row.default } = row
  return [row.default, pusher].every(value => value >= min && value <= max) && (zero === undefined || min === 0)
}

function withValue(parent: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value
  if (Array.isArray(parent)) return parent.map((item, i) => (String(i) === name ? withValue(item, rest, value) : item))
  const members = (parent ?? {}) as Record<string, unknown>
  return { ...members, [name]: withValue(members[name], rest, value) }
}

/** The faults of a document, or its warnings if it has none. */
function problemsOf(document: string): readonly Fault[] {
  try {
    return decodeDocument(document).warnings
  } catch (error) {
    return (error as ConfigError).faults
  }
}
