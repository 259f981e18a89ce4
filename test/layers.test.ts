/** The layers of src/ and of test/, and what each may import and use, as src/README.md describes it. Each test names every offender. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { Glob } from 'bun'

const root = join(import.meta.dir, '..')
const sources = read('src/**/*.ts')
const files = [...sources.keys()]
const testSources = read('test/**/*.ts')

function read(pattern: string): Map<string, string> {
  const found = [...new Glob(pattern).scanSync(root)].sort()
  return new Map(found.map(file => [file, readFileSync(join(root, file), 'utf8')]))
}

const ofCore = (...names: readonly string[]) => names.map(name => `src/core/${name}.ts`)

/**
 * What each folder of src/ may import beside itself: folders, files and packages. Of core these are its entry points, and what has
 * nothing to do with its state.
 */
const allowed: Record<string, readonly string[]> = {
  protocol: [],
  core: ['src/protocol/'],
  config: ['src/core/app.ts', 'src/cluster/redis-address.ts'],
  cluster: ['src/protocol/', ...ofCore('replica', 'effect', 'entry')],
  http: ['src/protocol/', ...ofCore('hub', 'queries', 'effect', 'app', 'rate-limit', 'expiring-map', 'expiring-maps')],
  server: [
    'src/protocol/',
    ...ofCore('hub', 'replica', 'queries', 'effect', 'entry', 'app', 'allowance'),
    'src/config/',
    'src/http/',
    'src/cluster/',
    'node:',
  ],
  runtime: [
    'src/core/app.ts',
    'src/config/',
    'src/server/',
    'src/cluster/backplane.ts',
    'src/cluster/unix-socket.ts',
    'src/cluster/line-splitter.ts',
    'src/cluster/redis.ts',
    'src/cluster/redis-client.ts',
    'src/cluster/redis-address.ts',
    'package.json',
    'node:',
  ],
  cli: ['src/runtime/', 'package.json', 'citty'],
}

/** What single files may import in addition. */
const exceptions: Record<string, readonly string[]> = {
  'src/protocol/signature.ts': ['bun'],
  'src/server/unfinished.ts': ['bun:ffi'],
  'src/runtime/log.ts': ['consola'],
  'src/cluster/unix-socket.ts': ['node:fs', 'node:net', 'node:path'],
  'src/cluster/redis.ts': ['ioredis'],
  'src/cluster/redis-client.ts': ['ioredis'],
  'src/cluster/redis-reason.ts': ['ioredis'],
}

/** These folders neither do I/O nor read a clock: time, ids and randomness are arguments, effects are results. */
const pureFolders = ['protocol', 'core', 'config', 'http', 'cluster']

const impure = [
  String.raw`\b(?:Bun|process|performance|console|globalThis|navigator)\.`,
  String.raw`\bDate(?:\.now\b|\(\))|\bnew Date\b`,
  String.raw`\bMath\.random\b|\bcrypto\.`,
  String.raw`\bset(?:Timeout|Interval|Immediate)\b`,
  String.raw`(?<!\.)\bfetch\(|\bnew (?:WebSocket|Worker)\b`,
].join('|')

/** A hub, or one of its parts, and what is reached through it. */
const ofHub = String.raw`\b(?:hub|replica|queries)(?:[?!]?\.\w+(?:\([^()]*\))?)*`
const operators = String.raw`[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?`

/** The state of the core belongs to core: other folders neither read it, as they ask `Queries`, nor write what they reach through a hub. */
const touchesState = [
  String.raw`\bhub[?!]?\.state\b|\{[^{}]*\bstate\b[^{}]*\}\s*=\s*[\w.]*\bhub\b`,
  String.raw`${ofHub}[?!]?\.(?:set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill)\(`,
  String.raw`${ofHub}[?!]?\.\w+\s*(?:\+\+|--|(?:${operators})?=(?![=>]))`,
  String.raw`(?:\+\+|--|\bdelete\s+)[\w.]*${ofHub}\.\w`,
].join('|')

/** A function that is given the state, and so may change it. */
const givenState = /\bexport (?:async )?function\*? \w+(?:<[^>]*>)?\([^)]*\bState\b/

const maxLines = 250

/** What a suite may import from another one: the tools that record what a server answers. */
const sharedWithSuites = ['test/compat/lib/']

const folderOf = (file: string) => file.split('/')[1]!

/** Every import and re-export, also of types and by call; files as paths from the root. */
function importsOf(file: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g
  return [...(sources.get(file) ?? testSources.get(file)!).matchAll(pattern)]
    .map(match => match[1] ?? match[2]!)
    .map(name => (name.startsWith('.') ? normalize(join(file, '..', name)) : name))
}

const isWithin = (target: string, places: readonly string[]) =>
  places.some(place => (/[/:]$/.test(place) ? target.startsWith(place) : target === place))

const permissionsOf = (file: string) => [...allowed[folderOf(file)]!, ...(exceptions[file] ?? [])]

const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*/g, '')

/** Each match of the pattern in the code of these files, with its file and line. */
function uses(pattern: string, among: readonly string[]): string[] {
  return among.flatMap(file => {
    const code = sources.get(file)!.replaceAll(/\/\*[\s\S]*?\*\//g, comment => comment.replaceAll(/[^\n]/g, ' '))
    return code.split('\n').flatMap((line, i) => {
      const found = new RegExp(pattern).exec(withoutComments(line))
      return found === null ? [] : [`${file}:${i + 1} uses ${found[0]}`]
    })
  })
}

describe('src/', () => {
  test('every folder has its line in the table of permitted imports', () => {
    expect([...new Set(files.map(folderOf))].sort()).toEqual(Object.keys(allowed).sort())
  })

  test('every file imports only what its folder may', () => {
    const offenders = files.flatMap(file =>
      importsOf(file)
        .filter(target => !isWithin(target, [`src/${folderOf(file)}/`, ...permissionsOf(file)]))
        .map(target => `${file} imports ${target}`),
    )
    expect(offenders).toEqual([])
  })

  test('every permission to import is used', () => {
    const ofFolders = Object.entries(allowed).flatMap(([folder, places]) => {
      const targets = files.filter(file => folderOf(file) === folder).flatMap(importsOf)
      return places
        .filter(place => !targets.some(target => isWithin(target, [place])))
        .map(place => `${folder} never imports ${place}`)
    })
    const ofFiles = Object.entries(exceptions).flatMap(([file, places]) => {
      const targets = sources.has(file) ? importsOf(file) : []
      return places.filter(place => !targets.includes(place)).map(place => `${file} never imports ${place}`)
    })
    expect([...ofFolders, ...ofFiles]).toEqual([])
  })

  test('every relative import names a file that exists, with its extension', () => {
    const missing = files.flatMap(file =>
      importsOf(file)
        .filter(target => target.startsWith('src/') && !sources.has(target))
        .map(target => `${file} imports ${target}`),
    )
    expect(missing).toEqual([])
  })

  test('the check of imports recognises imports of values, of types, of packages, by call, and re-exports', () => {
    const commands = ['start', 'check', 'health'].map(name => `src/cli/${name}.ts`)
    expect(importsOf('src/cli/main.ts')).toEqual(['citty', 'package.json', ...commands])
    expect(importsOf('src/core/effect.ts')).toEqual(['src/protocol/errors.ts', 'src/protocol/refusal.ts', 'src/core/entry.ts'])
  })

  test('no import leads back to its own file', () => {
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      if (done.has(file) || path.includes(file)) return
      for (const target of importsOf(file)) if (sources.has(target)) visit(target, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
    expect(done.size).toBe(files.length)
  })

  test('signature.ts imports only hash functions from Bun', () => {
    const imported = [...sources.get('src/protocol/signature.ts')!.matchAll(/import (.*) from 'bun'/g)].map(match => match[1])
    expect(imported).toEqual(['{ CryptoHasher, MD5 }'])
  })

  test('protocol, core, config, http and cluster use no process, clock, randomness, timer or network', () => {
    expect(
      uses(
        impure,
        files.filter(file => pureFolders.includes(folderOf(file))),
      ),
    ).toEqual([])
  })

  test('the check of pure folders recognises what it forbids', () => {
    const forbidden = [
      'Bun.file(path)',
      'process.env',
      'Date.now()',
      'new Date(0)',
      'Date()',
      'Math.random()',
      'performance.now()',
    ]
    forbidden.push(
      'crypto.randomUUID()',
      'setTimeout(act, 1)',
      'setImmediate(act)',
      'fetch(url)',
      'new WebSocket(url)',
      'console.log()',
    )
    expect(forbidden.filter(code => !new RegExp(impure).test(code))).toEqual([])
    expect(
      uses(
        impure,
        files.filter(file => folderOf(file) === 'server'),
      ).length,
    ).toBeGreaterThan(0)
  })

  test('other folders import no file of core that exports a function on the state', () => {
    const imported = files.filter(file => folderOf(file) !== 'core').flatMap(importsOf)
    const offenders = new Set(imported.filter(file => file.startsWith('src/core/') && givenState.test(sources.get(file)!)))
    expect([...offenders]).toEqual([])
    expect(imported).not.toContain('src/core/state.ts')
  })

  test('other folders neither read nor write the state of a hub', () => {
    expect(
      uses(
        touchesState,
        files.filter(file => folderOf(file) !== 'core'),
      ),
    ).toEqual([])
  })

  test('the check of the state recognises what it forbids, and no call of a hub', () => {
    const forbidden = [
      'hub.state.sockets.size',
      'const { state } = this.options.hub',
      'const { queries, state: core } = parts.hub',
      'hub.queries.subscribers(topic).add(id)',
      'queries.apps.push(app)',
      'hub.queries.app(id)!.limits = limits',
      'this.hub.maxSockets = 1',
      'replica.received += 1',
      'replica.received ??= 1',
      'hub.sockets++',
      '--this.hub.sockets',
      'delete hub.queries.socket(id).appId',
    ]
    const permitted = [
      'const effects = hub.publish(app, publication, nowMs)',
      'const isOpen = hub.queries.isOpen(id) === true',
      'const send = () => hub.replica.remove(id, nowMs)',
      'new Admission({ queries: hub.queries, nowMs })',
      'if (hub.queries.areAppsKnown == known) return',
      'const { queries } = hub',
    ]
    const recognised = [...forbidden, ...permitted].filter(code => new RegExp(touchesState).test(code))
    expect(recognised).toEqual(forbidden)
    const onState = ['removeSocket', 'entriesOf<T>'].map(name => `export function ${name}(\n  state: State,\n): void {`)
    expect([...onState, 'export function appsOf(list: readonly App[]): Apps {'].filter(code => givenState.test(code))).toEqual(
      onState,
    )
    expect(files.filter(file => folderOf(file) === 'core' && givenState.test(sources.get(file)!)).length).toBeGreaterThan(10)
  })

  test('only listen.ts serves HTTP', () => {
    const serving = uses(String.raw`\bBun\.serve\b|\bserve\s*[<(]`, files).map(use => use.split(':')[0])
    expect(serving).toEqual(['src/server/listen.ts'])
  })

  test(`no file has more than ${maxLines} lines`, () => {
    const lines = files.map(file => [file, sources.get(file)!.trimEnd().split('\n').length] as const)
    expect(lines.filter(([, count]) => count > maxLines)).toEqual([])
  })

  test('README.md names every file, and no other', () => {
    const readme = readFileSync(join(root, 'src/README.md'), 'utf8')
    const named = readme.split(/^## /m).flatMap(section => {
      const folder = /^(\w+)\//.exec(section)?.[1]
      return folder === undefined ? [] : [...section.matchAll(/^\| `([^`]+)`/gm)].map(match => `src/${folder}/${match[1]}`)
    })
    expect(named.sort()).toEqual(files)
  })
})

describe('test/', () => {
  const suiteOf = (file: string) => /^test\/([^/]+)\//.exec(file)?.[1]

  test('no suite imports from another one: what suites share is in test/support', () => {
    const offenders = [...testSources.keys()].flatMap(file => {
      const suite = suiteOf(file)
      if (suite === undefined) return []
      return importsOf(file)
        .filter(target => ![undefined, suite, 'support'].includes(suiteOf(target)) && !isWithin(target, sharedWithSuites))
        .map(target => `${file} imports ${target}`)
    })
    expect(offenders).toEqual([])
  })

  /** `schema.test.ts` checks all rows together. */
  const isOfSchema = (file: string) => file.startsWith('src/config/schema/') && file !== 'src/config/schema/schema.ts'

  test('every file of protocol, core, config, http and cluster has a test file of its name, unless it contains types or rows alone', () => {
    const tested = files.filter(file => pureFolders.includes(folderOf(file)) && !isOfSchema(file))
    const missing = tested.filter(file => {
      const name = file.replace(/^src/, 'test').replace(/\.ts$/, '')
      return !testSources.has(`${name}.test.ts`) && !testSources.has(`${name}.property.test.ts`)
    })
    expect(missing).toEqual([
      'src/cluster/counters.ts',
      'src/cluster/redis-address.ts',
      'src/config/config.ts',
      'src/protocol/refusal.ts',
    ])
  })
})
