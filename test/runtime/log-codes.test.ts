import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')

/** The folders in which log lines of operation are written. What the server refuses is in `refusals.test.ts`. */
const folders = [
  'src/runtime',
  ...['Bun', 'Console', 'Output', 'Restart', 'Server', 'Supervision', 'System'].map(folder => `php-bridge/${folder}`),
]

/** Names in kebab case in these folders that are no codes of log lines. */
const otherNames = [
  // Commands of the parent, and the two roles of a restart.
  'apps-unreachable',
  'events-announced',
  'hand-over',
  'handing-over',
  'taking-over',
  // Why a Bun cannot be used, which are codes of the doctor.
  'does-not-run',
  'not-executable',
  'other-platform',
  'too-old',
  // An option.
  'show-secrets',
]

/** Codes that are made from other names, or of one word. */
const otherCodes = ['channel-created', 'channel-removed', 'windows']

function namesIn(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/'([a-z]+(?:-[a-z]+)+)'/g)].map(([, name]) => name!)
}

test('docs/monitoring.md lists every code of operation, and no other', () => {
  const section = readFileSync(join(root, 'docs/monitoring.md'), 'utf8')
    .split('\n## Log codes of the server and reverb:start\n')[1]!
    .split('\n## ')[0]!
  const documented = [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) => cell!.match(/[a-z]+(?:-[a-z]+)*/g) ?? [])
  const files = folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && entry.name !== 'refusals.ts')
      .map(entry => join(entry.parentPath, entry.name)),
  )
  const codes = new Set(files.flatMap(namesIn)).difference(new Set(otherNames)).union(new Set(otherCodes))
  expect(documented.sort()).toEqual([...codes].sort())
})
