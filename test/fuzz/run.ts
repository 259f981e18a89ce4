#!/usr/bin/env bun
/**
 * Feeds a live server what nobody should send, and watches that it neither falls, nor stumbles, nor tells one app what
 * belongs to another, nor keeps anything. `bun test/fuzz/run.ts [--seconds 60] [--seed N] [--connections N]`; exit code 1
 * when any of that happened.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from '../support/random.ts'
import { documentFor, twoApps } from './apps.ts'
import { Canary } from './canary.ts'
import { Memory } from './memory.ts'
import { Server } from './server.ts'
import { Watch } from './watch.ts'
import { patienceMs } from './wire.ts'
import { ask, babble, type Fire, ignore, shout, talk, type Worker } from './workers.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    connections: { type: 'string', default: '16' },
  },
})
const seconds = Number(values.seconds)
const seed = Number(values.seed)

/** Who takes the connections, in turn. */
const crew: readonly Worker[] = [talk, ask, shout, talk, babble, ask, talk, ignore]

process.exit(await main())

async function main(): Promise<number> {
  const random = new Random(seed)
  const apps = twoApps(random)
  const watch = new Watch(apps)
  const memory = new Memory()
  const server = await Server.started(documentFor(apps), watch)
  const canaries = await Promise.all(apps.map(app => Canary.seated(server.port, app, watch)))
  const descriptors = server.descriptors()

  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 1000
  let over = false
  const stopped = () => over
  const fire: Fire = { port: server.port, apps, watch, stopped }
  const workers = Array.from({ length: Number(values.connections) }, (_, i) =>
    guarded(crew[i % crew.length]!, fire, random.fork()),
  )
  const singing = canaries.map(canary => canary.sing(stopped))
  const sampling = setInterval(() => memory.add(elapsed(), server.residentMemory()), 250)
  const telling = setInterval(() => console.log(progress(elapsed(), watch, server)), 5000)

  await Promise.race([Bun.sleep(seconds * 1000), watch.violated])
  over = true
  await Promise.all([...workers, ...singing])
  clearInterval(sampling)
  clearInterval(telling)

  if (watch.violations.length === 0) await nothingIsLeft(canaries, server, descriptors, watch)
  for (const canary of canaries) canary.leave()
  await server.stop(canaries.length)
  return verdict(watch, memory)
}

/** A connection that is refused or reset is no fault of the worker's; whether the server lives is seen elsewhere. */
async function guarded(worker: Worker, fire: Fire, random: Random): Promise<void> {
  while (!fire.stopped()) {
    try {
      await worker(fire, random)
    } catch (error) {
      fire.watch.violation(`no connection: ${(error as Error).message}`)
    }
  }
}

/** Once all have gone there are the canaries, and nothing else. */
async function nothingIsLeft(canaries: readonly Canary[], server: Server, descriptors: number, watch: Watch): Promise<void> {
  const left = async () => {
    const found = await Promise.all(canaries.map(async canary => ({ wanted: canary.channels, ...(await canary.occupancy()) })))
    const leftovers = found.filter(({ wanted, channels, connections }) => connections !== 1 || `${channels}` !== `${wanted}`)
    return { leftovers, open: server.descriptors() }
  }
  const deadline = performance.now() + patienceMs
  for (;;) {
    const { leftovers, open } = await left()
    // Each canary's application keeps a connection for its own requests.
    if (leftovers.length === 0 && open <= descriptors + 2 * canaries.length) return
    if (performance.now() > deadline)
      return watch.violation(
        `left after all have gone: ${JSON.stringify(leftovers)}, ${open} descriptors for ${descriptors} at first`,
      )
    await Bun.sleep(50)
  }
}

function progress(elapsed: number, watch: Watch, server: Server): string {
  const { frames, requests, connections } = watch
  return `${Math.round(elapsed)} s: ${connections} sockets, ${frames} frames, ${requests} requests, ${mib(server.residentMemory())} MiB`
}

function verdict(watch: Watch, memory: Memory): number {
  const { first, last, kibPerMinute, grows } = memory.report(seconds)
  if (grows) watch.violation(`memory grows: from ${mib(first)} MiB after the warm-up to ${mib(last)} MiB at the end`)
  const statuses = [...watch.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status} × ${count}`)
  console.log(`answers: ${statuses.join(', ')}`)
  console.log(`memory: ${mib(first)} MiB after the warm-up, ${mib(last)} MiB at the end, ${mib(kibPerMinute)} MiB a minute`)
  console.log(
    `fuzz: ${watch.connections} sockets, ${watch.frames} frames, ${watch.requests} requests in ${seconds} s, seed ${seed}, ${watch.violations.length} violations`,
  )
  if (watch.violations.length === 0) return 0
  const file = join(mkdtempSync(join(tmpdir(), 'revurb-fuzz-')), 'last-inputs.txt')
  writeFileSync(file, `${watch.violations.join('\n')}\n\n${watch.lastInputs()}\n`)
  for (const violation of new Set(watch.violations.slice(0, 20))) console.log(`violated: ${violation}`)
  console.log(
    `again: bun test/fuzz/run.ts --seconds ${seconds} --seed ${seed} --connections ${values.connections}; the last inputs are in ${file}`,
  )
  return 1
}

function mib(kib: number): number {
  return Math.round(kib / 102.4) / 10
}
