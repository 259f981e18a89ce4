/** The command line of the soak test. */
import { parseArgs } from 'node:util'

export type Options = {
  readonly help: boolean
  /** How many connections are opened and closed. */
  readonly connections: number
  /** Memory and descriptors are measured each time that so many connections have been closed. */
  readonly every: number
  /** How many times `reverb:restart` replaces the server meanwhile. */
  readonly restarts: number
  /** Percent by which the last measurement may exceed the first. */
  readonly within: number
}

export const usage = `make soak [SOAK="…"], or bun test/soak/run.ts …

Starts a Laravel application with reverb:start on loopback, opens and closes connections that subscribe, publish and leave, and
restarts the server meanwhile. At the end memory and descriptors have to be what they were after the first connections.

  --connections N     how many connections, instead of 1,000,000 (about 5 minutes)
  --every N           measure after each N connections, instead of 100,000
  --restarts N        call reverb:restart so many times, evenly spaced, instead of 10; 0: one server lives through all
  --within N          percent by which the last measurement may exceed the first, instead of 10
  --help

Exit code: 0 memory and descriptors stayed, 1 they grew or the server failed, 2 a wrong option.`

const flags = {
  connections: { type: 'string', default: '1000000' },
  every: { type: 'string', default: '100000' },
  restarts: { type: 'string', default: '10' },
  within: { type: 'string', default: '10' },
  help: { type: 'boolean', default: false },
} as const

/** @returns what is wrong with the arguments, or the options */
export function parse(args: string[]): Options | string {
  try {
    const { values } = parseArgs({ args, options: flags })
    const options = {
      help: values.help,
      connections: whole(values.connections, 'connections', 1),
      every: whole(values.every, 'every', 1),
      restarts: whole(values.restarts, 'restarts', 0),
      within: whole(values.within, 'within', 0),
    }
    if (options.connections < 2 * options.every)
      throw new Error('--connections must be at least twice --every: the last measurement is compared with the first.')
    return options
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`
  }
}

function whole(text: string, name: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} must be a whole number of at least ${least}.`)
  return value
}
