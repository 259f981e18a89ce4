#!/usr/bin/env bun
/**
 * How much more two servers deliver than one. Every server has the same share of a core, and clients and Redis have the rest
 * of the machine: so the servers are what limits, also where there are no more than two cores. Rounds with one and with two
 * servers alternate, and in each every frame must arrive. Needs root, Linux and redis-server. Prints a Markdown table.
 */
import { readFileSync } from 'node:fs'
import { Command, document } from '../test/support/command.ts'
import { signedQuery } from '../test/support/sign.ts'
import { RedisProcess } from '../test/scaling/support/process.ts'
import { quietPort } from '../test/scaling/support/port.ts'
import { until } from '../test/e2e/support/until.ts'
import { limitEach } from './support/quota.ts'
import { publisher, Subscribers } from './support/wire.ts'

const rounds = 5
const seconds = 3
const share = 0.25
const publishers = 64
const audiences = [200, 1000]

const app = { id: '1001', key: 'app-key', secret: 'app-secret' }
const channel = 'news'
const ticksPerSecond = 100

type Round = { readonly perSecond: number; readonly cpuUs: number }

const port = await quietPort()
await using redis = new RedisProcess({ port })
await redis.start()

console.log(`Bun ${Bun.version}, ${rounds} rounds of ${seconds} s, ${publishers} publishers, ${share * 100} % of a core for each server\n`)
console.log('| subscribers | one server, deliveries/s | two servers | ratio, median (spread) | µs CPU of the servers per delivery: one, two |')
console.log('|---|---|---|---|---|')
for (const audience of audiences) {
  const ones: Round[] = []
  const twos: Round[] = []
  for (let i = 0; i < rounds; i++) {
    ones.push(await round(1, audience))
    twos.push(await round(2, audience))
  }
  const ratios = ones.map(({ perSecond }, i) => twos[i]!.perSecond / perSecond)
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
  const cpu = [ones, twos].map(side => median(side.map(({ cpuUs }) => cpuUs)).toFixed(2)).join(', ')
  const speeds = [ones, twos].map(side => Math.round(median(side.map(({ perSecond }) => perSecond))).toLocaleString('en'))
  console.log(`| ${audience} | ${speeds.join(' | ')} | ${median(ratios).toFixed(2)} (${spread}) | ${cpu} |`)
}

/** Servers of their own for each, scaling enabled also for the one that is alone. */
async function round(count: number, audience: number): Promise<Round> {
  const scaling = { enabled: true, secret: 's', channel: `bench-${count}`, server: { host: '127.0.0.1', port } }
  const servers = await Promise.all(
    Array.from({ length: count }, () => Command.started(document({ scaling, app: { max_connections: null } }))),
  )
  const crowds = await Promise.all(
    servers.map(server => Subscribers.on(server.port, audience / count, app.key, channel)),
  )
  const received = () => crowds.reduce((sum, { bytes }) => sum + bytes, 0)
  const frameBytes = await frameLength(servers[0]!.port, audience, received)
  const release = limitEach(servers.map(({ pid }) => pid), share)
  const bytesBefore = received()
  const ticksBefore = ticks(servers)
  const began = performance.now()
  const goesOn = () => performance.now() - began < seconds * 1000
  const answers = await Promise.all(
    Array.from({ length: publishers }, (_, i) => publisher(servers[i % count]!.port, request(), goesOn)),
  )
  const deliveries = audience * answers.reduce((sum, n) => sum + n, 0)
  await until('every frame has arrived', () => received() - bytesBefore >= deliveries * frameBytes, 60)
  const elapsed = (performance.now() - began) / 1000
  const cpuUs = ((ticks(servers) - ticksBefore) / ticksPerSecond) * (1e6 / deliveries)
  if (received() - bytesBefore !== deliveries * frameBytes) throw new Error('more has arrived than was sent')
  for (const crowd of crowds) crowd[Symbol.dispose]()
  for (const server of servers) await server[Symbol.asyncDispose]()
  release()
  return { perSecond: deliveries / elapsed, cpuUs }
}

/** By one event that everybody has. */
async function frameLength(server: number, audience: number, received: () => number): Promise<number> {
  let last = -1
  await publisher(server, request(), () => false)
  await until('the first event has arrived everywhere', () => {
    const isStill = last === received() && last > 0 && last % audience === 0
    last = received()
    return isStill
  })
  return last / audience
}

function request(): string {
  const body = JSON.stringify({ name: 'headline', channel, data: JSON.stringify({ text: 'x'.repeat(100) }) })
  const path = `/apps/${app.id}/events`
  const query = signedQuery(app, { method: 'POST', path, body })
  return `POST ${path}?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** User and system time of them all, from Linux. */
function ticks(servers: readonly Command[]): number {
  const fields = servers.map(({ pid }) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '))
  return fields.reduce((sum, all) => sum + Number(all[11]) + Number(all[12]), 0)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
