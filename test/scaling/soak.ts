#!/usr/bin/env bun
/**
 * Clients join and leave presence channels without a pause, on three servers over Redis. Afterwards all servers have to agree, and their
 * memory must not have grown. Prints one line of JSON, and exits with 1 where memory has grown.
 * `soak.ts [--seconds 60] [--rate 1000] [--sockets 300]`: `rate` is the number of joins and leaves a second.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { channelAuth } from '../support/sign.ts'
import { agree, Fleet } from './support/fleet.ts'
import { mainApp, type Node } from './support/node.ts'
import { startRedis } from './support/redis.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1000' },
    sockets: { type: 'string', default: '300' },
  },
})
const [seconds, rate, socketCount] = [Number(values.seconds), Number(values.rate), Number(values.sockets)]
const channels = Array.from({ length: 20 }, (_, i) => `presence-${i}`)
const usersPerServer = 2
const sampleMs = 1000
/** One leave in this many closes the client, and another one connects. */
const leavesPerClose = 20

/** A client that joins and leaves channels, and counts the messages that it receives. */
class Walker {
  received = 0
  channel: string | undefined

  private constructor(
    readonly at: Node,
    readonly userId: string,
    private readonly socket: WebSocket,
    private readonly socketId: string,
  ) {
    socket.onmessage = () => void this.received++
  }

  static connect(at: Node, userId: string): Promise<Walker> {
    const socket = new WebSocket(`ws://127.0.0.1:${at.port}/app/${mainApp.key}?protocol=7`)
    return new Promise((resolve, reject) => {
      socket.onclose = ({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`))
      socket.onmessage = ({ data }) => {
        const { socket_id } = JSON.parse(JSON.parse(String(data)).data) as { socket_id: string }
        resolve(new Walker(at, userId, socket, socket_id))
      }
    })
  }

  join(channel: string): void {
    this.channel = channel
    const channel_data = JSON.stringify({ user_id: this.userId })
    this.send('pusher:subscribe', { channel, channel_data, auth: channelAuth(mainApp, this.socketId, channel, channel_data) })
  }

  leave(): void {
    this.send('pusher:unsubscribe', { channel: this.channel })
    this.channel = undefined
  }

  close(): Promise<void> {
    return new Promise(resolve => {
      this.socket.onclose = () => resolve()
      this.socket.close()
    })
  }

  private send(event: string, data: object): void {
    this.socket.send(JSON.stringify({ event, data }))
  }
}

await using redis = await startRedis()
await using fleet = await Fleet.started({
  redis: redis.address,
})

const random = (bound: number) => Math.floor(Math.random() * bound)
/** Each user has clients on several servers. */
const userOf = (i: number) => `user ${i % Math.ceil(socketCount / usersPerServer)}`
const walkers = await Promise.all(
  Array.from({ length: socketCount }, (_, i) => Walker.connect(fleet.nodes[i % fleet.nodes.length]!, userOf(i))),
)
const memory: number[][] = fleet.nodes.map(() => [])
const counts = { joins: 0, leaves: 0, sockets: socketCount, received: 0 }
const startedAt = performance.now()
const elapsed = () => (performance.now() - startedAt) / 1000

while (elapsed() < seconds) {
  while (counts.joins + counts.leaves < elapsed() * rate) await step(random(walkers.length))
  if (memory[0]!.length * sampleMs < elapsed() * 1000) for (const [i, node] of fleet.nodes.entries()) memory[i]!.push(rssOf(node))
  await Bun.sleep(5)
}

const stoppedAt = performance.now()
await agree(fleet.nodes, expected())
const agreedMs = Math.round(performance.now() - stoppedAt)
for (const walker of walkers) counts.received += walker.received
await Promise.all(walkers.map(walker => walker.close()))
await agree(fleet.nodes, { connections: 0, channels: {}, users: {} })

/** Memory of the last third, by that of the second: caches and buffers are filled after the first. */
const growth = memory.map(
  samples => mean(samples.slice(-samples.length / 3)) / mean(samples.slice(samples.length / 3, (2 * samples.length) / 3)),
)
const isFlat = growth.every(factor => factor < 1.1)
console.log(
  JSON.stringify({
    seconds,
    ...counts,
    stepsPerSecond: Math.round((counts.joins + counts.leaves) / seconds),
    agreedMs,
    rssMb: memory.map(samples => ({ first: mb(samples[0]!), most: mb(Math.max(...samples)), last: mb(samples.at(-1)!) })),
    growth: growth.map(factor => Number(factor.toFixed(3))),
    isFlat,
  }),
)
if (!isFlat) process.exitCode = 1

async function step(index: number): Promise<void> {
  const walker = walkers[index]!
  if (walker.channel === undefined) {
    walker.join(channels[random(channels.length)]!)
    counts.joins++
    return
  }
  counts.leaves++
  if (random(leavesPerClose) > 0) return walker.leave()
  counts.received += walker.received
  counts.sockets++
  await walker.close()
  walkers[index] = await Walker.connect(walker.at, walker.userId)
}

/** What the servers have to answer after these joins and leaves. */
function expected() {
  const users: Record<string, string[]> = {}
  const counted: Record<string, object> = {}
  for (const name of channels) {
    const there = walkers.filter(({ channel }) => channel === name)
    if (there.length === 0) continue
    users[name] = [...new Set(there.map(({ userId }) => userId))].sort()
    counted[name] = { occupied: true, user_count: users[name].length, subscription_count: there.length }
  }
  return { connections: walkers.length, channels: counted, users }
}

/** The resident memory, in bytes. */
function rssOf({ pid }: Node): number {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

function mb(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}
