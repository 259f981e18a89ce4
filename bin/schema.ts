#!/usr/bin/env bun
/**
 * Writes what comes from the schema of the configuration (`src/config/schema`): the tables of settings in docs/configuration.md and
 * docs/bridge.md, and `php-bridge/Bridge/Schema.php`. With `--check`, exits 1 when one of them is not up to date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schema } from '../src/config/schema/schema.ts'
import { publishedKeys } from './lib/published-file.ts'
import { schemaClass } from './lib/schema-php.ts'
import { documentTable, limitsTable, referenceTable } from './lib/schema-tables.ts'

const root = join(import.meta.dir, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const published = [...publishedKeys(read('php-bridge/config/reverb.php')).keys()]

const current: Readonly<Record<string, string>> = {
  'php-bridge/Bridge/Schema.php': schemaClass(schema),
  'docs/configuration.md': withTables('docs/configuration.md', { reference: referenceTable(schema, published) }),
  'docs/bridge.md': withTables('docs/bridge.md', { document: documentTable(schema), limits: limitsTable(schema) }),
}

const stale = Object.keys(current).filter(file => !existsSync(join(root, file)) || read(file) !== current[file])
if (!process.argv.includes('--check')) for (const file of stale) writeFileSync(join(root, file), current[file]!)
else if (stale.length > 0) {
  console.error(`${stale.join(', ')}: not up to date, run make schema`)
  process.exit(1)
}

/** A page in which each table below a comment `<!-- schema: NAME -->` is the one of that name. */
function withTables(file: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((page, [name, table]) => {
    const below = new RegExp(`(<!-- schema: ${name} -->\n)(?:\\|.*\n)*`)
    if (!below.test(page)) throw new Error(`${file} has no comment "schema: ${name}"`)
    return page.replace(below, (_, comment: string) => `${comment}${table}`)
  }, read(file))
}
