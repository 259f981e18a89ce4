#!/usr/bin/env bun
/**
 * Runs every suite and adds up what the runners themselves report. Ends with what failed, once more, and a line `N passed,
 * N failed[, N skipped]`, and with exit code 1 when anything failed. `test/run.ts NAME …` runs those suites only.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floods } from './attack/floods.ts'
import { peaks } from './attack/peaks.ts'
import { redisFaults } from './attack/scenarios/redis-faults.ts'
import { type Tally, tallyOf } from './junit.ts'
import { cannotRun, missingProgram } from './support/requirements.ts'

/** One that mostly waits runs beside the others, from the beginning; those after it in the list wait for it. */
type Suite = { name: string; waits?: true; run: (scratch: string) => Promise<Tally> }

const root = join(import.meta.dir, '..')
const bun = process.execPath
/** How many lines about differences from a recording are shown once more at the end. */
const maxShownLines = 20

const suites: Suite[] = [
  { name: 'check', run: checks },
  {
    name: 'unit',
    run: scratch =>
      bunTests(scratch, 'unit', [
        'test/protocol',
        'test/core',
        'test/config',
        'test/http',
        'test/cluster',
        'test/runtime',
        'test/attack',
        'test/layers.test.ts',
        'test/junit.test.ts',
        'test/compat/lib',
        'test/support',
      ]),
  },
  { name: 'bench', run: scratch => bunTests(scratch, 'bench', ['bench']) },
  { name: 'coverage', run: () => one([bun, 'test/coverage.ts']) },
  { name: 'network', run: scratch => bunTests(scratch, 'network', ['test/server', 'test/cli']) },
  { name: 'php', run: scratch => phpTests(scratch, 'php') },
  { name: 'clients', run: scratch => bunTests(scratch, 'clients', ['test/compat/clients']) },
  { name: 'compat', waits: true, run: compat },
  { name: 'fuzz', run: () => one([bun, 'test/fuzz/run.ts', '--seconds', '5', '--seed', '1']) },
  { name: 'release', run: scratch => bunTests(scratch, 'release', ['test/release']) },
  { name: 'docs', run: scratch => bunTests(scratch, 'docs', ['test/docs'], { options: ['--max-concurrency', '2'] }) },
  { name: 'drop-in', run: scratch => bunTests(scratch, 'drop-in', ['test/drop-in'], { options: ['--max-concurrency', '3'] }) },
  { name: 'operate', run: scratch => bunTests(scratch, 'operate', ['test/operate'], { options: ['--max-concurrency', '3'] }) },
  { name: 'e2e', run: scratch => bunTests(scratch, 'e2e', ['test/e2e', 'test/soak']) },
  {
    name: 'scaling',
    run: scratch => bunTests(scratch, 'scaling', ['test/scaling'], { within: [bun, 'test/scaling/engine.ts'] }),
  },
  { name: 'deploy', run: scratch => bunTests(scratch, 'deploy', ['test/deploy']) },
  { name: 'php-integration', waits: true, run: scratch => phpTests(scratch, 'php-integration') },
  // It measures latency, so it needs the machine for itself: all that runs beside the others has ended before the last suite.
  { name: 'attack', run: attack },
]

process.exit(await main(process.argv.slice(2)))

async function main(names: string[]): Promise<number> {
  const unknown = names.filter(name => !suites.some(suite => suite.name === name))
  if (unknown.length > 0) {
    console.error(`no suite called ${unknown.join(', ')}; there are ${suites.map(suite => suite.name).join(', ')}`)
    return 2
  }
  const total = nothing()
  const scratch = mkdtempSync(join(tmpdir(), 'revurb-test-'))
  const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name))
  const beside = new Map(chosen.filter(({ waits }) => waits).map(suite => [suite, timed(suite, scratch)]))
  for (const suite of chosen) {
    console.log(`\n== ${suite.name}`)
    const { tally, seconds } = await (beside.get(suite) ?? timed(suite, scratch))
    console.log(`== ${suite.name}: ${summary(tally)} (${seconds} s)`)
    add(total, { ...tally, failures: tally.failures.map(failure => `${suite.name}: ${failure}`) })
  }
  rmSync(scratch, { recursive: true, force: true })
  for (const failure of total.failures) console.log(`\nfailed: ${failure}`)
  console.log(`\n${summary(total)}`)
  return total.failed === 0 ? 0 : 1
}

function nothing(): Tally {
  return { passed: 0, failed: 0, skipped: 0, failures: [] }
}

function failure(reason: string): Tally {
  return { ...nothing(), failed: 1, failures: [reason] }
}

function add(total: Tally, { passed, failed, skipped, failures }: Tally): void {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  total.failures.push(...failures)
}

async function timed({ run }: Suite, scratch: string): Promise<{ tally: Tally; seconds: number }> {
  const startedAtMs = performance.now()
  const tally = await run(scratch)
  return { tally, seconds: Math.round((performance.now() - startedAtMs) / 1000) }
}

function summary({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
}

/** One tool, one check. */
async function checks(): Promise<Tally> {
  const commands = [
    ['node_modules/.bin/biome', 'check', '--error-on-warnings', '.'],
    ['node_modules/.bin/tsc', '--noEmit'],
    [bun, 'node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'],
    ['vendor/bin/pint', '--test', '--quiet'],
    ['vendor/bin/phpstan', 'analyse', '--no-progress', '--memory-limit=1G'],
    [bun, 'bin/differences.ts', '--check'],
    [bun, 'bin/schema.ts', '--check'],
  ]
  const tally = nothing()
  for (const command of commands) add(tally, await one(command))
  return tally
}

/** One command, one check. */
async function one(command: string[]): Promise<Tally> {
  const code = await run(command)
  return code === 0 ? { ...nothing(), passed: 1 } : failure(`${command.join(' ')} ended with ${code}`)
}

type Manner = {
  /** More options of `bun test`. */
  readonly options?: string[]
  /** A command in front of `bun test`, which runs it. */
  readonly within?: string[]
}

function bunTests(scratch: string, name: string, paths: string[], { options = [], within = [] }: Manner = {}): Promise<Tally> {
  const report = join(scratch, `${name}.xml`)
  return reported(report, [
    ...within,
    bun,
    'test',
    '--timeout',
    '180000',
    '--reporter=junit',
    `--reporter-outfile=${report}`,
    ...options,
    ...paths.map(path => `./${path}`),
  ])
}

function phpTests(scratch: string, name: string): Promise<Tally> {
  const report = join(scratch, `${name}.xml`)
  return reported(report, ['vendor/bin/phpunit', '--colors=never', '--testsuite', name, '--log-junit', report])
}

async function reported(report: string, command: string[]): Promise<Tally> {
  const code = await run(command)
  const tally = existsSync(report) ? tallyOf(readFileSync(report, 'utf8')) : nothing()
  // A runner that ends badly without a failed test has failed all the same; one that ran no test has shown nothing.
  if (tally.failed === 0 && (code !== 0 || tally.passed === 0)) {
    add(tally, failure(`the runner ended with ${code} after ${tally.passed} passed tests`))
  }
  return tally
}

/** What was recorded from Reverb, with the differences that are intended; and what goes beyond it, as it was reviewed. */
async function compat(scratch: string): Promise<Tally> {
  const total = nothing()
  add(total, await played(join(scratch, 'compat'), ['--slow'], ['recordings/reverb-1.10.2', '--allow', 'differences.json']))
  add(total, await played(join(scratch, 'beyond'), ['--scenarios', 'beyond'], ['recordings/revurb']))
  return total
}

/** Every scenario counts one; every difference that is not listed, and every listed one that no longer occurs, is a failure. */
async function played(out: string, which: string[], [reference, ...allowed]: [string, ...string[]]): Promise<Tally> {
  const tool = 'test/compat'
  if ((await run([bun, 'run.ts', ...which, '--target', './targets/revurb.ts', '--jobs', '4', '--out', out], tool)) !== 0)
    return failure(`the scenarios ${which.join(' ')} were not played`)
  const lines: string[] = []
  await run([bun, 'compare.ts', reference, out, '--complete', ...allowed], tool, line => lines.push(line))
  const [, count, unlisted, stale] = /^(\d+) of .*, (\d+) unlisted, (\d+) unused occurrences$/.exec(lines.at(-1) ?? '') ?? []
  if (count === undefined) return failure(`nothing was compared with ${reference}`)
  const failed = Number(unlisted) + Number(stale)
  return { passed: Number(count), failed, skipped: 0, failures: failed === 0 ? [] : [lines.slice(-maxShownLines).join('\n')] }
}

/** Every flood, legitimate peak and scenario counts one; a fault of 16 s is 23 s of publishing. Machines of CI are shared; a flood that is not held is slower by a factor of hundreds. */
async function attack(): Promise<Tally> {
  const withoutCores = navigator.hardwareConcurrency < 2 && 'it takes two cores'
  if (cannotRun('make attack', missingProgram('taskset', 'util-linux'), missingProgram('setpriv', 'util-linux'), withoutCores))
    return { ...nothing(), skipped: 1 }
  const attacks = [...floods, ...peaks, ...redisFaults].map(({ id }) => id).concat('stalled-readers', 'subscriptions')
  const lines: string[] = []
  await run(
    [bun, 'test/attack/run.ts', '--shared', '--seconds', '12', '--scenario-seconds', '16', '--only', attacks.join()],
    '.',
    line => lines.push(line),
  )
  const [, held, missed] = /^(\d+) held, (\d+) missed$/.exec(lines.at(-1) ?? '') ?? []
  if (held === undefined) return failure('nothing was attacked')
  // Goals that are perhaps missed are listed too, and fail nothing.
  const failures = missed === '0' ? [] : lines.filter(line => line.startsWith('- '))
  return { passed: Number(held), failed: Number(missed), skipped: 0, failures }
}

/** Shows the output as it comes, and hands out its lines. */
async function run(command: string[], directory = '.', onLine?: (line: string) => void): Promise<number> {
  const child = Bun.spawn(command, {
    cwd: join(root, directory),
    stdin: 'ignore',
    stdout: onLine === undefined ? 'inherit' : 'pipe',
    stderr: 'inherit',
  })
  if (onLine !== undefined) {
    const text = await new Response(child.stdout).text()
    process.stdout.write(text)
    for (const line of text.trimEnd().split('\n')) onLine(line)
  }
  return child.exited
}
