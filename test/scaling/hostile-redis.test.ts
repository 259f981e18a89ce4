/** A Redis that is none, or none any more: the servers serve their own clients, report it, keep memory and log in bounds, and recover. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { Random } from '../support/random.ts'
import { until } from '../support/until.ts'
import { agree, Fleet, leave } from './support/fleet.ts'
import { type Behaviour, bulk, bulks, type Connection, Impostor } from './support/impostor.ts'
import type { Node } from './support/node.ts'

setDefaultTimeout(180_000)

const seed = Number(process.env.REVURB_TEST_SEED ?? Date.now() % 2 ** 31)
const random = new Random(seed)
console.log(`Chance of the test of a hostile Redis: REVURB_TEST_SEED=${seed}`)

const slow = 'Redis is slow'
const quick = 'Redis keeps up again'
const away = 'Not connected to Redis'
const connected = 'Connected to Redis'

/** The same bytes at every opportunity. */
const say = (bytes: string | Buffer): Behaviour => always(connection => connection.write(bytes))
const always = (act: (connection: Connection) => void): Behaviour => ({ begin: act, connect: act, command: act })
const answer = (text: string): Behaviour => ({ command: connection => connection.write(text) })

/** Each list in turn, before the same two servers. */
const brief: Record<string, Record<string, Behaviour>> = {
  'that does not let them in': {
    'closes each connection at once': { connect: connection => connection.end() },
    'closes each connection at its first command': { command: connection => connection.end() },
    'closes connections at random': {
      command: connection => (random.chance(0.5) ? connection.end() : connection.write('-ERR\r\n')),
    },
    'refuses each command': answer('-ERR unknown command\r\n'),
    'wants a password': answer('-NOAUTH Authentication required.\r\n'),
    'is loading, and never ends': answer('-LOADING Redis is loading the dataset in memory\r\n'),
    'is a replica': answer("-READONLY You can't write against a read only replica.\r\n"),
    'sends each command to itself': {
      command: (connection, [command]) => connection.write(command === 'info' ? bulk('') : moved(connection)),
    },
  },
  'that is something else': {
    'is a web server': say('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    'is a mail server': say('220 mail.example ESMTP\r\n'),
    'sends random bytes': always(connection => connection.write(random.bytes(5000))),
    'sends NULs': say(Buffer.alloc(10_000)),
    'sends line ends': say('\r\n'.repeat(5000)),
    'answers with a list of 2^32 items': say('*4294967296\r\n'),
    'answers with a list of -2 items': say('*-2\r\n'),
    'answers with a text of -5 bytes': say('$-5\r\n'),
    'answers with 100,000 lists in each other': say('*1\r\n'.repeat(100_000)),
    'answers with types that there are not': say('%3\r\n~4\r\n!7\r\n(8\r\n'),
  },
}

/** They take 15 s to notice that nothing of what they say comes back. */
const long: Record<string, Behaviour> = {
  'does not answer': { begin() {} },
  'answers whatever it is asked, and delivers nothing': say('+OK\r\n'.repeat(1000)),
  'answers with a number of 400 digits': say(`:${'9'.repeat(400)}\r\n`),
  'begins with a text of 500 MB': always(connection => connection.write(`$500000000\r\n${'x'.repeat(100_000)}`)),
}

function moved({ port }: Connection): string {
  return `-MOVED 1 127.0.0.1:${port}\r\n`
}

/** Two servers and their Redis, which takes to this and comes back from it. */
async function survives(redis: Impostor, fleet: Fleet, name: string, behaviour: Behaviour): Promise<void> {
  const before = fleet.nodes.map(node => ({ memory: memory(node), lines: lines(node) }))
  const taken = redis.taken
  redis.behave(behaviour)
  const areDegraded = async () => (await Promise.all(fleet.nodes.map(node => node.isDegraded()))).every(Boolean)
  await until(`${name}: all have said so`, () => fleet.nodes.every((node, i) => lines(node) - before[i]!.lines === 1))
  await until(`${name}: all are degraded`, areDegraded)
  // Each of them has tried again, more than once where it is refused at once.
  await until(`${name}: they try again`, () => redis.taken >= taken + 4)
  await servesItsOwn(fleet.nodes, name)
  expect(await areDegraded()).toBe(true)
  for (const [i, node] of fleet.nodes.entries()) {
    expect(memory(node) - before[i]!.memory, name).toBeLessThan(100_000)
    expect(lines(node) - before[i]!.lines, `${name}:\n${node.log}`).toBe(1)
  }
  redis.reform()
  await recovers(fleet, name)
}

test.concurrent.each(Object.entries(brief))('a Redis %s', async (_, behaviours) => {
  await using redis = await Impostor.started()
  await using fleet = await Fleet.started({ redis: redis.address, count: 2 })
  for (const [name, behaviour] of Object.entries(behaviours)) await survives(redis, fleet, name, behaviour)
})

test.concurrent.each(Object.entries(long))('a Redis that %s', async (name, behaviour) => {
  await using redis = await Impostor.started()
  await using fleet = await Fleet.started({ redis: redis.address, count: 2 })
  await survives(redis, fleet, name, behaviour)
  // Before it was away.
  for (const node of fleet.nodes) expect(node.logged(slow)).toBeGreaterThan(node.logged(quick))
})

test.concurrent('a Redis Cluster that sends each command to itself, or to a port that is closed', async () => {
  await using redis = await Impostor.started()
  const { host, port } = redis.address
  await using fleet = await Fleet.started({ redis: { cluster: [{ host, port }] }, count: 2 })
  const except = (answer: (connection: Connection) => string): Behaviour => ({
    command(connection, words) {
      if (/^(info|cluster)$/i.test(words[0]!)) redis.obey(connection, words)
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

test.concurrent('a Redis that delivers what nobody has said, or subscribed to', async () => {
  await using redis = await Impostor.started()
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
    redis.deliver(bulks('message', 'nobody', text), bulks('pmessage', '*', channel, text))
  }
  await node.publish('room', 'goes on', {})
  expect(await client.next()).toMatchObject({ event: 'goes on' })
  await until('what came to nothing is reported', () => node.logged('Messages between the servers were ignored') > 0)
  await client.nothingMore()
  expect(lines(node) - before, node.log).toBe(1)
  redis.reform()
  await leave([client])
  await recovers(fleet, 'strange messages')
})

async function servesItsOwn(nodes: readonly Node[], name: string): Promise<void> {
  for (const node of nodes) {
    expect(await node.health('/up')).toEqual({ status: 200, health: 'OK' })
    const client = await node.connect()
    await client.subscribe('room')
    await node.publish('room', name, {})
    expect(await client.next()).toMatchObject({ event: name })
    await leave([client])
  }
}

/** Nothing is published meanwhile that the others would hear now. */
async function recovers(fleet: Fleet, name: string): Promise<void> {
  const [one, two] = fleet.nodes as [Node, Node]
  await until(`${name}: none is degraded any more`, async () => !(await one.isDegraded()) && !(await two.isDegraded()))
  // What is counted next comes after these lines.
  const haveLogged = () => fleet.nodes.every(node => node.logged(connected) === node.logged(away) + 1)
  await until(`${name}: all have logged that they are connected`, haveLogged)
  const client = await two.connect()
  await client.subscribe('room')
  await agree(fleet.nodes, { connections: 1, channels: { room: { occupied: true, subscription_count: 1 } }, users: {} })
  await one.publish('room', `after ${name}`, {})
  // What was published meanwhile is said again.
  for (let event = ''; event !== `after ${name}`; ) event = (await client.next()).event
  await leave([client])
  await agree(fleet.nodes, { connections: 0, channels: {}, users: {} })
}

/** Lines of the log, without those that report the pace of Redis: this one shares a process with the tests, which may be slow by itself. */
function lines(node: Node): number {
  return node.logged('') - node.logged(slow) - node.logged(quick)
}

/** Resident, in KiB. */
function memory({ pid }: Node): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}
