/** Something else answers on the port of Redis: servers serve their own clients, report it, keep memory and log in bounds, and recover. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { type Behaviour, bulk, bulks, type Connection, FakeRedis } from '../support/fake-redis.ts'
import { Random } from '../support/random.ts'
import { until } from '../support/until.ts'
import { agree, Fleet, leave } from './support/fleet.ts'
import type { Node } from './support/node.ts'

setDefaultTimeout(180_000)

const seed = Number(process.env.REVURB_TEST_SEED ?? Date.now() % 2 ** 31)
const random = new Random(seed)
console.log(`Seed of the test of a hostile Redis: REVURB_TEST_SEED=${seed}`)

const slow = 'Redis is slow'
const quick = 'Redis keeps up again'
const disconnectedMessage = 'Not connected to Redis'
const connectedMessage = 'Connected to Redis'

/** Sends the same bytes at the start, on each connection and for each command. */
const send = (bytes: string | Buffer): Behaviour => always(connection => connection.write(bytes))
const always = (act: (connection: Connection) => void): Behaviour => ({ begin: act, connect: act, command: act })
const answer = (text: string): Behaviour => ({ command: connection => connection.write(text) })

/** The behaviours of one group follow each other, with the same two servers. */
const noticedAtOnce: Record<string, Record<string, Behaviour>> = {
  'that refuses connections or commands': {
    'closes each connection at once': { connect: connection => connection.end() },
    'closes each connection at its first command': { command: connection => connection.end() },
    'closes connections at random': {
      command: connection => (random.chance(0.5) ? connection.end() : connection.write('-ERR\r\n')),
    },
    'refuses each command': answer('-ERR unknown command\r\n'),
    'requires a password': answer('-NOAUTH Authentication required.\r\n'),
    'is loading for ever': answer('-LOADING Redis is loading the dataset in memory\r\n'),
    'is a replica': answer("-READONLY You can't write against a read only replica.\r\n"),
    'redirects each command to itself': {
      command: (connection, [command]) => connection.write(command === 'info' ? bulk('') : moved(connection)),
    },
  },
  'that is no Redis': {
    'is a web server': send('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    'is a mail server': send('220 mail.example ESMTP\r\n'),
    'sends random bytes': always(connection => connection.write(random.bytes(5000))),
    'sends NULs': send(Buffer.alloc(10_000)),
    'sends line ends': send('\r\n'.repeat(5000)),
    'answers with a list of 2^32 items': send('*4294967296\r\n'),
    'answers with a list of -2 items': send('*-2\r\n'),
    'answers with a text of -5 bytes': send('$-5\r\n'),
    'answers with 100,000 nested lists': send('*1\r\n'.repeat(100_000)),
    'answers with types that the protocol does not have': send('%3\r\n~4\r\n!7\r\n(8\r\n'),
  },
}

/** Servers notice after 15 s that no echo arrives. */
const noticedLate: Record<string, Behaviour> = {
  'does not answer': { begin() {} },
  'answers each command, and delivers nothing': send('+OK\r\n'.repeat(1000)),
  'answers with a number of 400 digits': send(`:${'9'.repeat(400)}\r\n`),
  'begins with a text of 500 MB': always(connection => connection.write(`$500000000\r\n${'x'.repeat(100_000)}`)),
}

function moved({ port }: Connection): string {
  return `-MOVED 1 127.0.0.1:${port}\r\n`
}

/** Expects that two servers notice the behaviour, serve their clients, and recover once Redis is restored. */
async function survives(redis: FakeRedis, fleet: Fleet, name: string, behaviour: Behaviour): Promise<void> {
  const before = fleet.nodes.map(node => ({ memory: memory(node), lines: lines(node) }))
  const accepted = redis.accepted
  redis.behave(behaviour)
  const areDegraded = async () => (await Promise.all(fleet.nodes.map(node => node.isDegraded()))).every(Boolean)
  await until(`${name}: all have logged it`, () => fleet.nodes.every((node, i) => lines(node) - before[i]!.lines === 1))
  await until(`${name}: all are degraded`, areDegraded)
  // Each server has tried to connect again, several times where the connection is refused at once.
  await until(`${name}: they try again`, () => redis.accepted >= accepted + 4)
  await deliversLocally(fleet.nodes, name)
  expect(await areDegraded()).toBe(true)
  for (const [i, node] of fleet.nodes.entries()) {
    expect(memory(node) - before[i]!.memory, name).toBeLessThan(100_000)
    expect(lines(node) - before[i]!.lines, `${name}:\n${node.log}`).toBe(1)
  }
  redis.restore()
  await recovers(fleet, name)
}

test.concurrent.each(Object.entries(noticedAtOnce))('servers survive a Redis %s', async (_, behaviours) => {
  await using redis = await FakeRedis.started()
  await using fleet = await Fleet.started({ redis: redis.address, count: 2 })
  for (const [name, behaviour] of Object.entries(behaviours)) await survives(redis, fleet, name, behaviour)
})

test.concurrent.each(Object.entries(noticedLate))('servers survive a Redis that %s', async (name, behaviour) => {
  await using redis = await FakeRedis.started()
  await using fleet = await Fleet.started({ redis: redis.address, count: 2 })
  await survives(redis, fleet, name, behaviour)
  // It is reported as slow before it is reported as disconnected.
  for (const node of fleet.nodes) expect(node.logged(slow)).toBeGreaterThan(node.logged(quick))
})

test.concurrent('servers survive a Redis Cluster that redirects each command to itself, or to a closed port', async () => {
  await using redis = await FakeRedis.started()
  const { host, port } = redis.address
  await using fleet = await Fleet.started({ redis: { cluster: [{ host, port }] }, count: 2 })
  const except = (answer: (connection: Connection) => string): Behaviour => ({
    command(connection, words) {
      if (/^(info|cluster)$/i.test(words[0]!)) redis.answerAsRedis(connection, words)
      else connection.write(answer(connection))
    },
  })
  await survives(redis, fleet, 'MOVED to itself', except(moved))
  await survives(
    redis,
    fleet,
    'ASK to itself',
    except(({ port }) => `-ASK 1 127.0.0.1:${port}\r\n`),
  )
  await survives(
    redis,
    fleet,
    'MOVED to a port that is closed',
    except(() => '-MOVED 1 127.0.0.1:1\r\n'),
  )
})

test.concurrent('servers ignore messages that no server has published, and of channels that they have not subscribed to', async () => {
  await using redis = await FakeRedis.started()
  await using fleet = await Fleet.started({ redis: redis.address, count: 2 })
  const [node] = fleet.nodes as [Node]
  const client = await node.connect()
  await client.subscribe('room')
  const before = lines(node)
  const channel = [...redis.channels][0]!
  const texts = [
    '',
    'x',
    '{}',
    `${'0'.repeat(64)}[1,"f00d",1,{"type":"leave"}]`,
    random.bytes(1000).toString('latin1'),
    'x'.repeat(1_000_000),
  ]
  for (let i = 0; i < 200; i++) {
    const text = random.pick(texts)
    redis.publish(channel, text)
    redis.deliver(bulks('message', 'unsubscribed', text), bulks('pmessage', '*', channel, text))
  }
  await node.publish('room', 'still delivered', {})
  expect(await client.next()).toMatchObject({ event: 'still delivered' })
  await until('the ignored messages are logged', () => node.logged('Messages between the servers were ignored') > 0)
  await client.nothingMore()
  expect(lines(node) - before, node.log).toBe(1)
  redis.restore()
  await leave([client])
  await recovers(fleet, 'strange messages')
})

async function deliversLocally(nodes: readonly Node[], name: string): Promise<void> {
  for (const node of nodes) {
    expect(await node.health('/up')).toEqual({ status: 200, health: 'OK' })
    const client = await node.connect()
    await client.subscribe('room')
    await node.publish('room', name, {})
    expect(await client.next()).toMatchObject({ event: name })
    await leave([client])
  }
}

/** Expects that both servers are connected again, agree, and deliver each other's events. */
async function recovers(fleet: Fleet, name: string): Promise<void> {
  const [one, two] = fleet.nodes as [Node, Node]
  await until(`${name}: none is degraded any more`, async () => !(await one.isDegraded()) && !(await two.isDegraded()))
  // The next test counts the lines after these.
  const haveLogged = () => fleet.nodes.every(node => node.logged(connectedMessage) === node.logged(disconnectedMessage) + 1)
  await until(`${name}: all have logged that they are connected`, haveLogged)
  const client = await two.connect()
  await client.subscribe('room')
  await agree(fleet.nodes, { connections: 1, channels: { room: { occupied: true, subscription_count: 1 } }, users: {} })
  await one.publish('room', `after ${name}`, {})
  // Events that were published meanwhile are delivered first.
  for (let event = ''; event !== `after ${name}`; ) event = (await client.next()).event
  await leave([client])
  await agree(fleet.nodes, { connections: 0, channels: {}, users: {} })
}

/** Lines of the log, without those that report the pace of Redis: this one shares a process with the tests, which may be slow by itself. */
function lines(node: Node): number {
  return node.logged('') - node.logged(slow) - node.logged(quick)
}

/** The resident memory, in KiB. */
function memory({ pid }: Node): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}
