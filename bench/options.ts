/** The command line of the benchmark. */
import { parseArgs } from 'node:util'
import { positive } from './command-line.ts'
import { scenarios } from './scenarios/all.ts'
import type { Mode, Scenario } from './scenarios/scenario.ts'

export type Options = {
  readonly help: boolean
  readonly mode: Mode
  readonly chosen: readonly Scenario[]
  /** An application with laravel/reverb. */
  readonly reverb?: string
  /** Contestants that do not take part. */
  readonly without: readonly string[]
  readonly writesPage: boolean
  /** Write docs/performance.md from the published results, and measure nothing. */
  readonly onlyPage: boolean
  /** What the file in `bench/results/` is called: what has every scenario is not overwritten by what has some. */
  readonly resultsName: string
  /** As a reader can type it. */
  readonly command: string
}

export const usage = `make bench [BENCH="…"], or bun bench/run.ts …

  --full              all cells, 5 rounds, under 20 minutes; writes docs/performance.md as well.
                      Otherwise quick: few cells, 3 rounds, under 2 minutes
  --reverb DIR        a Laravel application that has laravel/reverb, to measure it
  --only A,B          these scenarios: ${scenarios.map(({ id }) => id).join(', ')}
  --without A,B       not these targets: bare, soketi, reverb
  --rounds N          instead of 5 or 3
  --seconds N         of one measurement, instead of 1 or 0.25
  --page              measures nothing: writes docs/performance.md from bench/results/full.json
  --help

Results go to bench/results: full.json, quick.json, or partial.json with --only. Every run is compared
with the published one, full.json, and lists the ratios in which the two differ.

Exit code: 0 done, 1 a frame was lost or doubled, or a server failed in the middle, 2 a wrong option, 130 interrupted.`

const flags = {
  full: { type: 'boolean', default: false },
  reverb: { type: 'string' },
  only: { type: 'string' },
  without: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  page: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const modes: Record<Mode['name'], Mode> = {
  quick: { name: 'quick', rounds: 3, seconds: 0.25, turns: 2, warmUpSeconds: 0.4 },
  full: { name: 'full', rounds: 5, seconds: 1, turns: 4, warmUpSeconds: 1 },
}

/** @returns what is wrong with them, or the options */
export function parse(args: string[]): Options | string {
  try {
    return options(args)
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`
  }
}

function options(args: string[]): Options {
  const { values } = parseArgs({ args, options: flags })
  const mode = modes[values.full ? 'full' : 'quick']
  const resultsName = values.only === undefined ? mode.name : 'partial'
  return {
    help: values.help,
    mode: {
      ...mode,
      rounds: positive(values.rounds, 'rounds') ?? mode.rounds,
      seconds: positive(values.seconds, 'seconds') ?? mode.seconds,
    },
    chosen: choose(values.only),
    ...(values.reverb === undefined ? {} : { reverb: values.reverb }),
    without: values.without?.split(',') ?? [],
    writesPage: resultsName === 'full',
    onlyPage: values.page,
    resultsName,
    command: ['make bench', ...(args.length === 0 ? [] : [`BENCH="${withoutPaths(args)}"`])].join(' '),
  }
}

function choose(only: string | undefined): readonly Scenario[] {
  const ids = only?.split(',') ?? scenarios.map(({ id }) => id)
  const unknown = ids.filter(id => !scenarios.some(scenario => scenario.id === id))
  if (unknown.length > 0) throw new Error(`There is no scenario called ${unknown.join(', ')}.`)
  return scenarios.filter(({ id }) => ids.includes(id))
}

/** Where somebody keeps an application says nothing to others. */
function withoutPaths(args: readonly string[]): string {
  return args.map((arg, i) => (args[i - 1] === '--reverb' ? 'DIR' : arg.replace(/^(--reverb=).*/, '$1DIR'))).join(' ')
}
