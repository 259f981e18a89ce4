#!/usr/bin/env bun
/** Bundles the server into dist/, or into the folder that is given: the script, the licences of the packages in it, and the list of them. */
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { distribution } from './lib/release/distribution.ts'

const to = resolve(process.argv[2] ?? join(import.meta.dir, '../dist'))
process.chdir(join(import.meta.dir, '..'))

mkdirSync(to, { recursive: true })
for (const { name, content, isExecutable } of await distribution()) {
  // Processes that start meanwhile find the script whole: the old one, or the new one.
  const temporary = join(to, `.${name}.${process.pid}`)
  writeFileSync(temporary, content)
  chmodSync(temporary, isExecutable ? 0o755 : 0o644)
  renameSync(temporary, join(to, name))
  console.log(`${name}  ${Math.round(content.length / 1000)} KB`)
}
