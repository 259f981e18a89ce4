/** The tables of docs/configuration.md and docs/bridge.md, compared with the code that reads the configuration. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeApps } from '../../src/config/app.ts'
import { decodeDocument } from '../../src/config/bridge.ts'
import { Fields, Report } from '../../src/config/decode.ts'
import { limits } from '../../src/config/limits.ts'
import { redis } from '../../src/config/redis.ts'
import { limitsInForce } from '../../src/runtime/limits.ts'

const read = (path: string) => readFileSync(join(import.meta.dir, '../..', path), 'utf8')
const configuration = read('docs/configuration.md')
const bridge = read('docs/bridge.md')

/** A variable of .env, and a default. */
type Setting = { readonly variable: string; readonly default: string }

const noVariable = '—'
/** In place of a variable: the published file does not have the key. */
const added = '*add*'
const none = 'none'

describe('the reference of docs/configuration.md', () => {
  const rows = tableBelow(configuration, '## Reference').map(([key = '', variable = '', value = '']) => ({
    key: bare(key),
    setting: { variable: bare(variable), default: bare(value) },
  }))
  const published = publishedSettings()

  test('has each key once', () => {
    const keys = rows.map(({ key }) => key)
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
  })

  test('has every key of the published file, with its variable and its default, and marks all others', () => {
    const documented = rows.filter(({ setting }) => setting.variable !== added)
    expect(Object.fromEntries(documented.map(({ key, setting }) => [key, setting]))).toEqual(Object.fromEntries(published))
  })

  test('has every key that the code reads beyond the published file, and no other', () => {
    const documented = rows.filter(({ setting }) => setting.variable === added).map(({ key }) => key)
    const beyond = keysInCode().filter(key => !published.has(key))
    expect(documented.sort()).toEqual([...new Set(beyond)].sort())
  })

  test('has every key that the server reads of an app', () => {
    const documented = new Set(rows.map(({ key }) => /^apps\.apps\.\*\.(\w+)/.exec(key)?.[1]))
    expect(keysOfApps().filter(key => !documented.has(key))).toEqual([])
  })

  test('has the limits of an app with their defaults', () => {
    const defaults = limitsWith({})
    for (const { key, setting } of rows) {
      const name = /^apps\.apps\.\*\.limits\.(\w+)$/.exec(key)?.[1]
      if (name !== undefined && name !== 'preset') expect([name, setting.default]).toEqual([name, shown(defaults[name])])
    }
  })
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

  test('of docs/bridge.md are those of the preset, and those without it', () => {
    const documented = tableBelow(bridge, '`apps[].limits` is').filter(([key]) => key !== '`preset`')
    const values = documented.map(([key = '', value = '', , preset = '']) =>
      [key, preset, value].map(text => bare(text).replaceAll('"', '')),
    )
    const zero = (value: unknown) => (value === Number.POSITIVE_INFINITY ? '0' : String(value))
    expect(values.sort()).toEqual(
      Object.keys(presets)
        .map(name => [name, zero(presets[name]), zero(defaults[name])])
        .sort(),
    )
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

test('docs/bridge.md has every key of the document', () => {
  const source = read('src/config/bridge.ts')
  const ofDocument = [...source.matchAll(/\bdocument\.\w+\('(\w+)'/g)].map(match => match[1]!)
  const ofServer = [...source.matchAll(/\b(?:server\.\w+\(|sizeInBytes\(server, )'(\w+)'/g)].map(match => `server.${match[1]}`)
  const groups = ['server', 'scaling', 'apps']
  const documented = new Set(tableBelow(bridge, '## The document, version 1').flatMap(([keys = '']) => names(keys)))
  expect(ofServer.length).toBeGreaterThan(10)
  const expected = [...ofDocument.filter(key => !groups.includes(key)), ...ofServer, ...keysOfApps().map(key => `apps[].${key}`)]
  expect([...new Set(expected)].filter(key => !documented.has(key))).toEqual([])
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

/** The names in a cell such as `` `apps[].app_id`, `key` ``, each with the group of the first. */
function names(cell: string): string[] {
  const [first = '', ...others] = [...cell.matchAll(/`([^`]+)`/g)].map(match => match[1]!)
  const group = first.replace(/\w+$/, '')
  return [first, ...others.map(name => `${group}${name}`)]
}

/** The keys of config/reverb.php as it is published. It has one a line, on which `reverb:config --new` relies too. */
function publishedSettings(): Map<string, Setting> {
  const settings = new Map<string, Setting>()
  const groups: string[] = []
  const [, body = ''] = /^return \[\n(.*)^\];/ms.exec(read('php-bridge/config/reverb.php')) ?? []
  for (const line of body.split('\n').map(text => text.trim())) {
    if (line === '' || line.startsWith('//')) continue
    const [, key, value = ''] = /^(?:'(\w+)' => )?(.*?),?$/.exec(line) ?? []
    if (value === '[') groups.push(key ?? '*')
    else if (value === ']') groups.pop()
    else settings.set([...groups, key].join('.'), settingOf(value))
  }
  if (groups.length > 0 || settings.size === 0) throw new Error('config/reverb.php has not one key a line')
  return settings
}

/** @param value an expression of PHP: a literal, `env('NAME', literal)`, or a comparison of that with a literal */
function settingOf(value: string): Setting {
  const [, variable, fallback, compared] = /^env\('(\w+)'(?:, ([^)]+))?\)(?: === (.+))?$/.exec(value) ?? []
  if (variable === undefined) return { variable: noVariable, default: literal(value) }
  const known = fallback === undefined ? none : literal(fallback)
  return { variable, default: compared === undefined ? known : String(known === literal(compared)) }
}

function literal(text: string): string {
  if (/^[\d_]+$/.test(text)) return text.replaceAll('_', '')
  if (/^(true|false|\[.*\])$/.test(text)) return text
  const quoted = /^'(.*)'$/.exec(text)
  if (quoted === null) throw new Error(`config/reverb.php has a value that this test cannot read: ${text}`)
  return quoted[1] || none
}

/** The keys that the code reads where the published file may lack them. */
function keysInCode(): string[] {
  const ofTls = [...read('src/config/bridge.ts').matchAll(/\boptions\.(?:optionalText|text|boolean)\('(\w+)'/g)].map(
    match => match[1],
  )
  const ofRedisTls = keysRead(tls => redis(fields({ tls }))).filter(key => key !== 'peer_fingerprint')
  return [
    ...ofTls.map(key => `servers.reverb.options.tls.${key}`),
    ...ofRedisTls.map(key => `servers.reverb.scaling.server.context.stream.${key}`),
    ...keysOfRedis().map(key => `servers.reverb.scaling.server.${key}`),
    ...keysRead(values => limits(fields(values))).map(key => `apps.apps.*.limits.${key}`),
  ]
}

/** The keys that PHP reads of `scaling.server`. `context` is a group, and is documented by its keys. */
function keysOfRedis(): string[] {
  const files = ['RedisAddress', 'RedisHost', 'RedisSettings', 'RedisTls'].map(name => read(`php-bridge/Bridge/${name}.php`))
  const found = files.flatMap(text => [...text.matchAll(/(?:\bsettings\[|\bgiven\()'(\w+)'/g)].map(match => match[1]!))
  return [...new Set(found)].filter(key => key !== 'context')
}

function keysOfApps(): string[] {
  const required = { app_id: '1', key: 'k', secret: 's' }
  return keysRead(app => decodeApps([app], new Report()), required)
}

/** The keys that a decoder reads of an object. */
function keysRead(decode: (values: object) => unknown, values: Record<string, unknown> = {}): string[] {
  const keys = new Set<string>()
  const get = (target: Record<string, unknown>, key: string | symbol) => {
    keys.add(String(key))
    return target[String(key)]
  }
  decode(new Proxy(values, { get }))
  return [...keys]
}

function fields(values: object): Fields {
  return Fields.of(values, '', new Report())
}

/** The limits of an app, under their names in the configuration. */
function limitsWith(values: object): Record<string, unknown> {
  const decoded = Object.entries(limits(fields(values)))
  return Object.fromEntries(
    decoded.map(([name, value]) => [name.replace(/[A-Z]/g, capital => `_${capital.toLowerCase()}`), value]),
  )
}

function shown(value: unknown): string {
  return value === Number.POSITIVE_INFINITY ? none : String(value)
}

function messageOf(throws: () => unknown): string {
  try {
    throws()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
