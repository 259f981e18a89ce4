/** The names of environment variables in the code and in the documentation. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import type { Page } from '../../support/markdown.ts'
import { root } from './pages.ts'

/** `REVERB_APP_*`, `REVERB_APP_…` and `REVERB_APP_` stand for the names that begin so. */
const pattern = /\b(?:VITE_)?(?:REVURB|REVERB)_(?:[A-Z0-9]+_)*(?:[A-Z0-9]+(?![A-Z0-9_])|[*…]|(?![A-Z0-9_]))/g

/** What an application has, Laravel's part included. */
const product = [
  'php-bridge/**/*.php',
  'src/**/*.ts',
  'stubs/**/*',
  'vendor/laravel/framework/config/broadcasting.php',
  'vendor/laravel/framework/src/Illuminate/Foundation/Console/**/*',
]

const tools = ['bench/**/*.ts', 'bin/*', 'demo/run', 'demo/resources/**/*.js', 'test/**/*.ts', 'test/**/*.php']

export const inProduct: ReadonlySet<string> = namesIn(product)

export const inTools: ReadonlySet<string> = namesIn(tools)

/** The names that the code reads from the environment, or that Laravel reads for it. */
export const readByProduct: readonly string[] = namesRead(['php-bridge/**/*.php'], /\b(?:env|getenv)\(\s*'/)

export const readByTools: readonly string[] = namesRead(tools, /\bprocess\.env(?:\.|\[')/)

/** @returns each name on the page with its line */
export function namesOn({ file }: Page): { readonly name: string; readonly line: number }[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  return lines.flatMap((text, at) => [...text.matchAll(pattern)].map(([name]) => ({ name, line: at + 1 })))
}

/** Whether a name is one of these, or the beginning of one. */
export function isKnown(name: string, known: ReadonlySet<string>): boolean {
  const beginning = /^(.*_)[*…]?$/.exec(name)?.[1]
  return beginning === undefined ? known.has(name) : [...known].some(other => other.startsWith(beginning) && !other.endsWith('_'))
}

function namesIn(globs: readonly string[]): Set<string> {
  return new Set(sources(globs).flatMap(text => [...text.matchAll(pattern)].map(([name]) => name)))
}

function namesRead(globs: readonly string[], reading: RegExp): string[] {
  const reads = new RegExp(`${reading.source}((?:VITE_)?(?:REVURB|REVERB)_[A-Z0-9_]+)`, 'g')
  return [...new Set(sources(globs).flatMap(text => [...text.matchAll(reads)].map(match => match[1]!)))].sort()
}

function sources(globs: readonly string[]): string[] {
  return globs
    .flatMap(glob => [...new Glob(glob).scanSync({ cwd: root, onlyFiles: true, followSymlinks: false })])
    .filter(
      file => !/(^|\/)(node_modules|recordings)\//.test(file) && !file.startsWith('test/docs/') && existsSync(join(root, file)),
    )
    .map(file => readFileSync(join(root, file), 'utf8'))
}
