#!/usr/bin/env bun
/**
 * Sends malformed and unexpected input to a live server. The server must not end, log an error, answer with a 5xx, send one app's
 * data to another, or leak sockets, channels, descriptors or memory. `bun test/fuzz/run.ts [--seconds 60] [--seed N]
 * [--connections N]` ends with 1 when it did.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from '../support/random.ts'
import { documentFor, twoApps } from './apps.ts'
import { Canary } from './canary.ts'
import { Invariants } from './invariants.ts'
import { Memory } from './memory.ts'
import { Server } from './server.ts'
import { timeoutMs } from './wire.ts'
import {
  sendHostileFrames,
  sendMalformedHttp,
  sendMessages,
  sendRequests,
  stopReading,
  type Target,
  type Worker,
} from './workers.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    connections: { type: 'string', default: '16' },
  },
})
const seconds = Number(values.seconds)
const seed = Number(values.seed)

/** The connections are given to these, in turn. */
const workerKinds: readonly Worker[] = [
  sendMessages,
  sendRequests,
  sendHostileFrames,
  sendMessages,
  sendMalformedHttp,
  sendRequests,
  sendMessages,
  stopReading,
]

process.exit(await main())

async function main(): Promise<number> {
  const random = new Random(seed)
  const apps = twoApps(random)
  const invariants = new Invariants(apps)
  const memory = new Memory()
  const server = await Server.started(documentFor(apps), invariants)
  const canaries = await Promise.all(apps.map(app => Canary.subscribed(server.port, app, invariants)))
  const descriptors = server.descriptors()

  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 1000
  let over = false
  const stopped = () => over
  const target: Target = { port: server.port, apps, invariants, stopped }
  const workers = Array.from({ length: Number(values.connections) }, (_, i) =>
    guarded(workerKinds[i % workerKinds.length]!, target, random.fork()),
  )
  const running = canaries.map(canary => canary.run(stopped))
  const sampling = setInterval(() => memory.add(elapsed(), server.residentMemory()), 250)
  const reporting = setInterval(() => console.log(progress(elapsed(), invariants, server)), 5000)

  await Promise.race([Bun.sleep(seconds * 1000), invariants.violated])
  over = true
  await Promise.all([...workers, ...running])
  clearInterval(sampling)
  clearInterval(reporting)

  if (invariants.violations.length === 0) await expectNoLeftovers(canaries, server, descriptors, invariants)
  for (const canary of canaries) canary.leave()
  await server.stop(canaries.length)
  return verdict(invariants, memory)
}

/** Runs a worker again and again. That it cannot connect is a violation; whether the server runs is checked in server.ts. */
async function guarded(worker: Worker, target: Target, random: Random): Promise<void> {
  while (!target.stopped()) {
    try {
      await worker(target, random)
    } catch (error) {
      target.invariants.violation(`no connection: ${(error as Error).message}`)
    }
  }
}

/** When all workers have disconnected, the server may hold the sockets and channels of the canaries only. */
async function expectNoLeftovers(
  canaries: readonly Canary[],
  server: Server,
  descriptors: number,
  invariants: Invariants,
): Promise<void> {
  const left = async () => {
    const found = await Promise.all(canaries.map(async canary => ({ wanted: canary.channels, ...(await canary.occupancy()) })))
    const leftovers = found.filter(({ wanted, channels, connections }) => connections !== 1 || `${channels}` !== `${wanted}`)
    return { leftovers, open: server.descriptors() }
  }
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const { leftovers, open } = await left()
    // The requests of each canary keep up to two connections open.
    if (leftovers.length === 0 && open <= descriptors + 2 * canaries.length) return
    if (performance.now() > deadline)
      return invariants.violation(
        `left when all have disconnected: ${JSON.stringify(leftovers)}, ${open} descriptors for ${descriptors} at first`,
      )
    await Bun.sleep(50)
  }
}

function progress(elapsed: number, invariants: Invariants, server: Server): string {
  const { frames, requests, connections } = invariants
  return `${Math.round(elapsed)} s: ${connections} sockets, ${frames} frames, ${requests} requests, ${mib(server.residentMemory())} MiB`
}

function verdict(invariants: Invariants, memory: Memory): number {
  const { first, last, kibPerMinute, grows } = memory.report(seconds)
  if (grows) invariants.violation(`memory grows: from ${mib(first)} MiB after the warm-up to ${mib(last)} MiB at the end`)
  const statuses = [...invariants.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status} × ${count}`)
  console.log(`answers: ${statuses.join(', ')}`)
  console.log(`memory: ${mib(first)} MiB after the warm-up, ${mib(last)} MiB at the end, ${mib(kibPerMinute)} MiB a minute`)
  console.log(
    `fuzz: ${invariants.connections} sockets, ${invariants.frames} frames, ${invariants.requests} requests in ${seconds} s, seed ${seed}, ${invariants.violations.length} violations`,
  )
  if (invariants.violations.length === 0) return 0
  const file = join(mkdtempSync(join(tmpdir(), 'revurb-fuzz-')), 'last-inputs.txt')
  writeFileSync(file, `${invariants.violations.join('\n')}\n\n${invariants.lastInputs()}\n`)
  for (const violation of new Set(invariants.violations.slice(0, 20))) console.log(`violated: ${violation}`)
  console.log(
    `again: bun test/fuzz/run.ts --seconds ${seconds} --seed ${seed} --connections ${values.connections}; the last inputs are in ${file}`,
  )
  return 1
}

function mib(kib: number): number {
  return Math.round(kib / 102.4) / 10
}
