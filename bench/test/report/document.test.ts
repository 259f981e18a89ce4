import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { insert } from '../../report/document.ts'
import type { Results } from '../../report/results.ts'
import { report } from '../../report/table.ts'
import published from '../../results/full.json'

const document = readFileSync(join(import.meta.dir, '../../../docs/performance.md'), 'utf8')

test('the page has what the published results say: make bench BENCH=--page writes it', () => {
  expect(insert(document, report(published as Results))).toBe(document)
})

test('replaces the generated part, and nothing else', () => {
  const once = insert(document, 'FIRST')
  expect(once).toContain('\n\nFIRST\n\n')
  const twice = insert(once, 'SECOND')
  expect(twice).toBe(once.replace('FIRST', 'SECOND'))
  expect(twice.startsWith('# Performance')).toBe(true)
})

test('refuses a document without a place for it', () => expect(() => insert('# Other', 'x')).toThrow('there is no'))
