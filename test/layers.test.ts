/** The rooms of src/ and who may import whom, as src/README.md has it. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { Glob } from 'bun'

const root = join(import.meta.dir, '..')
const files = [...new Glob('src/**/*.ts').scanSync(root)].sort()
const sources = new Map(files.map(file => [file, readFileSync(join(root, file), 'utf8')]))

/** What each room may import beside itself: folders, files and packages. */
const allowed: Record<string, readonly string[]> = {
  protocol: [],
  core: ['src/protocol/'],
  config: ['src/core/app.ts', 'src/cluster/redis-address.ts'],
  cluster: ['src/protocol/', 'src/core/'],
  http: ['src/protocol/', 'src/core/'],
  server: ['src/protocol/', 'src/core/', 'src/config/', 'src/http/', 'src/cluster/', 'node:'],
  runtime: [
    'src/core/',
    'src/config/',
    'src/server/',
    'src/cluster/redis.ts',
    'src/cluster/redis-client.ts',
    'src/cluster/redis-address.ts',
    'package.json',
    'node:',
  ],
  cli: ['src/runtime/', 'package.json', 'citty'],
}

/** What single files may import beyond that. */
const exceptions: Record<string, readonly string[]> = {
  'src/protocol/signature.ts': ['bun'],
  'src/server/unfinished.ts': ['bun:ffi'],
  'src/runtime/log.ts': ['consola'],
  'src/cluster/redis.ts': ['ioredis'],
  'src/cluster/redis-client.ts': ['ioredis'],
  'src/cluster/redis-reason.ts': ['ioredis'],
}

const silent = ['protocol', 'core', 'config', 'http', 'cluster']
const loud =
  /\bBun\.|\bprocess\.|\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bperformance\.|\bset(?:Timeout|Interval|Immediate)\b|\bconsole\./

const roomOf = (file: string) => file.split('/')[1]!

/** Every import and re-export, also of types and by call; files as paths from the root. */
function importsOf(file: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g
  return [...sources.get(file)!.matchAll(pattern)]
    .map(match => match[1] ?? match[2]!)
    .map(name => (name.startsWith('.') ? normalize(join(file, '..', name)) : name))
}

const within = (target: string, places: readonly string[]) =>
  places.some(place => (/[/:]$/.test(place) ? target.startsWith(place) : target === place))

test('signatures take hashes of Bun, and nothing else', () => {
  const imported = [...sources.get('src/protocol/signature.ts')!.matchAll(/import (.*) from 'bun'/g)].map(match => match[1])
  expect(imported).toEqual(['{ CryptoHasher, MD5 }'])
})

test('every room is in the table', () => {
  expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(allowed).sort())
})

describe.each(files)('%s', file => {
  const source = sources.get(file)!
  const room = roomOf(file)

  test('imports only what its room may', () => {
    const mine = [`src/${room}/`, ...allowed[room]!, ...(exceptions[file] ?? [])]
    expect(importsOf(file).filter(target => !within(target, mine))).toEqual([])
  })

  test('imports files that exist, with their endings', () => {
    const local = importsOf(file).filter(target => target.startsWith('src/'))
    expect(local.filter(target => !sources.has(target))).toEqual([])
  })

  test('leaves Bun.serve to listen.ts', () => {
    if (file !== 'src/server/listen.ts') expect(source.replaceAll(/`[^`\n]*`/g, '')).not.toContain('Bun.serve(')
  })

  test('has at most 250 lines', () => expect(source.split('\n').length).toBeLessThanOrEqual(251))
})

test.each(files.filter(file => silent.includes(roomOf(file))))('%s knows no process, clock, chance or timer', file => {
  expect(loud.exec(sources.get(file)!)?.[0]).toBeUndefined()
})

test('there are no cycles', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) throw new Error([...path.slice(path.indexOf(file)), file].join(' → '))
    if (done.has(file)) return
    for (const target of importsOf(file)) if (sources.has(target)) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(done.size).toBe(files.length)
})

test('the imports are seen at all', () => {
  expect(importsOf('src/cli/main.ts')).toEqual(['citty', 'package.json', 'src/cli/check.ts', 'src/cli/start.ts'])
  expect(importsOf('src/core/effect.ts')).toEqual(['src/protocol/errors.ts', 'src/protocol/refusal.ts', 'src/core/entry.ts'])
})

describe('src/README.md', () => {
  const readme = readFileSync(join(root, 'src/README.md'), 'utf8')
  const named = readme.split(/^## /m).flatMap(section => {
    const room = /^(\w+)\//.exec(section)?.[1]
    return room === undefined ? [] : [...section.matchAll(/^\| `([^`]+)`/gm)].map(match => `src/${room}/${match[1]}`)
  })

  test('names every file, and no other', () => expect(named.sort()).toEqual(files))
})
