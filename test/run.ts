#!/usr/bin/env bun
/**
 * Runs every suite and adds up what the runners themselves report. Ends with `N passed, N failed[, N skipped]`, and with
 * exit code 1 when anything failed. `test/run.ts NAME …` runs those suites only.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floods } from './attack/floods.ts'
import { peaks } from './attack/peaks.ts'
import { redisFaults } from './attack/scenarios/redis-faults.ts'
import { lacks, without } from './deploy/support/lacks.ts'

type Tally = { passed: number; failed: number; skipped: number }
/** One that mostly waits runs beside the others, from the beginning; those after it in the list wait for it. */
type Suite = { name: string; waits?: true; run: (scratch: string) => Promise<Tally> }

const root = join(import.meta.dir, '..')
const bun = process.execPath

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
        'test/bench',
        'test/attack',
        'test/layers.test.ts',
        'test/compat/lib',
      ]),
  },
  { name: 'coverage', run: () => one([bun, 'test/coverage.ts']) },
  { name: 'network', run: scratch => bunTests(scratch, 'network', ['test/server', 'test/cli']) },
  { name: 'php', run: scratch => phpTests(scratch, 'php') },
  { name: 'clients', run: scratch => bunTests(scratch, 'clients', ['test/compat/clients']) },
  { name: 'compat', waits: true, run: compat },
  { name: 'fuzz', run: () => one([bun, 'test/fuzz/run.ts', '--seconds', '5', '--seed', '1']) },
  { name: 'release', run: scratch => bunTests(scratch, 'release', ['test/release']) },
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
  const total: Tally = { passed: 0, failed: 0, skipped: 0 }
  const scratch = mkdtempSync(join(tmpdir(), 'revurb-test-'))
  const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name))
  const beside = new Map(chosen.filter(({ waits }) => waits).map(suite => [suite, timed(suite, scratch)]))
  for (const suite of chosen) {
    console.log(`\n== ${suite.name}`)
    const { tally, seconds } = await (beside.get(suite) ?? timed(suite, scratch))
    console.log(`== ${suite.name}: ${summary(tally)} (${seconds} s)`)
    add(total, tally)
  }
  rmSync(scratch, { recursive: true, force: true })
  console.log(`\n${summary(total)}`)
  return total.failed === 0 ? 0 : 1
}

function add(total: Tally, { passed, failed, skipped }: Tally): void {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
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
  ]
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 }
  for (const command of commands) add(tally, await one(command))
  return tally
}

/** One command, one check. */
async function one(command: string[]): Promise<Tally> {
  const failed = (await run(command)) === 0 ? 0 : 1
  return { passed: 1 - failed, failed, skipped: 0 }
}

type Manner = {
  /** Of `bun test`. */
  readonly options?: string[]
  /** A command that runs the one after it. */
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
  const tally = readJunit(report)
  // A runner that ends badly without a failed test has failed all the same; one that ran no test has shown nothing.
  if (tally.failed === 0 && (code !== 0 || tally.passed === 0)) tally.failed = 1
  return tally
}

/** Counts of the outermost suites: the first `<testsuites>` or `<testsuite>` that has them. */
function readJunit(file: string): Tally {
  let xml: string
  try {
    xml = readFileSync(file, 'utf8')
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
  const head = /<testsuites?\s[^>]*\btests="\d+"[^>]*>/.exec(xml)?.[0] ?? ''
  const count = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0)
  const failed = count('failures') + count('errors')
  const skipped = count('skipped')
  return { passed: count('tests') - failed - skipped, failed, skipped }
}

/** What was recorded from Reverb, with the differences that are intended; and what goes beyond it, as it was reviewed. */
async function compat(scratch: string): Promise<Tally> {
  const total: Tally = { passed: 0, failed: 0, skipped: 0 }
  add(total, await played(join(scratch, 'compat'), ['--slow'], ['recordings/reverb-1.10.2', '--allow', 'differences.json']))
  add(total, await played(join(scratch, 'beyond'), ['--scenarios', 'beyond'], ['recordings/revurb']))
  return total
}

/** Every scenario counts one; every difference that is not listed, and every listed one that no longer occurs, is a failure. */
async function played(out: string, which: string[], [reference, ...allowed]: [string, ...string[]]): Promise<Tally> {
  const tool = 'test/compat'
  if ((await run([bun, 'run.ts', ...which, '--target', './targets/revurb.ts', '--jobs', '4', '--out', out], tool)) !== 0)
    return { passed: 0, failed: 1, skipped: 0 }
  const lines: string[] = []
  await run([bun, 'compare.ts', reference, out, '--complete', ...allowed], tool, line => lines.push(line))
  const [, count, unlisted, stale] = /^(\d+) of .*, (\d+) unlisted, (\d+) entries without a use$/.exec(lines.at(-1) ?? '') ?? []
  if (count === undefined) return { passed: 0, failed: 1, skipped: 0 }
  return { passed: Number(count), failed: Number(unlisted) + Number(stale), skipped: 0 }
}

/** Every flood, legitimate peak and scenario counts one; a fault of 16 s is 23 s of publishing. Machines of CI are shared; a flood that is not held is slower by a factor of hundreds. */
async function attack(): Promise<Tally> {
  const withoutCores = navigator.hardwareConcurrency < 2 && 'it takes two cores'
  if (lacks('make attack', without('taskset', 'util-linux'), without('setpriv', 'util-linux'), withoutCores))
    return { passed: 0, failed: 0, skipped: 1 }
  const attacks = [...floods, ...peaks, ...redisFaults].map(({ id }) => id).concat('stalled-readers', 'subscriptions')
  const lines: string[] = []
  await run([bun, 'test/attack/run.ts', '--shared', '--scenario-seconds', '16', '--only', attacks.join()], '.', line =>
    lines.push(line),
  )
  const [, held, missed] = /^(\d+) held, (\d+) missed$/.exec(lines.at(-1) ?? '') ?? []
  if (held === undefined) return { passed: 0, failed: 1, skipped: 0 }
  return { passed: Number(held), failed: Number(missed), skipped: 0 }
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
