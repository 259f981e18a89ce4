#!/usr/bin/env bun
/** `make bench`: measures this server beside bare Bun, Soketi and Laravel Reverb. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUpWhenInterrupted, run } from './command-line.ts'
import { isIsolated, runIsolated } from './machine/isolation.ts'
import { type Options, parse, usage } from './options.ts'
import { compare } from './report/comparison.ts'
import { readResults, writeResults } from './report/file.ts'
import { insert } from './report/page.ts'
import { hasFailed, type Results } from './report/results.ts'
import { report } from './report/table.ts'
import { type InstallFailures, measureAll } from './session.ts'
import { targetsOf } from './targets/all.ts'

const root = join(import.meta.dir, '..')
const page = join(root, 'docs/performance.md')
const resultsFolder = join(import.meta.dir, 'results')
const published = join(resultsFolder, 'full.json')
const installFailuresVariable = 'REVURB_BENCH_INSTALL_FAILURES'

await run({ parse, usage, main })

async function main(options: Options, args: string[]): Promise<number> {
  if (options.onlyPage) {
    writePage(readResults(published))
    return 0
  }
  if (process.platform !== 'linux') {
    console.error('A benchmark needs Linux: taskset, setpriv and /proc.')
    return 1
  }
  if (!isIsolated())
    return runIsolated([import.meta.path, ...args], { [installFailuresVariable]: JSON.stringify(await install(options)) })
  return measure(options)
}

/** Installs the other servers, before the run enters a network namespace without access to the internet. */
async function install({ reverb, without }: Options): Promise<InstallFailures> {
  const installFailures: InstallFailures = {}
  for (const { id, name, install } of targetsOf(reverb)) {
    if (install === undefined || without.includes(id)) continue
    try {
      console.error(`${name}: installing, unless it is installed …`)
      await install()
    } catch (error) {
      installFailures[id] = (error as Error).message
    }
  }
  return installFailures
}

async function measure(options: Options): Promise<number> {
  cleanUpWhenInterrupted()
  const results = await measureAll(options, JSON.parse(process.env[installFailuresVariable] ?? '{}') as InstallFailures)
  const other = existsSync(published) ? readResults(published) : undefined
  const file = join(resultsFolder, `${options.resultsName}.json`)
  writeResults(file, results)
  console.log(`\n${report(results)}`)
  if (other !== undefined) console.log(`\n### Beside the published run\n\n${compare(results, other)}`)
  console.log(`\nWritten to ${file}`)
  if (options.writesPage) writePage(readResults(file))
  return hasFailed(results) ? 1 : 0
}

function writePage(results: Results): void {
  writeFileSync(page, insert(readFileSync(page, 'utf8'), report(results)))
  console.log(`Written to ${page}`)
}
