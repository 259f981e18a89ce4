/**
 * Redis that is slow, or refuses for a while, while one server publishes all the time: its memory is bounded, it reports that it is
 * degraded, and what it does not count as dropped arrives once at another, in order.
 */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import Redis from 'ioredis'
import { freePort } from '../support/ports.ts'
import { RedisProcess, withoutRedisServer } from '../support/redis-process.ts'
import { cannotRun } from '../support/requirements.ts'
import { SlowLink } from '../support/slow-link.ts'
import { timeoutSeconds, until } from '../support/until.ts'
import type { ChannelRecorder } from './support/channel-recorder.ts'
import { Fleet } from './support/fleet.ts'
import type { Node } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(300_000)

const slow = 'Redis is slow'
const quick = 'Redis keeps up again'
const pad = 'x'.repeat(2000)
/** The number of events in one request. */
const batch = 100
/** Longer than a fault takes, which the test ends itself. */
const faultMs = 600_000

/** Publishes numbered events until it is stopped. */
class Publisher {
  published = 0
  /**
   * Whether it publishes without waiting for its events to arrive. Otherwise each request waits for the events of the one before, so that
   * no machine is too slow for what is published.
   */
  isUnbounded = false
  private arrived = -1
  private isStopped = false
  private readonly ended: Promise<void>
  private failure: unknown

  constructor(
    private readonly node: Node,
    recorder: ChannelRecorder,
  ) {
    recorder.channel.bind('count', (text: string) => {
      this.arrived = numberOf(text)
    })
    this.ended = this.run().catch(error => {
      this.failure = error
    })
  }

  /** @throws why it cannot continue */
  hasPublished(count: number): boolean {
    if (this.failure !== undefined) throw this.failure
    return this.published > count
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const events = Array.from({ length: batch }, () => ({ channel: 'news', name: 'count', data: `${this.published++} ${pad}` }))
      await this.node.post('/batch_events', { batch: events })
      // The newest event is never dropped.
      await until('the newest event arrives', () => this.isUnbounded || this.arrived === this.published - 1)
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true
    await this.ended
    if (this.failure !== undefined) throw this.failure
  }
}

const numberOf = (text: string) => Number.parseInt(text, 10)

/** The subscriber shares a process with the publisher: queued events may arrive faster than it reads, and must not have it closed. */
const changes = { server: { max_request_size: 1_000_000, max_queued_bytes: 67_108_864 } }
const numbers = (recorder: ChannelRecorder) => recorder.all('count').map(numberOf)

/** Waits until what the first server publishes now arrives at the other: all that it has sent before has arrived by then. */
async function settled(fleet: Fleet, recorder: ChannelRecorder): Promise<void> {
  await fleet.settled([recorder], [fleet.nodes[0]!])
}

/**
 * Expects every event once and in order, but those that the server has counted as dropped. Of these, some may have arrived that were in
 * flight when the connection ended: a window of them.
 */
async function expectDeliveredOnce(fleet: Fleet, recorder: ChannelRecorder, published: number): Promise<void> {
  const delivered = numbers(recorder)
  expect(delivered).toEqual([...new Set(delivered)].sort((a, b) => a - b))
  const counted = delivered.length + (await droppedBy(fleet.nodes[0]!))
  expect(counted).toBeGreaterThanOrEqual(published)
  expect(counted).toBeLessThanOrEqual(published + (4 * 1024 * 1024) / pad.length)
}

/** The number of dropped events in the last line of its log, which it writes when it stops. */
async function droppedBy(node: Node): Promise<number> {
  await node.stop()
  const counts = [...node.log.matchAll(/"dropped":(\d+)/g)].map(match => Number(match[1]))
  return counts.at(-1) ?? 0
}

/** The resident memory, in MiB. */
function memory({ pid }: Node): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

describe.skipIf(cannotRun('a slow Redis', withoutRedis || withoutRedisServer))('a server that publishes all the time', () => {
  test('is degraded over a link of 1 MB/s, drops the oldest events, and keeps within its bound of memory', async () => {
    await using redis = await startRedis()
    await using link = await SlowLink.to(redis.address, 1_000_000)
    await using fleet = await Fleet.started({ redis: [link.address, redis.address], count: 2, changes })
    const [sender, receiver] = fleet.nodes as [Node, Node]
    const recorder = await fleet.subscribe(receiver, 'news')
    const publisher = new Publisher(sender, recorder)
    publisher.isUnbounded = true
    await until('it is degraded', () => sender.isDegraded())
    await until('it has logged so', () => sender.logged(slow) === 1)
    expect(sender.log).toContain(`"redis":"127.0.0.1:${link.address.port}"`)
    expect(await sender.health('/up')).toEqual({ status: 200, health: 'OK' })
    // Three times as much as the bound of the queue.
    await until('it has published 60 MB', () => publisher.hasPublished(30_000), 2 * timeoutSeconds)
    expect(memory(sender)).toBeLessThan(400)
    await publisher.stop()
    link.bytesPerSecond = Number.POSITIVE_INFINITY
    await until('it is not degraded any more', async () => !(await sender.isDegraded()))
    await until('it has logged so', () => sender.logged(quick) === 1)
    expect([sender.logged(slow), sender.logged('Not connected to Redis')]).toEqual([1, 0])
    await settled(fleet, recorder)
    await expectDeliveredOnce(fleet, recorder, publisher.published)
  })

  test.each(['SIGSTOP', 'CLIENT PAUSE', 'ACL', 'killed'])(
    'is degraded while Redis fails by %s, and delivers every event afterwards that it does not count as dropped',
    async fault => {
      await using redis = new RedisProcess({ port: await freePort() })
      await redis.start()
      await using fleet = await Fleet.started({ redis: redis.address, count: 2, changes })
      const [sender, receiver] = fleet.nodes as [Node, Node]
      const recorder = await fleet.subscribe(receiver, 'news')
      const publisher = new Publisher(sender, recorder)
      await until('1,000 events have arrived', () => numbers(recorder).length > 1000)
      const operator = new Redis(redis.address)
      operator.on('error', () => {})
      await operator.ping()
      if (fault === 'SIGSTOP') await redis.pause()
      else if (fault === 'CLIENT PAUSE') await operator.call('CLIENT', 'PAUSE', String(faultMs), 'WRITE')
      else if (fault === 'ACL') await operator.call('ACL', 'SETUSER', 'default', '-publish')
      else await redis.kill()
      publisher.isUnbounded = true
      await until('it is degraded', () => sender.isDegraded())
      const before = publisher.published
      await until('it has published more than the bound of the queue', () => publisher.hasPublished(before + 10_000))
      publisher.isUnbounded = false
      if (fault === 'SIGSTOP') await redis.resume()
      else if (fault === 'CLIENT PAUSE') await operator.call('CLIENT', 'UNPAUSE')
      else if (fault === 'ACL') await operator.call('ACL', 'SETUSER', 'default', '+publish')
      else if (fault === 'killed') await redis.start()
      operator.disconnect()
      await until('it is not degraded any more', async () => !(await sender.isDegraded()))
      await publisher.stop()
      await settled(fleet, recorder)
      await expectDeliveredOnce(fleet, recorder, publisher.published)
    },
  )
})
