/** docs/configuration.md and docs/bridge.md, compared with the schema and with the code that reads the configuration. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeDocument } from '../../src/config/bridge.ts'
import { Fields, Report } from '../../src/config/decode.ts'
import { limits } from '../../src/config/limits.ts'
import { schema } from '../../src/config/schema/schema.ts'
import { limitsInForce } from '../../src/runtime/limits.ts'

const read = (path: string) => readFileSync(join(import.meta.dir, '../..', path), 'utf8')
const configuration = read('docs/configuration.md')

test('the generated tables, and what PHP has of the schema, are what make schema writes', () => {
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, join(import.meta.dir, '../../bin/schema.ts'), '--check'])
  expect(stderr.toString()).toBe('')
  expect(exitCode).toBe(0)
})

test('the schema has every key that PHP reads of the Redis for scaling', () => {
  const parent = 'servers.reverb.scaling.server.'
  const known = new Set(schema.flatMap(({ key }) => (key?.startsWith(parent) ? [key.slice(parent.length)] : [])))
  expect(keysOfRedis().filter(key => !known.has(key))).toEqual([])
  expect(keysOfRedis().length).toBeGreaterThan(10)
})

describe('the limits', () => {
  const [presets, defaults] = [limitsWith({ preset: 'pusher' }), limitsWith({})]

  test('of docs/configuration.md are those of the preset, and those without it', () => {
    const documented = tableBelow(configuration, '## Limits').map(([key = '', preset = '', value = '']) =>
      [key, preset, value].map(bare),
    )
    const inCode = Object.keys(presets).map(name => [name, shown(presets[name]), shown(defaults[name])])
    expect(documented.sort()).toEqual(inCode.sort())
  })

  test('that the log names are shown as it writes them', () => {
    const apps = [{ app_id: '123456', key: 'k', secret: 's' }]
    for (const sentence of limitsInForce(decodeDocument(JSON.stringify({ version: 1, apps })).config))
      expect(configuration).toContain(`INFO  ${sentence}\n`)
    const raised = [{ ...apps[0], limits: { presence_members: 500 } }]
    const sentences = limitsInForce(decodeDocument(JSON.stringify({ version: 1, apps: raised })).config)
    expect(configuration).toContain(`INFO  ${sentences.at(-1)}\n`)
  })
})

test('an error is shown as the server writes it', () => {
  const document = { version: 1, server: { port: '80a' }, apps: [{ app_id: '1', key: 'k', secret: 's' }] }
  expect(() => decodeDocument(JSON.stringify(document))).toThrow(/^servers.reverb.port .*"80a"$/)
  const sentence = messageOf(() => decodeDocument(JSON.stringify(document)))
  expect(configuration).toContain(`ERROR  ${sentence}\n`)
})

/** The rows of the first table below a line that begins with a text, as lists of cells. */
function tableBelow(page: string, heading: string): string[][] {
  const start = page.indexOf(`\n${heading}`)
  if (start < 0) throw new Error(`the page has no line that begins with "${heading}"`)
  const [table = ''] = /(?:^\|.*\n)+/m.exec(page.slice(start)) ?? []
  return table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map(row => row.replace(/^\| | \|$/g, '').split(' | '))
}

/** A cell without the marks of code. */
function bare(cell: string): string {
  return /^`(.*)`$/.exec(cell.trim())?.[1] ?? cell.trim()
}

/** The keys that PHP reads of `scaling.server`. `context` is a group, and is documented by its keys. */
function keysOfRedis(): string[] {
  const files = ['RedisAddress', 'RedisHost', 'RedisSettings', 'RedisTls'].map(name => read(`php-bridge/Bridge/${name}.php`))
  const found = files.flatMap(text => [...text.matchAll(/(?:\bsettings\[|\bgiven\()'(\w+)'/g)].map(match => match[1]!))
  return [...new Set(found)].filter(key => key !== 'context')
}

/** The limits of an app, under their names in the configuration. */
function limitsWith(values: object): Record<string, unknown> {
  const decoded = Object.entries(limits(Fields.of(values, '', new Report())))
  return Object.fromEntries(
    decoded.map(([name, value]) => [name.replace(/[A-Z]/g, capital => `_${capital.toLowerCase()}`), value]),
  )
}

function shown(value: unknown): string {
  return value === Number.POSITIVE_INFINITY ? 'none' : String(value)
}

function messageOf(throws: () => unknown): string {
  try {
    throws()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
