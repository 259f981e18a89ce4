import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readResults, writeResults } from '../../report/file.ts'
import { entryOf, fanOut, results } from '../support/results.ts'

test('a file of results is read as it was written, with a line for each scenario and seven digits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'revurb-bench-test-'))
  const file = join(folder, 'results.json')
  const run = (value: number) =>
    results(fanOut, { ...fanOut, lines: [{ workload: { subscribers: 1_000_000 }, entries: { revurb: entryOf(value) } }] })
  try {
    writeResults(file, run(1.23456789))
    expect(readResults(file)).toEqual(run(1.234568))
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(1 + 2 + 1 + 1)
    writeResults(file, results())
    expect(readResults(file)).toEqual(results())
  } finally {
    rmSync(folder, { recursive: true })
  }
})
