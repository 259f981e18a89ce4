/** Loaded before the tests: hands them code that counts, and writes the counts to the file that `COVERAGE_FILE` names. */
import { afterAll } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { type Coverage, folders, instrument } from './coverage.ts'

declare global {
  var __coverage__: Coverage | undefined
}

Bun.plugin({
  name: 'coverage',
  setup(build) {
    build.onLoad({ filter: new RegExp(`/src/(?:${folders.join('|')})/.+\\.ts$`) }, ({ path }) => ({
      contents: instrument(path).code,
      loader: 'ts',
    }))
  },
})

afterAll(() => writeFileSync(process.env.COVERAGE_FILE!, JSON.stringify(globalThis.__coverage__ ?? {})))
