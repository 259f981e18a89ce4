/** What we use of a package that brings no types. */
declare module 'istanbul-lib-instrument' {
  import type { FileCoverage } from './coverage.ts'

  export type Instrumenter = {
    /** The code that counts what is run of it, under `globalThis.__coverage__`. */
    instrumentSync(code: string, file: string): string
    /** The coverage of the code that was instrumented last, with every count zero. */
    lastFileCoverage(): FileCoverage
  }
  export function createInstrumenter(options: {
    esModules: boolean
    parserPlugins: string[]
    coverageGlobalScope: string
    coverageGlobalScopeFunc: boolean
  }): Instrumenter
}
