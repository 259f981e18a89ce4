/** Clients of a Redis in this process. `test/scaling/redis-security.test.ts` has real ones, with Sentinel and Redis Cluster. */
import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { RedisOptions } from 'ioredis'
import type { RedisAddress, RedisTls } from '../../src/cluster/redis-address.ts'
import { newRedisClient, type RedisClient } from '../../src/cluster/redis-client.ts'
import { Authority, type Issued } from '../support/authority.ts'
import { bulk, type Connection, FakeRedis } from '../support/fake-redis.ts'
import { freePort } from '../support/ports.ts'
import { redisAddress } from '../support/redis-address.ts'
import { until } from '../support/until.ts'

const clients: RedisClient[] = []
const servers: FakeRedis[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect()
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
})

async function startRedis(...tls: Parameters<typeof FakeRedis.started>): Promise<FakeRedis> {
  const redis = await FakeRedis.started(...tls)
  servers.push(redis)
  return redis
}

/** What a client has emitted: its states, and the messages of its errors. */
function newClient(address: RedisAddress, random = 0): { client: RedisClient; emitted: string[] } {
  const client = newRedisClient(address, () => random, setImmediate)
  clients.push(client)
  const emitted: string[] = []
  client.on('error', (error: Error) => emitted.push(error.message))
  for (const state of ['ready', 'close']) client.on(state, () => emitted.push(state))
  return { client, emitted }
}

/** The first state or error of a client. */
async function firstOf(address: RedisAddress): Promise<string> {
  const { emitted } = newClient(address)
  return until('the client has connected, or failed to', () => emitted[0])
}

/** Records one command, and answers as Redis does. @returns its words after the first, each time it is received */
function recorded(redis: FakeRedis, command: string): string[][] {
  const received: string[][] = []
  redis.handle(command, (connection, words) => {
    received.push(words.slice(1))
    redis.answerAsRedis(connection, words)
  })
  return received
}

const nowhere = async () => ({ host: '127.0.0.1', port: await freePort() })

describe('a client of a single Redis', () => {
  test.each<[Partial<RedisAddress>, string, string[][]]>([
    [{}, 'auth', []],
    [{ password: 'secret' }, 'auth', [['secret']]],
    [{ username: 'ann', password: 'secret' }, 'auth', [['ann', 'secret']]],
    [{}, 'select', []],
    [{ database: 3 }, 'select', [['3']]],
  ])('with %j sends %s with %j', async (changes, command, expected) => {
    const redis = await startRedis()
    const received = recorded(redis, command)
    expect(await firstOf(redisAddress(redis.address, changes))).toBe('ready')
    expect(received).toEqual(expected)
  })

  test('has commands fail at once until it is connected', async () => {
    const { client } = newClient(redisAddress(await nowhere()))
    await expect(client.publish('a', 'b')).rejects.toThrow("Stream isn't writeable")
  })

  test('connects again, after a time that doubles up to 5 s, and of which a random half is left out', async () => {
    const redis = await startRedis()
    const { client, emitted } = newClient(redisAddress(redis.address))
    await until('it is connected', () => emitted.length === 1)
    redis.restore()
    await until('it is connected again', () => emitted.length === 3)
    expect(emitted).toEqual(['ready', 'close', 'ready'])
    const delays = (client: RedisClient) => {
      const { retryStrategy } = client.options as RedisOptions
      return [1, 2, 6, 7, 8, 1000].map(times => retryStrategy!(times))
    }
    expect(delays(client)).toEqual([50, 100, 1600, 2500, 2500, 2500])
    expect(delays(newClient(redisAddress(redis.address), 1).client)).toEqual([100, 200, 3200, 5000, 5000, 5000])
  })

  test('reads in turns: a burst of messages does not arrive at once', async () => {
    const redis = await startRedis()
    const turns: (() => void)[] = []
    const client = newRedisClient(redisAddress(redis.address), Math.random, act => void turns.push(act))
    clients.push(client)
    const lengths: number[] = []
    client.on('message', (_channel: string, message: string) => lengths.push(message.length))
    client.once('ready', () => client.subscribe('news'))
    await until('it is subscribed', () => redis.channels.size > 0)
    for (let i = 0; i < 200; i++) redis.publish('news', 'x'.repeat(1000))
    await until('its connection has more than one turn to read', () => turns.length > 0)
    expect(lengths.length).toBeLessThan(200)
    await until('all has arrived', () => {
      for (const act of turns.splice(0)) act()
      return lengths.length === 200
    })
  })

  test('names the cause where Redis cannot be reached', async () => {
    const address = await nowhere()
    expect(await firstOf(redisAddress(address))).toContain('ECONNREFUSED')
  })
})

describe('a client over TLS', () => {
  const authority = new Authority()
  const names = { address: 'IP:127.0.0.1', localhost: 'DNS:localhost', other: 'DNS:redis.internal' }
  const issued = {
    address: authority.issue(names.address),
    localhost: authority.issue(names.localhost),
    other: authority.issue(names.other),
  }
  const locked = authority.issue('DNS:client', 'open sesame')
  const ca = readFileSync(authority.caFile, 'utf8')
  afterAll(() => authority[Symbol.dispose]())

  const texts = ({ certFile, keyFile }: Issued) => ({ cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') })

  function tls(changes: Partial<RedisTls> = {}): RedisTls {
    return { ca, identity: null, verifiesPeer: true, verifiesName: true, name: null, ...changes }
  }

  test.each<[string, keyof typeof issued, Partial<RedisTls>, RegExp]>([
    ['connects to a server with a certificate of its CA', 'address', {}, /^ready$/],
    [
      'refuses a certificate of a CA that the system does not trust, and names the setting',
      'address',
      { ca: null },
      /REVURB_REDIS_CAFILE/,
    ],
    ['accepts any certificate where it does not verify the server', 'address', { ca: null, verifiesPeer: false }, /^ready$/],
    ['refuses a certificate for another name, and names the setting', 'other', {}, /REVURB_REDIS_PEER_NAME/],
    ['accepts a certificate for another name where it does not verify the name', 'other', { verifiesName: false }, /^ready$/],
    ['accepts a certificate for the name that it is told', 'other', { name: 'redis.internal' }, /^ready$/],
  ])('%s', async (_, certificate, changes, expected) => {
    const redis = await startRedis(texts(issued[certificate]))
    expect(await firstOf(redisAddress(redis.address, { tls: tls(changes) }))).toMatch(expected)
  })

  test.each<[string, RedisTls['identity']]>([
    ['a key', { ...texts(issued.other), passphrase: null }],
    ['a key with a passphrase', { ...texts(locked), passphrase: 'open sesame' }],
  ])('presents a certificate with %s to a server that asks for one', async (_, identity) => {
    const redis = await startRedis({ ...texts(issued.address), ca, requestCert: true, rejectUnauthorized: true })
    expect(await firstOf(redisAddress(redis.address, { tls: tls({ identity }) }))).toBe('ready')
    const withoutOne = newClient(redisAddress(redis.address, { tls: tls() })).emitted
    await until('one without a certificate is refused', () => withoutOne.includes('close'))
    expect(withoutOne).not.toContain('ready')
  })

  test('connects to a sentinel, and to the server that it names', async () => {
    const redis = await startRedis(texts(issued.address))
    const address = redisAddress(redis.address, { kind: 'sentinels', masterName: 'main', tls: tls() })
    expect(await firstOf(address)).toBe('ready')
    expect(await firstOf({ ...address, tls: null })).not.toBe('ready')
  })

  test('connects to the servers of a cluster by their names, for which their certificates are', async () => {
    const redis = await startRedis(texts(issued.localhost))
    const { port } = redis.address
    redis.handle('cluster', connection => connection.write(slots('localhost', port)))
    expect(await firstOf(redisAddress({ host: 'localhost', port }, { kind: 'cluster', tls: tls() }))).toBe('ready')
  })
})

/** The answer of a cluster of one server. */
function slots(host: string, port: number): string {
  return `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n${bulk(host)}:${port}\r\n${bulk('f00d')}`
}

describe('a client of Sentinel', () => {
  test.each<[string | null, string[][]]>([
    [null, []],
    ['secret of sentinels', [['secret of sentinels']]],
  ])('with the password %p for sentinels connects to the server that a sentinel names', async (sentinelPassword, expected) => {
    const [sentinel, server] = [await startRedis(), await startRedis()]
    const asked: string[][] = []
    const authenticated = recorded(sentinel, 'auth')
    const answer = sentinel.answerAsRedis.bind(sentinel)
    sentinel.answerAsRedis = (connection: Connection, words: readonly string[]) => {
      if (words[1] !== 'get-master-addr-by-name') return answer(connection, words)
      asked.push(words.slice(1))
      server.answerAsRedis(connection, words)
    }
    const address = redisAddress(sentinel.address, { kind: 'sentinels', masterName: 'main', sentinelPassword })
    expect(await firstOf(address)).toBe('ready')
    expect(asked).toEqual([['get-master-addr-by-name', 'main']])
    expect(authenticated).toEqual(expected)
    expect(server.accepted).toBe(1)
  })

  test('emits that it is closed where no sentinel can be reached, with the cause, and tries again', async () => {
    const { emitted } = newClient(redisAddress(await nowhere(), { kind: 'sentinels', masterName: 'main' }))
    await until('it has tried twice', () => emitted.length >= 4)
    expect(emitted.slice(0, 4).map(text => text.replace(/ \S+:\d+$/, ''))).toEqual([
      'All sentinels are unreachable: connect ECONNREFUSED',
      'close',
      'All sentinels are unreachable: connect ECONNREFUSED',
      'close',
    ])
  })

  test('emits once that it is closed where the server that a sentinel names refuses it', async () => {
    const redis = await startRedis()
    redis.handle('auth', connection => connection.write('-WRONGPASS invalid username-password pair\r\n'))
    const { emitted } = newClient(redisAddress(redis.address, { kind: 'sentinels', masterName: 'main', password: 'wrong' }))
    await until('it is closed', () => emitted.includes('close'))
    expect(emitted).toEqual(['WRONGPASS invalid username-password pair', 'close'])
  })
})

describe('a client of Redis Cluster', () => {
  test('connects to the servers that the first one names', async () => {
    const [seed, server] = [await startRedis(), await startRedis()]
    seed.handle('cluster', connection => connection.write(slots('127.0.0.1', server.address.port)))
    const { client, emitted } = newClient(redisAddress(seed.address, { kind: 'cluster' }))
    await until('it is connected', () => emitted.includes('ready'))
    client.on('message', (_channel: string, message: string) => emitted.push(message))
    await client.subscribe('news')
    expect(server.publish('news', 'hello')).toBe(1)
    await until('a message arrives', () => emitted.at(-1) === 'hello')
  })

  test('names the cause where no server can be reached, and tries again', async () => {
    const { emitted } = newClient(redisAddress(await nowhere(), { kind: 'cluster' }))
    await until('it has tried twice', () => emitted.filter(text => text === 'close').length === 2)
    expect(emitted[0]).toMatch(/^Failed to refresh slots cache: .*ECONNREFUSED/)
  })
})
