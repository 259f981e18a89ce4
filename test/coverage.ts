#!/usr/bin/env bun
/**
 * Runs the tests of `protocol/`, `core/`, `config/`, `http/` and `cluster/`, and prints the branches, statements and functions of these
 * folders that none of them reaches. It ends with `coverage: 103 files, 1998 branches, 0 missed`, and with exit code 1 when anything is
 * missed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Glob } from 'bun'
import { branchCount, type Coverage, folders, instrument, missed, root } from './support/coverage.ts'

const scratch = mkdtempSync(join(tmpdir(), 'revurb-coverage-'))
try {
  process.exitCode = (await testsPass()) && report() ? 0 : 1
} finally {
  rmSync(scratch, { recursive: true })
}

function countsFile(): string {
  return join(scratch, 'coverage.json')
}

async function testsPass(): Promise<boolean> {
  const preload = join(import.meta.dir, 'support/coverage-preload.ts')
  const paths = folders.map(folder => `./test/${folder}`)
  const tests = Bun.spawn([process.execPath, 'test', '--only-failures', '--timeout', '60000', '--preload', preload, ...paths], {
    cwd: root,
    env: { ...process.env, COVERAGE_FILE: countsFile() },
    stdout: 'inherit',
    stderr: 'inherit',
  })
  return (await tests.exited) === 0
}

/** A file that no test loads counts as well: nothing of it was run. */
function report(): boolean {
  const counted = JSON.parse(readFileSync(countsFile(), 'utf8')) as Coverage
  const files = [...new Glob(`src/{${folders.join(',')}}/**/*.ts`).scanSync(root)].sort()
  let branches = 0
  let misses = 0
  for (const file of files) {
    const path = join(root, file)
    const coverage = counted[path] ?? instrument(path).untouched
    branches += branchCount(coverage)
    const kinds = Object.entries(missed(coverage)).filter(([, lines]) => lines.length > 0)
    if (kinds.length > 0) console.log(`${file}: ${kinds.map(([kind, lines]) => `${kind} ${lines.join(' ')}`).join(', ')}`)
    misses += kinds.reduce((sum, [, lines]) => sum + lines.length, 0)
  }
  console.log(`coverage: ${files.length} files, ${branches} branches, ${misses} missed`)
  return misses === 0
}
