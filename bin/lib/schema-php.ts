/** Writes the PHP class with what PHP needs of the schema. */

import type { Row } from '../../src/config/schema/row.ts'
import type { Setting } from '../../src/config/schema/schema.ts'

type Value = string | number | boolean | null | readonly Value[]

const server = 'servers.reverb.'
const revurb = 'servers.reverb.revurb.'
const redis = 'servers.reverb.scaling.server.'
const app = 'apps.apps.*.'

export function schemaClass(schema: readonly Setting[]): string {
  const constants = [
    constant(
      'SERVER',
      'Keys of `servers.reverb` that the `server` of the document has under the same names.',
      passedOn(schema, server),
    ),
    constant('REVURB', 'The same of `servers.reverb.revurb`.', passedOn(schema, revurb)),
    constant(
      'REVURB_OF_PHP',
      'Keys of `servers.reverb.revurb` that PHP alone uses.',
      schema.filter(({ key, path }) => path === null && key?.startsWith(revurb)).map(({ row }) => row.name),
    ),
    constant('REDIS_ADDED', "Revurb's own keys in the settings of the Redis for scaling.", ours(schema, redis)),
    constant('APP_ADDED', "Revurb's own keys in an app.", ours(schema, app)),
    constant('APP_GROUPS', 'Keys of an app that contain others, in the document too.', groups(schema)),
    constant(
      'DEFAULTS',
      'The values of absent keys, where there is one.',
      byKey(schema, ({ row }) => plain(row.default)),
    ),
    constant(
      'ZEROS',
      'What 0 stands for, where it is neither 0 nor no limit.',
      byKey(schema, ({ row }) => ofInteger(row, 'zero')),
    ),
    constant(
      'MAXIMA',
      'The largest numbers that the server accepts.',
      byKey(schema, ({ row }) => ofInteger(row, 'max')),
    ),
    constant('PLACES', 'Keys by their paths in the document, except those of apps.', places(schema)),
  ]
  return `<?php

declare(strict_types=1);

namespace Revurb\\Bridge;

/**
 * What PHP needs of the schema of the configuration, which is in src/config/schema. \`make schema\` writes this file from it.
 */
final class Schema
{
${constants.join('\n\n')}
}
`
}

/** Names of keys right under a prefix that have the same name right under \`server\` in the document. */
function passedOn(schema: readonly Setting[], prefix: string): string[] {
  return schema
    .filter(({ key, path, row }) => key === `${prefix}${row.name}` && path === `server.${row.name}`)
    .map(({ row }) => row.name)
}

/** The first parts, below a prefix, of the keys that are Revurb's own. */
function ours(schema: readonly Setting[], prefix: string): string[] {
  const keys = schema.flatMap(({ key, row }) => (row.isOurs && key?.startsWith(prefix) ? [key.slice(prefix.length)] : []))
  return [...new Set(keys.map(key => key.split('.')[0]!))]
}

function groups(schema: readonly Setting[]): string[] {
  const parts = schema.map(({ path }) => /^apps\.\*\.(\w+)\.\w+$/.exec(path ?? '')?.[1])
  return [...new Set(parts.filter(part => part !== undefined))]
}

function byKey(schema: readonly Setting[], value: (setting: Setting) => Value | undefined): [string, Value][] {
  return schema.flatMap(setting => {
    const found = value(setting)
    return setting.key === null || found == null ? [] : [[setting.key, found]]
  })
}

function places(schema: readonly Setting[]): [string, Value][] {
  return schema.flatMap(({ path, key }) => (path === null || key === null || path.startsWith('apps.') ? [] : [[path, key]]))
}

function ofInteger(row: Row, name: 'zero' | 'max'): Value | undefined {
  const value = row.type === 'integer' ? row[name] : undefined
  return value === undefined ? undefined : plain(value)
}

function plain(value: Row['default']): Value {
  return value === Number.POSITIVE_INFINITY ? null : value
}

function constant(name: string, comment: string, values: readonly string[] | readonly [string, Value][]): string {
  const head = `    /** ${comment} */\n    public const ${name} = `
  if (values.every(value => typeof value === 'string')) return `${head}${php(values)};`
  return `${head}[\n${values.map(([key, value]) => `        ${php(key!)} => ${php(value!)},\n`).join('')}    ];`
}

function php(value: Value): string {
  if (typeof value === 'string') return `'${value.replaceAll(/['\\]/g, '\\$&')}'`
  return Array.isArray(value) ? `[${value.map(php).join(', ')}]` : String(value)
}
