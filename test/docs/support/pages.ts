/** The documentation: the pages of docs/, which are for users, and what else is written for people to read. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Page, readPage } from '../../support/markdown.ts'

export const root = join(import.meta.dir, '../../..')

export const pages: readonly Page[] = readdirSync(join(root, 'docs'))
  .filter(name => name.endsWith('.md'))
  .sort()
  .map(name => readPage(`docs/${name}`))

const forContributors = [
  'CONTRIBUTING.md',
  'src/README.md',
  'src/cluster/PROTOCOL.md',
  'php-bridge/README.md',
  'bench/README.md',
  'test/compat/README.md',
]

/** For those who work on the project. */
export const inside: readonly Page[] = forContributors.map(readPage)

/** For those who use it. */
export const outside: readonly Page[] = [...['README.md', 'UPGRADING.md', 'SECURITY.md'].map(readPage), ...pages]

export const all: readonly Page[] = [...outside, ...inside]

/** `file:line`, for messages. */
export function at({ file }: Page, { line }: { readonly line: number }): string {
  return `${file}:${line}`
}
