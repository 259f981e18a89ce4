/** Three servers over Redis: what is published on one reaches the subscribers of all. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { PresenceChannel } from 'pusher-js'
import { Client } from '../support/client.ts'
import { EventQueue, signedIn } from '../support/clients/event-queue.ts'
import type { Redis } from '../support/redis-process.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import type { ChannelRecorder } from './support/channel-recorder.ts'
import { agree, Fleet, leave } from './support/fleet.ts'
import { mainApp, type Node } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(180_000)

const fewApp = { id: '1002', key: 'few', secret: 'few-secret' }
const countingApp = { id: '1003', key: 'counting', secret: 'counting-secret' }
const inDocument = ({ id: app_id, key, secret }: typeof mainApp, rules: object = {}) => ({ app_id, key, secret, ...rules })

describe.skipIf(cannotRun('events of several servers', withoutRedis))('three servers', () => {
  let redis: Redis
  let fleet: Fleet
  let a: Node
  let b: Node
  let c: Node

  beforeAll(async () => {
    redis = await startRedis()
    const apps = [
      inDocument(mainApp),
      inDocument(fewApp, { max_connections: 3 }),
      inDocument(countingApp, { subscription_count: true }),
    ]
    fleet = await Fleet.started({ redis: redis.address, changes: { apps } })
    ;[a, b, c] = fleet.nodes as [Node, Node, Node]
  })

  // They are disposed of in reverse order, each also where another one fails.
  afterAll(async () => {
    await using _redis = redis
    await using _fleet = fleet
  })

  /** A subscriber on each server. */
  const everywhere = (channel: string, user?: { id: string }) =>
    Promise.all(fleet.nodes.map(node => fleet.subscribe(node, channel, user)))

  test('deliver 10,000 events to every client once, those of one server in order', async () => {
    const count = 10_000
    const recorders = (await Promise.all(['1', '2', '3', '4'].map(() => everywhere('news')))).flat()
    const startedAt = performance.now()
    await Promise.all(
      fleet.nodes.map(async (node, by) => {
        for (let n = by; n < count; n += fleet.nodes.length) await node.publish('news', 'published', { by, n })
      }),
    )
    await fleet.settled(recorders)
    const seconds = (performance.now() - startedAt) / 1000
    console.log(
      `${count} events to ${recorders.length} clients in ${seconds.toFixed(1)} s: ${recorders.length * count} deliveries`,
    )
    const numbers = fleet.nodes.map((_, by) => Array.from({ length: count }, (_, n) => n).filter(n => n % 3 === by))
    for (const recorder of recorders) {
      expect(recorder.received).toHaveLength(count)
      const received: { by: number; n: number }[] = recorder.all('published')
      expect(fleet.nodes.map((_, by) => received.filter(event => event.by === by).map(({ n }) => n))).toEqual(numbers)
    }
  })

  test('do not deliver an event to the socket that its publisher excludes', async () => {
    const [first, ...others] = await everywhere('room')
    const beside = await fleet.subscribe(a, 'room')
    for (const node of fleet.nodes) {
      await node.publish('room', 'published', node.port, { socket_id: first!.socketId })
      await fleet.settled([first!, beside, ...others])
      expect(first!.received).toEqual([])
      for (const recorder of [beside, ...others]) {
        expect(recorder.received).toEqual([['published', node.port]])
        recorder.clear()
      }
    }
  })

  test('deliver the events of a batch, and one event on several channels', async () => {
    const [ones, twos] = [await everywhere('one'), await everywhere('two')]
    await b.sdk.triggerBatch([
      { channel: 'one', name: 'first', data: 1 },
      { channel: 'two', name: 'second', data: 2 },
    ])
    await c.sdk.trigger(['one', 'two'], 'third', 3)
    await Promise.all([fleet.settled(ones), fleet.settled(twos)])
    const inAnyOrder = (recorder: ChannelRecorder) => [...recorder.received].sort()
    for (const recorder of ones)
      expect(inAnyOrder(recorder)).toEqual([
        ['first', 1],
        ['third', 3],
      ])
    for (const recorder of twos)
      expect(inAnyOrder(recorder)).toEqual([
        ['second', 2],
        ['third', 3],
      ])
  })

  test('deliver client events to the other subscribers, with the id of the sender', async () => {
    const recorders = await Promise.all(
      [a, b, c].map((node, i) => fleet.subscribe(node, 'presence-whispers', { id: ['ann', 'bob', 'ann'][i]! })),
    )
    const events = recorders.map(() => [] as unknown[])
    for (const [i, { channel }] of recorders.entries()) {
      channel.bind('client-typing', (data: object, metadata: object) => events[i]!.push({ ...data, ...metadata }))
    }
    recorders[0]!.channel.trigger('client-typing', { text: 'a' })
    recorders[1]!.channel.trigger('client-typing', { text: 'b' })
    await until('both whispers are received', () => events[2]!.length === 2)
    await fleet.settled(recorders)
    const [fromAnn, fromBob] = [
      { text: 'a', user_id: 'ann' },
      { text: 'b', user_id: 'bob' },
    ]
    expect(events.slice(0, 2)).toEqual([[fromBob], [fromAnn]])
    expect(events[2]).toHaveLength(2)
    expect(events[2]).toEqual(expect.arrayContaining([fromAnn, fromBob]))
  })

  test('deliver events of private channels', async () => {
    const recorders = await everywhere('private-room', { id: 'ann' })
    for (const node of fleet.nodes) await node.sdk.trigger('private-room', 'published', node.port)
    await fleet.settled(recorders)
    for (const recorder of recorders) expect(recorder.all('published').sort()).toEqual(fleet.nodes.map(({ port }) => port).sort())
  })

  test('deliver events of encrypted channels, which every client decrypts', async () => {
    const recorders = await everywhere('private-encrypted-room', { id: 'ann' })
    for (const node of fleet.nodes) await node.sdk.trigger('private-encrypted-room', 'published', { pin: node.port })
    for (const recorder of recorders) {
      await until('all three are read', () => recorder.all('published').length === 3)
      expect(recorder.all('published')).toEqual(expect.arrayContaining(fleet.nodes.map(({ port }) => ({ pin: port }))))
    }
  })

  test.each(['cache-rates', 'private-cache-rates', 'presence-cache-rates', 'private-encrypted-cache-rates'])(
    'cache the same last event of %s',
    async name => {
      const first = await fleet.subscribe(a, name, { id: 'ann' })
      await first.waitFor('pusher:cache_miss')
      const fence = await everywhere('fence')
      for (const publisher of [b, c, a]) {
        await publisher.sdk.trigger(name, 'rate', publisher.port)
        await fleet.settled(fence)
        for (const node of fleet.nodes) {
          const late = await fleet.subscribe(node, name, { id: 'bob' })
          expect(await late.waitFor('rate')).toBe(publisher.port)
          expect(late.all('pusher:cache_miss')).toEqual([])
          late.leave()
        }
        const cached = await Promise.all(
          fleet.nodes.map(node => node.get(`/channels/${encodeURIComponent(name)}`, { info: 'cache' })),
        )
        expect(cached[0]).toMatchObject({ cache: { event: 'rate' } })
        expect(cached).toEqual(cached.map(() => cached[0]))
      }
      await until('the first client has received all three', () => first.all('rate').length >= 3)
      expect(first.all('rate')).toEqual([b, c, a].map(({ port }) => port))
    },
  )

  test('deliver events for a user to all its connections, and to no others', async () => {
    const users = await Promise.all(
      [a, b, c, c].map(async (node, i) => signedIn(await fleet.connect(node, { id: i === 3 ? 'bob' : 'ann' }))),
    )
    for (const node of fleet.nodes) await node.sdk.sendToUser('ann', 'paid', { by: node.port })
    await b.sdk.sendToUser('bob', 'asked', {})
    for (const user of users.slice(0, 3)) {
      const received = [await user.next(), await user.next(), await user.next()]
      expect(received).toEqual(expect.arrayContaining(fleet.nodes.map(({ port }) => ['paid', { by: port }])))
      expect(user.rest()).toEqual([])
    }
    expect(await users[3]!.next()).toEqual(['asked', {}])
    expect(users[3]!.rest()).toEqual([])
  })

  test('close the connections of a terminated user on all of them', async () => {
    const room = 'presence-terminated'
    const [eves, others] = [
      [
        await a.signedIn({ id: 'eve' }),
        await c.signedIn({ id: 'eve' }),
        await b.member(room, 'eve'),
        await c.member(room, 'eve'),
      ],
      [await b.signedIn({ id: 'bob' }), await a.member(room, 'bob')],
    ]
    await b.post('/users/eve/terminate_connections', {})
    expect((await Promise.all(eves.map(({ closed }) => closed))).map(({ code }) => code)).toEqual([4009, 4009, 4009, 4009])
    for (const client of others) await client.untilPong()
    await leave(others)
  })

  test('send a watchlist event once when a user comes online, and once when it goes offline', async () => {
    const client = await fleet.connect(a, { id: 'watcher', watchlist: ['dan', 'fay', 'end'] })
    const watchlist = new EventQueue(client.user.watchlist)
    await signedIn(client)
    expect(await watchlist.next()).toEqual(['offline', { name: 'offline', user_ids: ['dan', 'fay', 'end'] }])
    const fence = [await fleet.subscribe(a, 'fence')]
    const dans = [await b.signedIn({ id: 'dan' }), await c.signedIn({ id: 'dan' })]
    await fleet.settled(fence)
    await leave([dans[0]!])
    await b.signedIn({ id: 'fay' })
    await fleet.settled(fence)
    await leave([dans[1]!])
    await c.signedIn({ id: 'end' })
    const received = [await watchlist.next(), await watchlist.next(), await watchlist.next(), await watchlist.next()]
    expect(received).toEqual([
      ['online', { name: 'online', user_ids: ['dan'] }],
      ['online', { name: 'online', user_ids: ['fay'] }],
      ['offline', { name: 'offline', user_ids: ['dan'] }],
      ['online', { name: 'online', user_ids: ['end'] }],
    ])
  })

  test('send subscribers the number of subscriptions on all servers', async () => {
    const clients: Client[] = []
    for (const node of [a, b, c, c]) {
      const client = await node.connect(countingApp)
      await client.subscribe('counted')
      clients.push(client)
    }
    const receivesCount = async (client: Client, count: number) => {
      for (;;) {
        const { event, data } = await client.next()
        expect(event).toBe('pusher_internal:subscription_count')
        if (JSON.parse(data as string).subscription_count === count) return
      }
    }
    for (const client of clients) await receivesCount(client, 4)
    await leave([clients.pop()!])
    for (const client of clients) await receivesCount(client, 3)
    await leave(clients)
  })

  test('count the connections of all servers for max_connections of an app', async () => {
    const clients = [await a.connect(fewApp), await b.connect(fewApp), await c.connect(fewApp)]
    await agree(fleet.nodes, { connections: 3, channels: {}, users: {} }, { app: fewApp })
    for (const { port } of fleet.nodes) {
      const refused = Client.open(port, { key: fewApp.key })
      expect((await refused.closed).code).toBe(4004)
    }
    await leave([clients[0]!])
    await agree(fleet.nodes, { connections: 2, channels: {}, users: {} }, { app: fewApp })
    clients[0] = await c.connect(fewApp)
    await leave(clients)
  })

  test('have a server that joins later know cached events and members', async () => {
    await using pair = await Fleet.started({ redis: redis.address, count: 2, channel: 'later' })
    const [first, second] = pair.nodes as [Node, Node]
    const ann = await pair.subscribe(first, 'presence-later', { id: 'ann' })
    await second.sdk.trigger('cache-later', 'rate', 7)
    await pair.settled([ann])
    const late = await pair.addNode()
    const bob = await pair.subscribe(late, 'presence-later', { id: 'bob' })
    expect((bob.channel as PresenceChannel).members.count).toBe(2)
    expect(await (await pair.subscribe(late, 'cache-later')).waitFor('rate')).toBe(7)
    await pair.settled([ann, bob] as ChannelRecorder[])
    expect(ann.memberChanges).toEqual(['+bob'])
  })
})
