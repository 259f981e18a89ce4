/** How much is done in a second, and what it costs, while everything is in full swing. */

import type { Publishers } from '../load/publishers.ts'
import { type Faults, noFaults } from '../load/tally.ts'
import { cores } from '../machine/cores.ts'
import { coreSeconds, cpuSeconds } from '../machine/process.ts'
import type { Server } from '../targets/target.ts'
import type { Run, Sample } from './scenario.ts'

/** Of a run before its first turn: the first moments are TCP's. */
const firstSeconds = 0.1
/** Of each turn: what has waited for it goes first. */
const resumeMs = 30
const settleMs = 5

/** Who asks for more and more. */
export type Driver = {
  /** That, unless something fails before. */
  readonly race: <T>(promise: Promise<T>) => Promise<T>
  /** Asks for no more. @returns what went wrong, once everything has come */
  readonly end: () => Promise<Faults>
}

/** A run of what goes as fast as it can. @param count how many so far */
export async function steadyRun(
  server: Processes,
  driver: Driver,
  count: () => number,
  warmUpSeconds = firstSeconds,
): Promise<Run> {
  await driver.race(Bun.sleep(warmUpSeconds * 1000))
  return {
    turn: async seconds => ({ ...(await driver.race(steady(server, seconds, count))), faults: noFaults }),
    settled: () => settled(count),
    end: () => driver.end(),
  }
}

/** The same of publishers, who begin now, and go with the stack when they are not ended before. */
export function publishing(
  server: Processes,
  stack: AsyncDisposableStack,
  publishers: Publishers,
  count: () => number,
): Promise<Run> {
  stack.use(publishers).go()
  return steadyRun(server, publishers, count)
}

async function steady(server: Processes, seconds: number, count: () => number): Promise<Speed> {
  await Bun.sleep(resumeMs)
  const before = look(server, count())
  await Bun.sleep(seconds * 1000)
  return speed(before, look(server, count()))
}

async function settled(count: () => number): Promise<void> {
  let counted: number
  do {
    counted = count()
    await Bun.sleep(settleMs)
  } while (count() !== counted)
}

export type Speed = Required<Pick<Sample, 'value' | 'cpuUs' | 'busy'>>
type Processes = Pick<Server, 'pids' | 'dependencies'>

/** All times in seconds, since whenever. */
export type Look = {
  readonly at: number
  readonly done: number
  readonly server: number
  readonly load: number
  readonly all: number
}

/** @param done how many so far */
export function look({ pids, dependencies = [] }: Processes, done = 0): Look {
  const { server: serverCore, load: loadCore } = cores()
  const { user, system } = process.cpuUsage()
  const server = cpuSeconds(pids)
  const load = (user + system) / 1e6 + cpuSeconds(dependencies)
  return { at: performance.now() / 1000, done, server, load, all: coreSeconds(serverCore) + coreSeconds(loadCore) }
}

export function speed(before: Look, after: Look): Speed {
  const done = after.done - before.done
  return {
    value: done / (after.at - before.at),
    cpuUs: ((after.server - before.server) * 1e6) / done,
    busy: busy(before, after),
  }
}

export function busy(before: Look, after: Look): Speed['busy'] {
  const seconds = after.at - before.at
  const server = after.server - before.server
  const load = after.load - before.load
  return {
    server: server / seconds,
    load: load / seconds,
    others: Math.max(0, after.all - before.all - server - load) / seconds,
  }
}
