/** Redis itself cuts connections of servers: they say so, come back, and all agree. Each in a fleet of its own, at the same time. */
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

const everybody = ['ann', 'bob', 'cat', 'dan']

describe.skipIf(cannotRun('connections that Redis cuts', withoutRedis))('of three servers', () => {
  test.concurrent.each([
    ['on which they listen', 'pubsub'],
    ['on which they speak', 'normal'],
  ])('the connections %s are cut', async (_, type) => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address })
    await using operator = new Operator(redis.address)
    const here = await Room.in(fleet)
    expect(await operator.call('CLIENT', 'KILL', 'TYPE', type)).toBe(fleet.nodes.length)
    await here.servesItsOwn('meanwhile')
    const eve = await fleet.nodes[1]!.member(room, 'eve')
    await haveComeBack(fleet.nodes)
    await here.agrees([...everybody, 'eve'], 6)
    await here.hearsAll()
    for (const recorder of here.recorders) {
      expect(recorder.memberChanges).toEqual(['+eve'])
      for (const i of fleet.nodes.keys()) expect(recorder.all(`local meanwhile ${i}`).length).toBeLessThanOrEqual(1)
    }
    await leave([eve])
  })

  test.concurrent('one sleeps, and is cut off for all that waits for it', async () => {
    await using redis = await startRedis()
    await using fleet = await Fleet.started({ redis: redis.address, changes: { server: { max_request_size: 1_000_000 } } })
    await using operator = new Operator(redis.address)
    const here = await Room.in(fleet)
    const [speaker, , sleeper] = fleet.nodes as [Node, Node, Node]
    await operator.call('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 4mb 4mb 1')
    process.kill(sleeper.pid, 'SIGSTOP')
    await speaker.publish(room, 'before', {})
    while ((await operator.listeners()) === fleet.nodes.length) await speaker.publish('elsewhere', 'long', 'x'.repeat(500_000))
    expect(await operator.listeners()).toBe(fleet.nodes.length - 1)
    const eve = await speaker.member(room, 'eve')
    process.kill(sleeper.pid, 'SIGCONT')
    await haveComeBack([sleeper])
    await here.agrees([...everybody, 'eve'], 6)
    await here.hearsAll()
    for (const recorder of here.recorders) {
      expect(recorder.all('before')).toHaveLength(1)
      expect(recorder.members).toEqual([...everybody, 'eve'])
    }
    expect(fleet.nodes.map(node => node.logged(away))).toEqual([0, 0, 1])
    await leave([eve])
  })
})

const away = 'Not connected to Redis'

async function haveComeBack(nodes: readonly Node[]): Promise<void> {
  const times = () => nodes.map(node => [node.logged(away), node.logged('Connected to Redis')])
  const hasCome = nodes.map(() => [1, 2])
  await until('the servers say that Redis was away, and is back', () => Bun.deepEquals(times(), hasCome))
}

/** Who looks after Redis. */
class Operator implements AsyncDisposable {
  private readonly redis: Redis

  constructor({ host, port }: Address) {
    this.redis = new Redis(port, host)
  }

  call(command: string, ...words: string[]): Promise<unknown> {
    return this.redis.call(command, ...words)
  }

  /** How many connections there are on which somebody listens. */
  async listeners(): Promise<number> {
    return String(await this.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
      .trimEnd()
      .split('\n').length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.redis.disconnect()
  }
}
