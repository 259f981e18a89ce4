/** How much is done in a second, and what it costs, while everything is in full swing. */
import type { Server } from '../contestants/contestant.ts'
import { cores } from '../machine/cores.ts'
import { coreSeconds, cpuSeconds } from '../machine/process.ts'
import type { Sample } from './scenario.ts'

/** The first moments are TCP's. @param count how many so far */
export async function steady(server: Processes, seconds: number, count: () => number, warmUpSeconds = 0.2): Promise<Speed> {
  await Bun.sleep(warmUpSeconds * 1000)
  const before = look(server, count())
  await Bun.sleep(seconds * 1000)
  return speed(before, look(server, count()))
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
