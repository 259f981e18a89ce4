/** Faults of the original server, each of which must not exist in this one. */
import { describe, expect, test } from 'bun:test'
import { testApp } from '../support/apps.ts'
import type { Client } from '../support/client.ts'
import { TestServer } from '../support/server.ts'
import { channelAuth } from '../support/sign.ts'
import { Connection } from '../support/tcp.ts'

const app = testApp()
const removed = (userId: unknown, channel: string) => ({
  event: 'pusher_internal:member_removed',
  data: JSON.stringify({ user_id: userId }),
  channel,
})

async function join(server: TestServer, channel: string, userId: unknown): Promise<Client> {
  const client = await server.connect()
  await client.subscribe(channel, { app, member: { user_id: userId } })
  return client
}

describe('a refused socket is closed and can do nothing afterwards', () => {
  test.each([
    ['its origin', 4009, 'Origin not allowed', { origin: 'https://evil.example' }],
    ['the quota', 4004, 'Application is over connection quota', { origin: 'https://good.example' }],
    ['an unknown key', 4001, 'Application does not exist', { key: 'nobody' }],
  ])('for %s', async (_, code, message, options) => {
    await using server = new TestServer({ apps: [testApp({ allowedOrigins: ['good.example'], maxConnections: 1 })] })
    const witness = await server.connect({ origin: 'https://good.example' })
    await witness.subscribe('news')
    const client = server.open(options)
    expect(await client.next()).toEqual({ event: 'pusher:error', data: JSON.stringify({ code, message }) })
    expect(await client.closed).toEqual({ code, reason: message })
    expect(client.rest()).toEqual([])
    expect(await server.get('/connections')).toEqual({ connections: 1 })
  })

  test('whatever it sends while it is closed', async () => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    connection.handshake('/app/nobody')
    connection.frame('{"event":"pusher:connection_established"}')
    connection.frame('{"event":"pusher:subscribe","data":{"channel":"news"}}')
    connection.frame('{"event":"client-x","channel":"news","data":{}}')
    const reason = 'Application does not exist'
    const received = (await connection.until(reason)) + (await connection.until(reason))
    expect(received).not.toContain('socket_id')
    expect(received).not.toContain('subscription_succeeded')
    expect(server.running.parts.hub.state.sockets.size).toBe(0)
    expect(await server.get('/channels')).toEqual({ channels: {} })
    connection.destroy()
  })
})

test('connection_established from a client is not answered with a greeting', async () => {
  await using server = new TestServer()
  const client = await server.connect()
  client.send({ event: 'pusher:connection_established' })
  expect(await client.untilPong()).toEqual([{ event: 'pusher:error', data: '{"code":4200,"message":"Invalid message format"}' }])
})

describe('client events', () => {
  test.each(['all', 'members'] as const)(
    'accepted from %s carry no forged user_id, and reach no channels that they name',
    async clientEventsFrom => {
      await using server = new TestServer({ apps: [testApp({ clientEventsFrom })] })
      const [victim, friend, forger] = [
        await server.connect(),
        await join(server, 'presence-x', 2),
        await join(server, 'presence-x', 3),
      ]
      await victim.subscribe('private-y', { app })
      await friend.untilPong()
      await forger.subscribe('private-x', { app })
      await friend.subscribe('private-x', { app })
      const forged = { user_id: 1, channels: ['private-y', 'private-x'], socket_id: friend.socketId }
      forger.send({ event: 'client-a', channel: 'presence-x', data: { n: 1 }, ...forged })
      forger.send({ event: 'client-b', channel: 'private-x', data: { n: 2 }, ...forged })
      await forger.nothingMore()
      expect(await friend.untilPong()).toEqual([
        { event: 'client-a', channel: 'presence-x', data: { n: 1 }, user_id: 3 },
        { event: 'client-b', channel: 'private-x', data: { n: 2 } },
      ])
      await victim.nothingMore()
    },
  )

  test.each(['all', 'members'] as const)(
    'accepted from %s: those of a socket whose subscription was refused are not delivered',
    async clientEventsFrom => {
      await using server = new TestServer({ apps: [testApp({ clientEventsFrom })] })
      const member = await server.connect()
      await member.subscribe('private-x', { app })
      const stranger = await server.connect()
      stranger.send({ event: 'pusher:subscribe', data: { channel: 'private-x', auth: 'app-key:wrong' } })
      stranger.send({ event: 'client-a', channel: 'private-x', data: {} })
      expect((await stranger.untilPong()).map(({ event, data }) => [event, data])).toEqual([
        ['pusher:error', '{"code":4009,"message":"Connection is unauthorized"}'],
        ['pusher:subscription_error', { type: 'AuthError', error: 'Connection is unauthorized', status: 401 }],
        ['pusher:error', '{"code":4009,"message":"The client is not a member of the specified channel."}'],
      ])
      await member.nothingMore()
    },
  )

  test('do not carry the user_id of the unsigned channel_data of a public channel', async () => {
    await using server = new TestServer({ apps: [testApp({ clientEventsFrom: 'all' })] })
    const [listener, liar] = [await server.connect(), await server.connect()]
    await listener.subscribe('news')
    await liar.subscribe('news', { member: { user_id: 1 } })
    liar.send({ event: 'client-a', channel: 'news', data: 'x' })
    await liar.nothingMore()
    expect(await listener.untilPong()).toEqual([{ event: 'client-a', channel: 'news', data: 'x' }])
  })

  test('of a member are delivered after an API request for another app', async () => {
    const other = testApp({ id: '1002', key: 'other-key', secret: 'other-secret' })
    await using server = new TestServer({ apps: [testApp({ clientEventsFrom: 'members' }), other] })
    const [one, two] = [await server.connect(), await server.connect()]
    await one.subscribe('private-x', { app })
    await two.subscribe('private-x', { app })
    await server.request({ method: 'GET', path: '/apps/1002/channels', app: { key: 'x', secret: 'wrong' } })
    one.send({ event: 'client-a', channel: 'private-x', data: 'text' })
    await one.nothingMore()
    expect(await two.untilPong()).toEqual([{ event: 'client-a', channel: 'private-x', data: 'text' }])
  })
})

describe('terminate_connections', () => {
  test('reaches every socket of the user whatever its oldest channel, and is not blocked by anonymous sockets', async () => {
    await using server = new TestServer()
    const anonymous = await server.connect()
    await anonymous.subscribe('news')
    const idle = await server.connect()
    const other = await join(server, 'presence-a', 'other')
    const first = await server.connect()
    await first.subscribe('news')
    await first.subscribe('presence-x', { app, member: { user_id: 7 } })
    const second = await join(server, 'presence-b', 8)
    await second.subscribe('presence-x', { app, member: { user_id: '7' } })
    expect(await (await server.post('/users/7/terminate_connections', {})).json()).toEqual({})
    for (const client of [first, second]) expect((await client.closed).code).toBe(4009)
    for (const client of [anonymous, idle, other]) await client.nothingMore()
    expect(await server.get('/connections')).toEqual({ connections: 3 })
  })
})

describe('user ids of a presence channel', () => {
  test.each([[0], [''], ['0']])('that are %p leave with their members', async id => {
    await using server = new TestServer()
    const witness = await join(server, 'presence-x', 'witness')
    const first = await join(server, 'presence-x', id)
    const second = await join(server, 'presence-x', id)
    expect((await witness.untilPong()).map(({ event }) => event)).toEqual(['pusher_internal:member_added'])
    first.unsubscribe('presence-x')
    await first.nothingMore()
    await witness.nothingMore()
    second.close()
    expect(await witness.next()).toEqual(removed(id, 'presence-x'))
    expect(await server.get('/channels/presence-x/users')).toEqual({ users: [{ id: 'witness' }] })
  })

  test('that are equal as numbers are different users: "1" and "01", "10" and "1e1"', async () => {
    await using server = new TestServer()
    const clients = []
    for (const id of ['1', '01', '10', '1e1']) clients.push(await join(server, 'presence-x', id))
    expect(await server.get('/channels/presence-x/users')).toEqual({
      users: [{ id: '1' }, { id: '01' }, { id: '10' }, { id: '1e1' }],
    })
    await clients[3]!.nothingMore()
    clients[0]!.close()
    expect(await clients[3]!.next()).toEqual(removed('1', 'presence-x'))
  })

  test('that are missing are refused, and the member list stays complete', async () => {
    await using server = new TestServer()
    const client = await join(server, 'presence-x', 1)
    const nobody = await server.connect()
    await expect(nobody.subscribe('presence-x', { app, member: { user_info: {} } })).rejects.toThrow('refused')
    expect(await server.get('/channels/presence-x/users')).toEqual({ users: [{ id: 1 }] })
    await client.nothingMore()
  })

  test('may have no user_info, and later members are accepted', async () => {
    await using server = new TestServer()
    await join(server, 'presence-x', 1)
    const second = await server.connect()
    const { data } = await second.subscribe('presence-x', { app, member: { user_id: 2, user_info: {} } })
    expect(data).toBe('{"presence":{"count":2,"ids":[1,2],"hash":{"1":null,"2":{}}}}')
  })
})

describe('the cached event', () => {
  test('is not overwritten by a leave', async () => {
    await using server = new TestServer()
    const [stays, leaves] = [await join(server, 'presence-cache-x', 1), await join(server, 'presence-cache-x', 2)]
    await server.publish('presence-cache-x', 'kept')
    leaves.unsubscribe('presence-cache-x')
    await leaves.untilPong()
    await stays.untilPong()
    const late = await join(server, 'presence-cache-x', 3)
    expect(await late.next()).toEqual({ event: 'e', data: 'kept', channel: 'presence-cache-x' })
  })

  test('is not overwritten by a client event', async () => {
    await using server = new TestServer()
    const client = await server.connect()
    await client.subscribe('cache-x')
    await server.publish('cache-x', 'kept')
    client.send({ event: 'client-a', channel: 'cache-x', data: 'lost' })
    await client.untilPong()
    const late = await server.connect()
    await late.subscribe('cache-x')
    expect(await late.next()).toEqual({ event: 'e', data: 'kept', channel: 'cache-x' })
  })

  test('is stored for private-encrypted-cache- channels as well', async () => {
    await using server = new TestServer()
    const client = await server.connect()
    await client.subscribe('private-encrypted-cache-x', { app })
    expect((await client.next()).event).toBe('pusher:cache_miss')
    await server.publish('private-encrypted-cache-x', 'opaque')
    const late = await server.connect()
    await late.subscribe('private-encrypted-cache-x', { app })
    expect(await late.next()).toEqual({ event: 'e', data: 'opaque', channel: 'private-encrypted-cache-x' })
  })
})

test('a subscription whose signature has another key in front, or none, is refused', async () => {
  await using server = new TestServer()
  const client = await server.connect()
  const auth = channelAuth(app, client.socketId, 'private-x')
  for (const forged of [auth.replace('app-key', 'other'), auth.slice(auth.indexOf(':') + 1)])
    client.send({ event: 'pusher:subscribe', data: { channel: 'private-x', auth: forged } })
  expect((await client.untilPong()).map(({ event }) => event)).toEqual([
    'pusher:error',
    'pusher:subscription_error',
    'pusher:error',
    'pusher:subscription_error',
  ])
  expect(await server.get('/channels')).toEqual({ channels: {} })
})

test('the data of an event is delivered as it was written', async () => {
  await using server = new TestServer()
  const [one, two] = [await server.connect(), await server.connect()]
  await one.subscribe('news')
  await two.subscribe('news')
  const data = '{"empty":{},"list":{"0":"a"},"float":1.0,"big":12345678901234567890}'
  one.send(`{"event":"client-a","channel":"news","data":${data}}`)
  expect(await two.nextText()).toBe(`{"event":"client-a","channel":"news","data":${data}}`)
})

test('sockets without a subscription count in the connections of the API', async () => {
  await using server = new TestServer({ apps: [testApp({ maxConnections: 1 })] })
  await server.connect()
  expect(await server.get('/connections')).toEqual({ connections: 1 })
  expect((await server.open().closed).code).toBe(4004)
})

test('more than 1,024 connections are served at once', async () => {
  const count = 1300
  await using server = new TestServer()
  const clients: Connection[] = []
  while (clients.length < count) {
    const batch = Array.from({ length: 100 }, (_, i) => Connection.open(server.port, `127.0.0.${2 + ((clients.length + i) % 4)}`))
    clients.push(...(await Promise.all(batch)))
    for (const client of clients.slice(-100)) client.handshake()
    await Promise.all(clients.slice(-100).map(client => client.until('activity_timeout')))
  }
  for (const client of clients) client.frame('{"event":"pusher:subscribe","data":{"channel":"news"}}')
  await Promise.all(clients.map(client => client.until('subscription_succeeded')))
  expect(await server.get('/connections')).toEqual({ connections: count })
  expect(await server.get('/channels/news', { info: 'subscription_count' })).toEqual({
    occupied: true,
    subscription_count: count,
  })
  await server.publish('news', 'to all of you')
  await Promise.all(clients.map(client => client.until('to all of you')))
  for (const client of clients) client.destroy()
}, 180_000)
