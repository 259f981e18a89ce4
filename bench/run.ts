#!/usr/bin/env bun
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
/** `make bench`: this server beside bare Bun, Soketi and Laravel Reverb. `bench/run.ts --help` says what it takes. */
import { join } from 'node:path'
import { run, undoWhenInterrupted } from './command-line.ts'
import { isIsolated, runIsolated } from './machine/isolation.ts'
import { type Options, parse, usage } from './options.ts'
import { compare } from './report/comparison.ts'
import { insert } from './report/document.ts'
import { hasFailed, type Results } from './report/results.ts'
import { report } from './report/table.ts'
import { type Lacks, measureAll } from './session.ts'
import { targetsOf } from './targets/all.ts'

const root = join(import.meta.dir, '..')
const page = join(root, 'docs/performance.md')
const resultsFolder = join(import.meta.dir, 'results')
const published = join(resultsFolder, 'full.json')
const lacksVariable = 'REVURB_BENCH_LACKS'

await run({ parse, usage, main })

async function main(options: Options, args: string[]): Promise<number> {
  if (options.onlyPage) {
    writePage(JSON.parse(readFileSync(published, 'utf8')) as Results)
    return 0
  }
  if (process.platform !== 'linux') {
    console.error('A benchmark needs Linux: taskset, setpriv and /proc.')
    return 1
  }
  if (!isIsolated()) return runIsolated([import.meta.path, ...args], { [lacksVariable]: JSON.stringify(await install(options)) })
  return measure(options)
}

/** Here, where there is a network. @returns what could not be had, and why */
async function install({ reverb, without }: Options): Promise<Lacks> {
  const lacks: Lacks = {}
  for (const { id, name, install } of targetsOf(reverb)) {
    if (install === undefined || without.includes(id)) continue
    try {
      console.error(`${name}: installing where it is not there yet …`)
      await install()
    } catch (error) {
      lacks[id] = (error as Error).message
    }
  }
  return lacks
}

async function measure(options: Options): Promise<number> {
  undoWhenInterrupted()
  const results = await measureAll(options, JSON.parse(process.env[lacksVariable] ?? '{}') as Lacks)
  const other = existsSync(published) ? (JSON.parse(readFileSync(published, 'utf8')) as Results) : undefined
  const file = join(resultsFolder, `${options.resultsName}.json`)
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`)
  console.log(`\n${report(results)}`)
  if (other !== undefined) console.log(`\n### Beside the published run\n\n${compare(results, other)}`)
  console.log(`\nWritten to ${file}`)
  if (options.writesPage) writePage(results)
  return hasFailed(results) ? 1 : 0
}

function writePage(results: Results): void {
  writeFileSync(page, insert(readFileSync(page, 'utf8'), report(results)))
  console.log(`Written to ${page}`)
}
