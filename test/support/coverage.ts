/** Code that counts what is run of it. `bun test --coverage` knows lines and functions; this knows branches. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInstrumenter } from 'istanbul-lib-instrument'

type Place = { readonly start: { readonly line?: number } }

export type FileCoverage = {
  readonly statementMap: Readonly<Record<string, Place>>
  readonly fnMap: Readonly<Record<string, { readonly decl: Place }>>
  readonly branchMap: Readonly<Record<string, { readonly loc: Place; readonly locations: readonly Place[] }>>
  /** How often each was run: statements, functions, and every way of a branch. */
  readonly s: Readonly<Record<string, number>>
  readonly f: Readonly<Record<string, number>>
  readonly b: Readonly<Record<string, readonly number[]>>
}

/** The coverage of each file, by its path. */
export type Coverage = Readonly<Record<string, FileCoverage>>

export const root = join(import.meta.dir, '../..')

/** The folders of src/ of which the unit tests reach every branch. */
export const folders = ['protocol', 'core', 'config', 'http', 'cluster']

const instrumenter = createInstrumenter({
  esModules: true,
  parserPlugins: ['typescript'],
  coverageGlobalScope: 'globalThis',
  coverageGlobalScopeFunc: false,
})

/** The same TypeScript, counting; and what it starts counting from. */
export function instrument(file: string): { code: string; untouched: FileCoverage } {
  const code = instrumenter.instrumentSync(readFileSync(file, 'utf8'), file)
  return { code, untouched: instrumenter.lastFileCoverage() }
}

/** The lines of what was never run. A branch is missed once for every way that was not taken. */
export function missed({ statementMap, fnMap, branchMap, s, f, b }: FileCoverage) {
  const lines = (counts: Readonly<Record<string, number>>, place: (id: string) => Place) =>
    Object.keys(counts).flatMap(id => (counts[id] === 0 ? [place(id).start.line!] : []))
  return {
    branches: Object.entries(b).flatMap(([id, ways]) => {
      const { loc, locations } = branchMap[id]!
      // An `else` that is not written has no place of its own.
      return ways.flatMap((taken, way) => (taken === 0 ? [locations[way]?.start.line ?? loc.start.line!] : []))
    }),
    statements: lines(s, id => statementMap[id]!),
    functions: lines(f, id => fnMap[id]!.decl),
  }
}

export function branchCount({ b }: FileCoverage): number {
  return Object.values(b).reduce((sum, ways) => sum + ways.length, 0)
}
