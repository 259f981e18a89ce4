/** Throughput and CPU time of a server under a steady load. */
import type { Publishers } from '../load/publishers.ts'
import { type Faults, noFaults } from '../load/tally.ts'
import { cores } from '../machine/cores.ts'
import { coreSeconds, cpuSeconds } from '../machine/process.ts'
import type { Server } from '../targets/target.ts'
import type { Run, Sample } from './scenario.ts'

/** Before the first turn of a run, TCP finds its window sizes. */
const firstSeconds = 0.1
/** At the start of each turn, the server works off what queued while it was stopped. */
const resumeMs = 30
const settleMs = 5

/** What keeps the load up: publishers, or a client that sends client events. */
export type Driver = {
  /** The promise, unless the driver fails first. */
  readonly orFailure: <T>(promise: Promise<T>) => Promise<T>
  /** Sends nothing more. @returns the faults, after the last delivery */
  readonly finish: () => Promise<Faults>
}

/** A run at the highest throughput that the server sustains. @param count how much has been done so far */
export async function steadyRun(
  server: Processes,
  driver: Driver,
  count: () => number,
  warmUpSeconds = firstSeconds,
): Promise<Run> {
  await driver.orFailure(Bun.sleep(warmUpSeconds * 1000))
  return {
    turn: async seconds => ({ ...(await driver.orFailure(measure(server, seconds, count))), faults: noFaults }),
    settled: () => settled(count),
    end: () => driver.finish(),
  }
}

/** A steady run of publishers, which start now. The stack disposes of them if the run does not end. */
export function publishingRun(
  server: Processes,
  stack: AsyncDisposableStack,
  publishers: Publishers,
  count: () => number,
): Promise<Run> {
  stack.use(publishers).start()
  return steadyRun(server, publishers, count)
}

async function measure(server: Processes, seconds: number, count: () => number): Promise<Throughput> {
  await Bun.sleep(resumeMs)
  const before = usageOf(server, count())
  await Bun.sleep(seconds * 1000)
  return throughput(before, usageOf(server, count()))
}

async function settled(count: () => number): Promise<void> {
  let counted: number
  do {
    counted = count()
    await Bun.sleep(settleMs)
  } while (count() !== counted)
}

export type Throughput = Required<Pick<Sample, 'value' | 'cpuUs' | 'busy'>>
type Processes = Pick<Server, 'pids' | 'dependencies'>

/** CPU time used up to a moment; all times are in seconds. */
export type Usage = {
  readonly at: number
  readonly done: number
  readonly server: number
  readonly load: number
  readonly all: number
}

/** @param done how much has been done so far */
export function usageOf({ pids, dependencies = [] }: Processes, done = 0): Usage {
  const { server: serverCore, load: loadCore } = cores()
  const { user, system } = process.cpuUsage()
  const server = cpuSeconds(pids)
  const load = (user + system) / 1e6 + cpuSeconds(dependencies)
  return { at: performance.now() / 1000, done, server, load, all: coreSeconds(serverCore) + coreSeconds(loadCore) }
}

export function throughput(before: Usage, after: Usage): Throughput {
  const done = after.done - before.done
  return {
    value: done / (after.at - before.at),
    cpuUs: ((after.server - before.server) * 1e6) / done,
    busy: busy(before, after),
  }
}

export function busy(before: Usage, after: Usage): Throughput['busy'] {
  const seconds = after.at - before.at
  const server = after.server - before.server
  const load = after.load - before.load
  return {
    server: server / seconds,
    load: load / seconds,
    others: Math.max(0, after.all - before.all - server - load) / seconds,
  }
}
