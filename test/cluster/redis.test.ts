/** The backplane over Redis, with a Redis in this process that misbehaves as a test needs it. `test/scaling` has the real one. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Backplane, BackplaneListener } from '../../src/cluster/backplane.ts'
import { redisBackplane } from '../../src/cluster/redis.ts'
import type { RedisAddress } from '../../src/cluster/redis-address.ts'
import { TestCluster } from '../support/cluster.ts'
import { type Connection, FakeRedis } from '../support/fake-redis.ts'
import { redisAddress } from '../support/redis-address.ts'
import { until } from '../support/until.ts'

const channel = 'revurb:test'
/** The probe of an earlier release. */
const emptyProbe = ''

let redis: FakeRedis
const nodes: Node[] = []

beforeEach(async () => {
  redis = await FakeRedis.started()
})

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.backplane.close()
  await redis[Symbol.asyncDispose]()
})

/** A node's backplane: what its listener was called with, in order. */
class Node implements BackplaneListener {
  readonly calls: string[] = []
  /** For how long the backplane has slept at most. A sleep ends when the test says so. */
  readonly sleeps: { ms: number; end: () => void }[] = []
  readonly backplane: Backplane

  /** @param random the node's own number */
  constructor(changes: Partial<RedisAddress> = {}, random = 0.1) {
    this.backplane = redisBackplane({
      address: redisAddress(redis.address, changes),
      channel,
      listener: this,
      random: () => random,
      sleep: ms => new Promise<void>(end => void this.sleeps.push({ ms, end })),
      defer: setImmediate,
    })
    nodes.push(this)
  }

  static async connected(changes: Partial<RedisAddress> = {}, random?: number): Promise<Node> {
    const node = new Node(changes, random)
    await node.hears('connected')
    return node
  }

  onMessage(message: string): void {
    this.calls.push(message)
  }

  onConnected(): void {
    this.calls.push('connected')
  }

  onDisconnected(reason: string): void {
    this.calls.push(`disconnected: ${reason}`)
  }

  onClosed(): void {
    this.calls.push('closed')
  }

  check(nowMs: number): void {
    this.backplane.check!(nowMs)
  }

  /** Resolves when the last call of the listener was this one. */
  async hears(call: string): Promise<void> {
    await until(`the listener is called with ${call}`, () => this.calls.at(-1) === call)
  }
}

const refuse = (connection: Connection) => connection.write('-OOM no memory\r\n')

/** Accepts what is published, and delivers nothing. @returns the texts that are published */
function deliverNothing(): string[] {
  const published: string[] = []
  redis.handle('publish', (connection, [, , text]) => {
    published.push(text!)
    connection.write(':0\r\n')
  })
  return published
}

/** A publish of the node was refused, and its next ones are accepted, and not delivered. @returns the texts of these */
async function refusedOnce(node: Node): Promise<string[]> {
  redis.handle('publish', refuse)
  node.backplane.send('refused')
  await node.hears('disconnected: OOM no memory')
  return deliverNothing()
}

describe('the probe', () => {
  test('of another node, or of an earlier release, does not end the wait for the own one', async () => {
    const one = await Node.connected({}, 0.1)
    const two = await Node.connected({}, 0.2)
    const published = await refusedOnce(one)
    one.check(0)
    await until('it has published its probe', () => published.length > 0)
    await refusedOnce(two)
    const ofTwo = deliverNothing()
    two.check(0)
    await until('the other one has published its probe', () => ofTwo.length > 0)
    for (const text of [ofTwo[0]!, emptyProbe, 'a message']) redis.publish(channel, text)
    await one.hears('a message')
    expect(one.calls).toEqual(['connected', 'disconnected: OOM no memory', 'a message'])
    redis.publish(channel, published[0]!)
    await one.hears('connected')
  })

  test('is passed to no listener, whose ever it is', async () => {
    const one = await Node.connected({}, 0.1)
    const two = await Node.connected({}, 0.2)
    await refusedOnce(one)
    redis.resume()
    one.check(0)
    await one.hears('connected')
    redis.publish(channel, emptyProbe)
    redis.publish(channel, 'a message')
    await two.hears('a message')
    expect(two.calls).toEqual(['connected', 'a message'])
  })

  test('is neither forged nor malformed to a node of an earlier release, which passes it on', async () => {
    const one = await Node.connected()
    const published = await refusedOnce(one)
    one.check(0)
    await until('it has published its probe', () => published.length > 0)
    const { cluster } = new TestCluster('a').node('a')
    expect(cluster.receive(published[0]!, 0)).toEqual([])
    expect(cluster.counters).toEqual({ forged: 0, malformed: 0, replayed: 0, dropped: 0 })
    expect(cluster.peers.isAnyStaying).toBe(false)
  })
})
