import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readResults } from '../../report/file.ts'
import { insert } from '../../report/page.ts'
import { report } from '../../report/table.ts'

const published = readResults(join(import.meta.dir, '../../results/full.json'))

const document = readFileSync(join(import.meta.dir, '../../../docs/performance.md'), 'utf8')

test('docs/performance.md has the report of the published results (make bench BENCH=--page writes it)', () => {
  expect(insert(document, report(published))).toBe(document)
})

test('only the generated part of the page is replaced', () => {
  const once = insert(document, 'FIRST')
  expect(once).toContain('\n\nFIRST\n\n')
  const twice = insert(once, 'SECOND')
  expect(twice).toBe(once.replace('FIRST', 'SECOND'))
  expect(twice.startsWith('# Performance')).toBe(true)
})

test('a page without a generated part is refused', () => expect(() => insert('# Other', 'x')).toThrow('there is no'))
