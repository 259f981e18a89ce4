/** The documentation speaks to its reader: second person, present tense, no riddles. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { all, root } from './support/pages.ts'

const riddles = /\b(?:whoever|nobody|somebody|lets? go|is told|of now)\b/i

test.each(all.map(({ file }) => file))('%s has no word that riddles are made of', file => {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  expect(lines.flatMap((line, i) => (riddles.test(line) ? [`${file}:${i + 1}: ${riddles.exec(line)![0]}`] : []))).toEqual([])
})
