/** `src/cluster/PROTOCOL.md` names files, parts of the code and tests: each of them is there. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'

const root = join(import.meta.dir, '../..')
const read = (pattern: string) =>
  new Map([...new Glob(pattern).scanSync(root)].map(file => [file, readFileSync(join(root, file), 'utf8')]))
const sources = read('src/**/*.ts')
const tests = read('test/**/*.ts')
const words = new Set([...sources.values()].flatMap(text => text.match(/\w+/g) ?? []))
/** Without its diagrams, and with the lines of a paragraph joined. */
const text = readFileSync(join(root, 'src/cluster/PROTOCOL.md'), 'utf8')
  .replaceAll(/^```[\s\S]*?^```/gm, '')
  .replaceAll(/\n(?=[^\n|#-])/g, ' ')
const codes = [...text.matchAll(/`([^`]+)`/g)].map(match => match[1]!)

/** The source that is named `redis.ts` or `core/hub.ts`; undefined where there is none. */
const sourceOf = (name: string) => sources.get(`src/cluster/${name}`) ?? sources.get(`src/${name}`)

test('every file is there', () => {
  const files = codes.filter(code => /^[\w./-]+\.ts$/.test(code))
  expect(files.filter(file => sourceOf(file) === undefined && !tests.has(`test/${file}`))).toEqual([])
  expect(files.length).toBeGreaterThan(100)
})

test('every class, function, field and constant occurs in the code', () => {
  const names = codes.filter(code => /^[A-Za-z]*[a-z]\w*(?:\.[a-z]\w*)?$/.test(code) && !code.endsWith('.ts'))
  expect(names.filter(name => name.split('.').some(word => !words.has(word)))).toEqual([])
  expect(names.length).toBeGreaterThan(100)
})

test('every constant of the table of timers and bounds occurs in a file beside it', () => {
  const table = /^## 5 [\s\S]*?(?=^## 6 )/m.exec(text)![0]
  const rows = [...table.matchAll(/^\| (.*)\|.*\|(.*)\|(.*)\|$/gm)].slice(2)
  const missing = rows.flatMap(([, what, constants, files]) => {
    const beside = [...files!.matchAll(/`([^`]+)`/g)].map(match => sourceOf(match[1]!) ?? '').join()
    const names = [...constants!.matchAll(/`(?:\w+\.)?(\w+)`/g)].map(match => match[1]!)
    return names.filter(name => !new RegExp(`\\b${name}\\b`).test(beside)).map(name => `${what!.trim()}: ${name}`)
  })
  expect(missing).toEqual([])
  expect(rows.length).toBeGreaterThan(30)
})

test('every test has its title, of which an … stands for a part', () => {
  const named = [...text.matchAll(/`([\w./-]+\.test\.ts)`((?:,? "[^"]+")+)/g)].flatMap(([, file, titles]) =>
    [...titles!.matchAll(/"([^"]+)"/g)].map(match => ({ file: `test/${file}`, title: match[1]! })),
  )
  const missing = named.filter(({ file, title }) =>
    title.split('…').some(part => !tests.get(file)?.includes(part.replaceAll(/^[ ,]+| +$/g, ''))),
  )
  expect(missing).toEqual([])
  expect(named.length).toBeGreaterThan(40)
})
