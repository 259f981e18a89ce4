/** `PROTOCOL.md` is true: what it names exists, with the values that it states, and it has every message and bound of the code. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'

const root = join(import.meta.dir, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const page = read('src/cluster/PROTOCOL.md')
const sources = [...new Glob('src/**/*.ts').scanSync(root)]
const ofCluster = sources.filter(file => file.startsWith('src/cluster/')).sort()

/** A file as the page names it → its path from the root. */
function pathOf(file: string): string {
  if (file.endsWith('.test.ts')) return `test/${file}`
  return file.includes('/') ? `src/${file}` : `src/cluster/${file}`
}

const isDeclared = (source: string, name: string) =>
  new RegExp(`^\\s*(?:(?:export|private|readonly|async|get|const|function|class|type) )*${name}(?:[(:=<]| =| {)`, 'm').test(
    source,
  )

/** Whether a source has a test of that title; a title with `%s` or `\${…}` stands for any text there. */
function hasTitle(source: string, title: string): boolean {
  return [...source.matchAll(/\(\s*(['`])((?:\\.|(?!\1).)+)\1\s*,/g)].some(([, , text]) => {
    const parts = text!.split(/%\w|\$\{[^}]*\}/).map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return parts.join('').length > 10 && new RegExp(`^${parts.join('.+')}$`).test(title)
  })
}

/** What a page names that does not exist. Names behind a file are looked for in it, and titles in quotation marks behind a test. */
function faultsOf(text: string): string[] {
  const faults: string[] = []
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/\s+/g, ' ')
  const rest = prose.replaceAll(
    /`([\w/.-]+\.ts)`((?:,? `\w+`)*)((?:,? "[^"]+")*)/g,
    (_, file: string, names: string, titles: string) => {
      if (!existsSync(join(root, pathOf(file)))) {
        faults.push(`no ${pathOf(file)}`)
        return ''
      }
      const source = read(pathOf(file))
      for (const [, name] of names.matchAll(/`(\w+)`/g)) if (!isDeclared(source, name!)) faults.push(`no ${name} in ${file}`)
      for (const [, title] of titles.matchAll(/"([^"]+)"/g))
        if (!hasTitle(source, title!)) faults.push(`no "${title}" in ${file}`)
      return ''
    },
  )
  for (const [, title] of rest.replaceAll(/`[^`]*`/g, '').matchAll(/"([^"]+)"/g)) faults.push(`"${title}" stands behind no test`)
  for (const [, name] of rest.matchAll(/`([a-zA-Z]\w+)`/g)) if (!isWord(name!)) faults.push(`${name} is nowhere in src/`)
  return faults
}

const allSources = sources.map(read).join('\n')
const isWord = (name: string) => new RegExp(`\\b${name}\\b`).test(allSources)

/** The rows of the tables below a heading, without those of the heads. */
function rowsOf(heading: string): string[][] {
  const [, section] = page.split(new RegExp(`^#+ ${heading}$`, 'm'))
  const lines = section!.split(/^#/m)[0]!.split('\n')
  const isRow = (at: number) =>
    lines[at]?.startsWith('|') && !lines[at].startsWith('| ---') && !lines[at + 1]?.startsWith('| ---')
  return lines.flatMap((line, at) =>
    isRow(at)
      ? [
          line
            .split('|')
            .slice(1, -1)
            .map(cell => cell.trim()),
        ]
      : [],
  )
}

const code = (name: string) => `\`${name}\``

describe('PROTOCOL.md', () => {
  test('names only files, code and tests that exist', () => {
    expect(faultsOf(page)).toEqual([])
    expect(page.match(/`[\w/.-]+\.test\.ts` "/g)!.length).toBeGreaterThan(40)
  })

  test('would not pass with a file, a name or a title that does not exist', () => {
    const known = '`cluster/node.test.ts` "is synced once it has the snapshot of every peer"'
    const each = '`cluster/forged-numbers.test.ts` "in a leave has the messages of the node rejected for nine seconds at most"'
    expect(faultsOf(`\`peer.ts\` \`timeoutMs\`, \`isSuccessor\`; ${known}; ${each}`)).toEqual([])
    expect(faultsOf('`requests.ts`, `core/peer.ts`')).toEqual(['no src/cluster/requests.ts', 'no src/core/peer.ts'])
    expect(faultsOf('`peer.ts` `timeoutMs`, `suspects`')).toEqual(['no suspects in peer.ts'])
    expect(faultsOf('`cluster/node.test.ts` "is synced"')).toEqual(['no "is synced" in cluster/node.test.ts'])
    expect(faultsOf('`nowhereAtAll` "is synced"')).toEqual([
      '"is synced" stands behind no test',
      'nowhereAtAll is nowhere in src/',
    ])
  })

  const wellFormed = read('src/cluster/well-formed.ts')
  const shapesOf = (name: string) => {
    const [, shapes] = new RegExp(`^const ${name} = new Map([\\s\\S]*?)^\\)$`, 'm').exec(wellFormed)!
    return [...shapes!.matchAll(/^ {4}(\w+): shaped\(\{([\s\S]*?)\}\)/gm)].map(([, of, fields]) => ({
      of: of!,
      fields: [...fields!.matchAll(/(\w+): (optional)?/g)].map(([, field, optional]) => code(field!) + (optional ? '?' : '')),
    }))
  }
  test.each([
    ['bodies', 'Bodies'],
    ['entries', 'Entries'],
  ])('has each of the %s with its fields, and no other', (name, heading) => {
    const shapes = shapesOf(name)
    const rows = rowsOf(heading)
    expect([...new Set(rows.map(([of]) => of!))].sort()).toEqual(shapes.map(({ of }) => code(of)).sort())
    for (const { of, fields } of shapes) {
      const described = rows.find(row => row[0] === code(of))![1]!
      expect([of, fields.filter(field => !described.includes(field))]).toEqual([of, []])
    }
  })

  test('has each counter, and no other', () => {
    const counters = [...read('src/cluster/counters.ts').matchAll(/readonly (\w+): number/g)].map(([, name]) => code(name!))
    expect(rowsOf('Counters').map(([name]) => name!)).toEqual(counters)
  })
})

describe('the timers and bounds of PROTOCOL.md', () => {
  const rows = ['Time', 'Memory', 'Size of a message, and of a turn of the event loop'].flatMap(rowsOf)
  /** A number as the code writes it, or a product or a sum of numbers. */
  const number = '((?:[\\d_]+)(?: [*+] [\\d_]+)*),?'

  function constant(file: string, name: string): number | undefined {
    const [, text] = new RegExp(`^\\s*(?:export )?(?:const )?${name}(?: =|:) ${number}$`, 'm').exec(read(pathOf(file))) ?? []
    return text?.split(' + ').reduce((sum, part) => sum + part.split(' * ').reduce((of, factor) => of * parsed(factor), 1), 0)
  }
  const parsed = (digits: string) => Number(digits.replaceAll('_', ''))

  function written(name: string, value: number): string {
    const text = (of: number) => of.toLocaleString('en')
    if (name.endsWith('Ms')) return value < 1000 ? `${value} ms` : `${value / 1000} s`
    if (name.endsWith('Characters')) return `${text(value)} characters`
    if (!name.endsWith('Bytes')) return text(value)
    return value < 1024 ? `${value} bytes` : value < 1024 ** 2 ? `${value / 1024} KiB` : `${value / 1024 ** 2} MiB`
  }

  const named = rows.flatMap(([what, value, where]) =>
    [...where!.matchAll(/`([\w/.-]+\.ts)`((?:,? `\w+`)*)/g)].flatMap(([, file, names]) =>
      [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => ({ what: what!, value: value!, file: file!, name: name! })),
    ),
  )

  test.each(named.map(row => [`${row.file} ${row.name}`, row] as const))('state the value of %s', (_, { value, file, name }) => {
    const is = constant(file, name)
    if (is === undefined) expect(name).not.toMatch(/Ms$|Bytes$|Characters$|^max/)
    else expect(value).toMatch(new RegExp(`(?:^|[ ,])${written(name, is)}(?:$|[ ,])`))
  })

  /** How a queue stores its items, and what an entry counts: no bounds. */
  const others = ['byte-queue.ts chunkBytes', 'changes.ts timeBytes', 'queue.ts maxEmpty']

  test('are all that cluster/ has', () => {
    const constants = ofCluster.flatMap(file =>
      [...read(file).matchAll(new RegExp(`^(?:(?:export )?const (\\w+) =| {2}(\\w+):) ${number}$`, 'gm'))]
        .map(([, name, field]) => name ?? field!)
        .filter(name => /Ms$|Bytes$|Characters$|^max/.test(name))
        .map(name => `${file.replace('src/cluster/', '')} ${name}`),
    )
    const stated = new Set([...named.map(({ file, name }) => `${file} ${name}`), ...others])
    expect(constants.filter(name => !stated.has(name))).toEqual([])
  })
})

test.each(ofCluster)('%s begins with what it is for', file => {
  expect(read(file)).toMatch(/^\/\*\*/)
})
