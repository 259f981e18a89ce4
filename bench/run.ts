#!/usr/bin/env bun
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
/** `make bench`: this server beside bare Bun, Soketi and Laravel Reverb. `bench/run.ts --help` says what it takes. */
import { join } from 'node:path'
import { run, undoWhenInterrupted } from './command-line.ts'
import { lineup } from './contestants/lineup.ts'
import { isIsolated, runIsolated } from './machine/isolation.ts'
import { type Options, parse, usage } from './options.ts'
import { insert } from './report/document.ts'
import { plot } from './report/plot.ts'
import { hasFailed, type Results } from './report/results.ts'
import { report } from './report/table.ts'
import { type Lacks, measureAll } from './session.ts'

const root = join(import.meta.dir, '..')
const document = join(root, 'docs/performance.md')
const picture = 'performance.svg'
const lacksVariable = 'REVURB_BENCH_LACKS'

await run({ parse, usage, main })

async function main(options: Options, args: string[]): Promise<number> {
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
  for (const { id, name, install } of lineup(reverb)) {
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
  const folder = join(root, 'bench/results')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${options.resultsName}.json`)
  const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`)
  console.log(`\n${report(results, earlier)}\n\nWritten to ${file}`)
  if (options.writesDocument) publish(results, earlier)
  return hasFailed(results) ? 1 : 0
}

function publish(results: Results, earlier: Results | undefined): void {
  const drawing = plot(results)
  if (drawing !== undefined) writeFileSync(join(root, 'docs', picture), drawing)
  const text = report(results, earlier, drawing === undefined ? undefined : picture)
  writeFileSync(document, insert(readFileSync(document, 'utf8'), text))
  console.log(`Written to ${document}`)
}
