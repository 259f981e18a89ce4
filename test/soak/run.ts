#!/usr/bin/env bun
/** Whether a server that has served very many connections still holds what it held after the first. See `usage`. */
import { run } from 'revurb-bench/command-line.ts'
import { app as credentials } from 'revurb-bench/load/app.ts'
import { DeployedApp } from '../support/deployed-app.ts'
import { commandLine, descendants, runs } from '../support/processes.ts'
import { signedQuery } from '../support/sign.ts'
import { until } from '../support/until.ts'
import { churn, type Tally } from './churn.ts'
import { type Footprint, footprintOf, growth, type Measurement, medianFootprint } from './footprint.ts'
import { type Options, parse, usage } from './options.ts'

/** So many looks at a process, 200 ms apart, make one measurement. */
const samples = 15
const sampleMs = 200

await run({ parse, usage, main })

async function main(options: Options): Promise<number> {
  await using app = await DeployedApp.make()
  const supervisor = Bun.spawn(['php', 'artisan', 'reverb:start'], {
    cwd: app.folder,
    env: { PATH: process.env.PATH!, PWD: app.folder },
    stdout: 'ignore',
    stderr: 'ignore',
  })
  try {
    await until('the server answers', () => app.isUp())
    return await soak(app, supervisor.pid, options)
  } finally {
    supervisor.kill('SIGTERM')
    await supervisor.exited
  }
}

async function soak(app: DeployedApp, supervisor: number, options: Options): Promise<number> {
  const { connections, every, restarts, within } = options
  const at = { host: '127.0.0.1', port: app.port }
  const tally: Tally = { connections: 0, published: 0, refused: 0 }
  const measurements: Measurement[] = []
  const restartEvery = restarts === 0 ? Number.POSITIVE_INFINITY : connections / restarts
  // The first restart comes half-way to the second, so that a measurement finds a server of the same age each time.
  let nextRestart = restartEvery / 2
  const started = performance.now()
  console.log('connections   published   failed   supervisor MiB, fds     server MiB, fds   seconds')
  while (tally.connections < connections) {
    const nextMeasurement = (measurements.length + 1) * every
    await churn(at, credentials, Math.ceil(Math.min(nextRestart, nextMeasurement, connections)) - tally.connections, tally)
    if (tally.connections >= nextRestart) {
      nextRestart += restartEvery
      await restart(app, supervisor)
    }
    if (tally.connections >= nextMeasurement || tally.connections >= connections) {
      const measured = await measure(app, supervisor, tally.connections)
      measurements.push(measured)
      console.log(row(measured, tally, (performance.now() - started) / 1000))
    }
  }
  const [first, last] = [measurements[0]!, measurements.at(-1)!]
  const faults = growth(first, last, within)
  if (tally.refused > connections / 1000)
    faults.push(`${tally.refused} connections failed, which is more than one in a thousand.`)
  for (const fault of faults) console.log(fault)
  if (faults.length === 0) console.log(`Memory and descriptors stayed within ${within} % of the first measurement.`)
  return faults.length === 0 ? 0 : 1
}

/** Resolves when the old server has ended and the new one serves alone. */
async function restart(app: DeployedApp, supervisor: number): Promise<void> {
  const old = serversOf(supervisor)
  await app.artisan('reverb:restart', '--wait')
  await until('the old server ends', () => !old.some(runs) && serversOf(supervisor).length === 1)
}

function serversOf(supervisor: number): number[] {
  return descendants(supervisor).filter(pid => runs(pid) && commandLine(pid).includes('revurb.js'))
}

/** Once the server has seen every connection close. */
async function measure(app: DeployedApp, supervisor: number, connections: number): Promise<Measurement> {
  await until('the server has closed every connection', async () => (await openConnections(app)) === 0)
  const [server] = serversOf(supervisor)
  const found: Footprint[][] = [[], []]
  for (let i = 0; i < samples; i++) {
    await Bun.sleep(sampleMs)
    found[0]!.push(footprintOf(supervisor))
    found[1]!.push(footprintOf(server!))
  }
  const [ofSupervisor, ofServer] = found.map(medianFootprint)
  return { connections, supervisor: ofSupervisor!, server: ofServer! }
}

async function openConnections(app: DeployedApp): Promise<number> {
  const path = `/apps/${credentials.id}/connections`
  const query = signedQuery(credentials, { method: 'GET', path })
  const response = await fetch(`http://127.0.0.1:${app.port}${path}?${query}`, { keepalive: false })
  return ((await response.json()) as { connections: number }).connections
}

function row({ connections, supervisor, server }: Measurement, { published, refused }: Tally, seconds: number): string {
  const mib = ({ kib }: Footprint) => (kib / 1024).toFixed(1)
  const cells = [
    [String(connections), 11],
    [String(published), 12],
    [String(refused), 9],
    [`${mib(supervisor)}, ${supervisor.descriptors}`, 22],
    [`${mib(server)}, ${server.descriptors}`, 20],
    [seconds.toFixed(0), 10],
  ] as const
  return cells.map(([text, width]) => text.padStart(width)).join('')
}
