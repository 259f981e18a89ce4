/** The options of `make bench`. */
import { parseArgs } from 'node:util'
import { positive } from './command-line.ts'
import { scenarios } from './scenarios/all.ts'
import type { Mode, Scenario } from './scenarios/scenario.ts'

export type Options = {
  readonly help: boolean
  readonly mode: Mode
  readonly selected: readonly Scenario[]
  /** The folder of a Laravel application with laravel/reverb. */
  readonly reverb?: string
  /** Ids of servers that are not measured. */
  readonly without: readonly string[]
  readonly writesPage: boolean
  /** Write docs/performance.md from the published results, and measure nothing. */
  readonly onlyPage: boolean
  /** The name of the file in `results/`. A run of some scenarios does not overwrite a run of all. */
  readonly resultsName: string
  /** The command that repeats this run, for the report. */
  readonly command: string
}

export const usage = `make bench [BENCH="…"], or bun bench/run.ts …

  --full              all workloads, 5 rounds, under 20 minutes; writes docs/performance.md as well.
                      Otherwise quick: few workloads, 3 rounds, under 2 minutes
  --reverb DIR        measure the laravel/reverb of the Laravel application in DIR
  --only A,B          only these scenarios: ${scenarios.map(({ id }) => id).join(', ')}
  --without A,B       leave out servers: bare, soketi, reverb
  --rounds N          instead of 5 or 3; more rounds give narrower intervals
  --seconds N         length of one measurement, instead of 1 or 0.25
  --page              measures nothing: writes docs/performance.md from bench/results/full.json
  --help

Results go to bench/results: full.json, quick.json, or partial.json with --only. Every run is compared
with the published one, full.json, and lists the ratios in which the two differ.

Exit code: 0 done, 1 a frame was lost, duplicated or out of order, or a server failed, 2 a wrong option, 130 interrupted.`

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

/** @returns the options, or an error message with the usage */
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
    selected: choose(values.only),
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

/** The path of the reader's application is of no use to others. */
function withoutPaths(args: readonly string[]): string {
  return args.map((arg, i) => (args[i - 1] === '--reverb' ? 'DIR' : arg.replace(/^(--reverb=).*/, '$1DIR'))).join(' ')
}
