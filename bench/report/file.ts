/** The file of a run's results: one line for each scenario, with seven significant digits. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Results } from './results.ts'

export function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results
}

export function writeResults(file: string, { scenarios, ...run }: Results): void {
  const lines = scenarios.map(scenario => JSON.stringify(scenario, rounded)).join(',\n')
  writeFileSync(file, `${JSON.stringify(run).slice(0, -1)},"scenarios":[\n${lines}\n]}\n`)
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(7)) : value
}
