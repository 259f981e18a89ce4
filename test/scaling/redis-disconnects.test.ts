/** Redis closes connections of servers: they log it, reconnect, and agree again. Each test has a fleet of its own, and all run at once. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import Redis from 'ioredis'
import type { Address } from '../support/redis-ping.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { Fleet, leave } from './support/fleet.ts'
import type { Node } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'
import { Room, room } from './support/room.ts'

setDefaultTimeout(180_000)

const everyone = ['ann', 'bob', 'cat', 'dan']

describe.skipIf(cannotRun('connections that Redis closes', withoutRedis))('three servers', () => {
  test.concurrent.each([
    ['subscribing', 'pubsub'],
    ['publishing', 'normal'],
  ])('reconnect when Redis kills their %s connections, and lose no event', async (_, type) => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    await using operator = new Operator(redis.address)
    const here = await Room.in(fleet)
    expect(await operator.call('CLIENT', 'KILL', 'TYPE', type)).toBe(fleet.nodes.length)
    await here.deliversLocally('meanwhile')
    const eve = await fleet.nodes[1]!.member(room, 'eve')
    await haveReconnected(fleet.nodes)
    await here.agrees([...everyone, 'eve'], 6)
    await here.deliversToAll()
    for (const recorder of here.recorders) {
      expect(recorder.memberChanges).toEqual(['+eve'])
      for (const i of fleet.nodes.keys()) expect(recorder.all(`local meanwhile ${i}`).length).toBeLessThanOrEqual(1)
    }
    await leave([eve])
  })

  test.concurrent('agree again when Redis has closed the connection of one that was stopped, because of its output buffer', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address, changes: { server: { max_request_size: 1_000_000 } } })
    await using operator = new Operator(redis.address)
    const here = await Room.in(fleet)
    const [publisher, , stopped] = fleet.nodes as [Node, Node, Node]
    await operator.call('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 4mb 4mb 1')
    process.kill(stopped.pid, 'SIGSTOP')
    await publisher.publish(room, 'before', {})
    while ((await operator.subscribers()) === fleet.nodes.length)
      await publisher.publish('elsewhere', 'long', 'x'.repeat(500_000))
    expect(await operator.subscribers()).toBe(fleet.nodes.length - 1)
    const eve = await publisher.member(room, 'eve')
    process.kill(stopped.pid, 'SIGCONT')
    await haveReconnected([stopped])
    await here.agrees([...everyone, 'eve'], 6)
    await here.deliversToAll()
    for (const recorder of here.recorders) {
      expect(recorder.all('before')).toHaveLength(1)
      expect(recorder.members).toEqual([...everyone, 'eve'])
    }
    expect(fleet.nodes.map(node => node.logged(disconnectedMessage))).toEqual([0, 0, 1])
    await leave([eve])
  })
})

const disconnectedMessage = 'Not connected to Redis'

async function haveReconnected(nodes: readonly Node[]): Promise<void> {
  const times = () => nodes.map(node => [node.logged(disconnectedMessage), node.logged('Connected to Redis')])
  const expected = nodes.map(() => [1, 2])
  await until('the servers have logged that they were disconnected, and connected again', () => Bun.deepEquals(times(), expected))
}

/** A connection to Redis for administrative commands. */
class Operator implements AsyncDisposable {
  private readonly redis: Redis

  constructor({ host, port }: Address) {
    this.redis = new Redis(port, host)
  }

  call(command: string, ...words: string[]): Promise<unknown> {
    return this.redis.call(command, ...words)
  }

  /** The number of subscribed connections. */
  async subscribers(): Promise<number> {
    return String(await this.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
      .trimEnd()
      .split('\n').length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.redis.disconnect()
  }
}
