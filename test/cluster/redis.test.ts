/** The backplane over Redis, with a Redis in this process that misbehaves as a test needs it. `test/scaling` has the real one. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Backplane } from '../../src/cluster/backplane.ts'
import { redisBackplane } from '../../src/cluster/redis.ts'
import type { RedisAddress } from '../../src/cluster/redis-address.ts'
import { listenerInto } from '../support/backplane-nodes.ts'
import { TestCluster } from '../support/cluster.ts'
import { bulk, type Connection, FakeRedis } from '../support/fake-redis.ts'
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
class Node {
  readonly calls: string[] = []
  /** For how long the backplane has slept at most. A sleep ends when the test says so. */
  readonly sleeps: { ms: number; end: () => void }[] = []
  readonly backplane: Backplane

  /** @param random the node's own number */
  constructor(changes: Partial<RedisAddress> = {}, random = 0.1) {
    this.backplane = redisBackplane({
      address: redisAddress(redis.address, changes),
      channel,
      listener: listenerInto(this.calls),
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

/** Answers as Redis does. @returns the texts that are published from now on */
function recordProbes(): string[] {
  const published: string[] = []
  redis.handle('publish', (connection, words) => {
    published.push(words[2]!)
    redis.answerAsRedis(connection, words)
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
    expect(cluster.counters).toEqual({ forged: 0, unsupported: 0, malformed: 0, replayed: 0, dropped: 0 })
    expect(cluster.peerIds).toEqual([])
  })
})

describe('a backplane over Redis', () => {
  test('is connected once it is subscribed and can publish, and passes its own messages on as echoes', async () => {
    const node = await Node.connected()
    node.backplane.send('a')
    node.backplane.send('b')
    await node.hears('b')
    expect(node.calls).toEqual(['connected', 'a', 'b'])
  })

  test('loses what is sent before it is connected', async () => {
    const node = new Node()
    node.backplane.send('early')
    await node.hears('connected')
    node.backplane.send('late')
    await node.hears('late')
    expect(node.calls).toEqual(['connected', 'late'])
  })

  test('reports a first attempt that fails as an outage, with the reason of Redis, and goes on trying', async () => {
    redis.handle('auth', connection => connection.write('-WRONGPASS invalid password\r\n'))
    const node = new Node({ password: 'secret' })
    await node.hears('disconnected: WRONGPASS invalid password')
    redis.resume()
    await node.hears('connected')
    expect(node.calls).toHaveLength(2)
  })

  test('reports the reason from before where Redis refuses it without one', async () => {
    redis.handle('auth', connection => connection.write('-\r\n'))
    const node = new Node({ password: 'secret' })
    await node.hears('disconnected: not connected yet')
  })

  test.each(['publishing', 'subscribed'])(
    'is disconnected once when its %s connection is closed, and then connected again',
    async kind => {
      const node = await Node.connected()
      node.backplane.send('before')
      await node.hears('before')
      redis.end(connection => connection.channels.size > 0 === (kind === 'subscribed'))
      await until('it is connected again', () => node.calls.filter(call => call === 'connected').length === 2)
      expect(node.calls).toEqual(['connected', 'before', 'disconnected: the connection was closed', 'connected'])
      node.backplane.send('after')
      await node.hears('after')
    },
  )

  test('is disconnected while Redis refuses to publish, probes once with each check, and is connected once one is delivered', async () => {
    const node = await Node.connected()
    const refused: string[] = []
    redis.handle('publish', (connection, words) => {
      refused.push(words[2]!)
      refuse(connection)
    })
    node.backplane.send('refused')
    node.backplane.send('refused, too')
    await node.hears('disconnected: OOM no memory')
    node.backplane.send('lost')
    for (const nowMs of [0, 1000]) {
      const before = refused.length
      node.check(nowMs)
      await until('a probe is refused', () => refused.length > before)
    }
    expect(refused).toHaveLength(4)
    redis.resume()
    node.check(2000)
    await node.hears('connected')
    expect(node.calls).toEqual(['connected', 'disconnected: OOM no memory', 'connected'])
  })

  test('subscribes again with each check while Redis refuses the subscription', async () => {
    let asked = 0
    redis.handle('subscribe', connection => {
      asked++
      connection.write('-NOPERM no channel\r\n')
    })
    const node = new Node()
    await node.hears('disconnected: NOPERM no channel')
    node.check(0)
    // While the answer is awaited, it does not ask again.
    node.check(0)
    await until('it has asked again', () => asked === 2)
    redis.resume()
    await until('it is subscribed', () => {
      node.check(0)
      return node.calls.at(-1) === 'connected'
    })
    expect(node.calls).toEqual(['disconnected: NOPERM no channel', 'connected'])
  })
})

describe('a Redis that accepts messages and delivers none', () => {
  const reason = "disconnected: Redis has not delivered this server's own messages for 15 s"

  test('is noticed 15 s after the first check with an awaited echo: the connections are replaced, and a probe must come back', async () => {
    const node = await Node.connected()
    const before = redis.accepted
    deliverNothing()
    node.backplane.send('not delivered')
    node.check(1000)
    node.check(15_999)
    expect(node.calls).toEqual(['connected'])
    node.check(16_000)
    expect(node.calls).toEqual(['connected', reason])
    await until('it has subscribed anew', () => redis.accepted === before + 2 && redis.channels.size === 1)
    const published = deliverNothing()
    node.check(17_000)
    await until('it probes', () => published.length > 0)
    expect(node.calls).toHaveLength(2)
    redis.publish(channel, published[0]!)
    await node.hears('connected')
  })

  test('is not taken for dead while echoes arrive, however late', async () => {
    const node = await Node.connected()
    const published = deliverNothing()
    node.backplane.send('a')
    node.check(0)
    node.backplane.send('b')
    await until('both are published', () => published.length === 2)
    redis.publish(channel, 'a')
    await node.hears('a')
    node.check(14_000)
    redis.publish(channel, 'another message')
    await node.hears('another message')
    node.check(28_999)
    expect(node.calls).toEqual(['connected', 'a', 'another message'])
    node.check(29_000)
    expect(node.calls.at(-1)).toBe(reason)
  })

  test('is judged by the first message of each second, and by one of every 65,536 characters', async () => {
    const node = await Node.connected()
    const published = deliverNothing()
    const send = async (...messages: string[]) => {
      const before = published.length
      for (const message of messages) node.backplane.send(message)
      await until('they are published', () => published.length === before + messages.length)
    }
    await send('first', 'x'.repeat(65_535))
    redis.publish(channel, 'first')
    await node.hears('first')
    node.check(0)
    node.check(20_000)
    expect(node.calls).toEqual(['connected', 'first'])
    await send('first again', 'x'.repeat(65_535), 'y')
    redis.publish(channel, 'first again')
    await node.hears('first again')
    node.check(20_000)
    node.check(35_000)
    expect(node.calls.at(-1)).toBe(reason)
  })

  test('has nothing of its old connections reach the listener', async () => {
    const node = await Node.connected()
    const answers: (() => void)[] = []
    redis.handle('publish', connection => void answers.push(() => connection.write(':0\r\n')))
    node.backplane.send('not answered')
    await until('it is published', () => answers.length === 1)
    node.check(0)
    node.check(15_000)
    redis.publish(channel, 'late')
    for (const answer of answers) answer()
    redis.resume()
    await until('it is connected', () => {
      node.check(15_000)
      return node.calls.at(-1) === 'connected'
    })
    expect(node.calls).toEqual(['connected', reason, 'connected'])
  })

  test('has a publish that is not answered when the connections are replaced count as no refusal', async () => {
    const node = await Node.connected()
    let isPublished = false
    redis.handle('publish', () => {
      isPublished = true
    })
    node.backplane.send('never answered')
    await until('it is published', () => isPublished)
    const probes = recordProbes()
    node.check(0)
    node.check(15_000)
    await node.hears('connected')
    expect(node.calls).toEqual(['connected', reason, 'connected'])
    // After a refusal there would be another one.
    expect(probes).toHaveLength(1)
  })
})

describe('close', () => {
  test('waits for the answer to the last publish', async () => {
    const node = await Node.connected()
    let answer: (() => void) | undefined
    redis.handle('publish', connection => {
      answer = () => connection.write(':1\r\n')
    })
    node.backplane.send('last')
    let isClosed = false
    const closed = node.backplane.close().then(() => {
      isClosed = true
    })
    await until('it is published', () => answer)
    expect([isClosed, node.sleeps.map(({ ms }) => ms)]).toEqual([false, [500]])
    answer!()
    await closed
  })

  test('waits half a second at most, and what arrives meanwhile reaches no listener', async () => {
    const node = await Node.connected()
    let isPublished = false
    redis.handle('publish', () => {
      isPublished = true
    })
    node.backplane.send('last')
    const closed = node.backplane.close()
    await until('it is published', () => isPublished)
    redis.publish(channel, 'in flight')
    node.sleeps[0]!.end()
    await closed
    await until('its connections have ended', () => redis.open === 0)
    expect(node.calls).toEqual(['connected'])
  })

  test('ends early where the connection does, which is no outage any more', async () => {
    const node = await Node.connected()
    redis.handle('publish', connection => connection.end())
    node.backplane.send('last')
    await node.backplane.close()
    expect(node.calls).toEqual(['connected'])
  })

  test('waits for nothing while it is not connected', async () => {
    const node = new Node()
    await node.backplane.close()
    expect([node.sleeps, node.calls]).toEqual([[], []])
  })
})

describe('a backplane over Redis Cluster', () => {
  test('publishes through one server, and through another one once that is gone', async () => {
    await using other = await FakeRedis.started()
    const servers = [redis, other]
    let inCluster = servers
    const published: FakeRedis[] = []
    for (const server of servers) {
      const answer = server.answerAsRedis.bind(server)
      server.answerAsRedis = (connection, words) => {
        if (words[0] === 'cluster') connection.write(slotsOf(inCluster))
        else if (words[0] !== 'publish') answer(connection, words)
        else {
          published.push(server)
          for (const each of servers) each.publish(channel, words[2]!)
          connection.write(':1\r\n')
        }
      }
    }
    const node = await Node.connected({ kind: 'cluster' })
    for (let i = 0; i < 10; i++) {
      node.backplane.send(`${i}`)
      await node.hears(`${i}`)
    }
    const [used] = published
    expect(new Set(published)).toEqual(new Set([used!]))
    inCluster = servers.filter(server => server !== used)
    used!.behave({ connect: connection => connection.end() })
    node.backplane.send('lost')
    await until('it is disconnected', () => node.calls.at(-1)!.startsWith('disconnected'))
    await until('it is connected again', () => {
      node.check(0)
      return node.calls.at(-1) === 'connected'
    })
    published.length = 0
    node.backplane.send('after')
    await node.hears('after')
    expect(new Set(published)).toEqual(new Set(inCluster))
    await node.backplane.close()
  })

  test('has its client replaced after 15 s without a connection, also where attempts to connect have ended meanwhile', async () => {
    redis.handle('cluster', connection => connection.write('-ERR not yet\r\n'))
    const node = new Node({ kind: 'cluster' })
    node.check(0)
    await node.hears('disconnected: Failed to refresh slots cache: ERR not yet')
    let asked = 0
    redis.handle('cluster', () => asked++)
    await until('both clients ask once more', () => asked === 2)
    const probes = recordProbes()
    node.check(14_999)
    node.check(15_000)
    await node.hears('connected')
    // New connections have to deliver a probe first.
    expect(probes).toHaveLength(1)
  })
})

/** The answer of a cluster of these servers, with an equal share of the slots for each. */
function slotsOf(servers: readonly FakeRedis[]): string {
  const share = 16_384 / servers.length
  const ranges = servers.map(
    ({ address }, i) =>
      `*3\r\n:${i * share}\r\n:${(i + 1) * share - 1}\r\n*3\r\n${bulk(address.host)}:${address.port}\r\n${bulk(`f00d${i}`)}`,
  )
  return `*${servers.length}\r\n${ranges.join('')}`
}
