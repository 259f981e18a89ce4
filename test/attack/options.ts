/** The command line of `make attack`. */
import { parseArgs } from 'node:util'
import { positive } from 'revurb-bench/command-line.ts'
import { type Flood, floods } from './floods.ts'
import { type Peak, peaks } from './peaks.ts'
import { scenarios } from './scenarios/all.ts'
import type { Scenario } from './scenarios/scenario.ts'

export type Options = {
  readonly help: boolean
  readonly floods: readonly Flood[]
  readonly peaks: readonly Peak[]
  readonly scenarios: readonly Scenario[]
  readonly rounds: number
  readonly seconds: number
  /** How long each scenario lasts. */
  readonly scenarioSeconds: number
  /** Whether other programs use the machine too. */
  readonly isShared: boolean
  /** The folder of another build. */
  readonly against?: string
}

const usual = { rounds: 5, seconds: 20, scenarioSeconds: 600 }
const ids = [...floods, ...peaks, ...scenarios].map(({ id }) => id)

export const usage = `make attack [ATTACK="…"], or bun test/attack/run.ts …

  --only A,B       these floods, peaks and scenarios: ${ids.join(', ')}
  --seconds N      of each flood, in all its rounds together, instead of ${usual.seconds}
  --scenario-seconds N
                   of each scenario, instead of ${usual.scenarioSeconds}
  --rounds N       instead of ${usual.rounds}
  --shared         on a machine that other programs use too: a latency is missed where it is above both its limit and its
                   ratio to the same run without the flood, and in a scenario each time of three; while Redis fails, 300
                   MiB of resident memory are allowed instead of 200
  --against DIR    attack the build in that folder, DIR/dist/revurb.js, instead of this one
  --help

Floods a server of its own on loopback and measures what other clients notice. In the scenarios readers stall, a client subscribes to
100,000 channels, and two servers publish over a Redis that fails: those need redis-server.

Exit code: 0 every goal holds, or is not missed for certain; 1 a goal is missed, or a legitimate peak was touched; 2 a wrong option;
130 interrupted.`

const flags = {
  only: { type: 'string' },
  seconds: { type: 'string' },
  'scenario-seconds': { type: 'string' },
  rounds: { type: 'string' },
  shared: { type: 'boolean', default: false },
  against: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** @returns the options, or what is wrong with them */
export function parse(args: string[]): Options | string {
  try {
    return options(args)
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`
  }
}

function options(args: string[]): Options {
  const { values } = parseArgs({ args, options: flags })
  const chosen = values.only?.split(',') ?? ids
  const unknown = chosen.filter(id => !ids.includes(id))
  if (unknown.length > 0) throw new Error(`There is no flood, peak or scenario called ${unknown.join(', ')}.`)
  const rounds = positive(values.rounds, 'rounds') ?? usual.rounds
  if (!Number.isInteger(rounds)) throw new Error('--rounds must be a whole number.')
  return {
    help: values.help,
    floods: floods.filter(({ id }) => chosen.includes(id)),
    peaks: peaks.filter(({ id }) => chosen.includes(id)),
    scenarios: scenarios.filter(({ id }) => chosen.includes(id)),
    rounds,
    seconds: positive(values.seconds, 'seconds') ?? usual.seconds,
    scenarioSeconds: positive(values['scenario-seconds'], 'scenario-seconds') ?? usual.scenarioSeconds,
    isShared: values.shared,
    ...(values.against === undefined ? {} : { against: values.against }),
  }
}
