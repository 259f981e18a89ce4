import { describe, expect, test } from 'bun:test'
import type { Observer } from '../../src/server/observer.ts'
import { testApp } from '../support/apps.ts'
import type { Client } from '../support/client.ts'
import { awkwardNames } from '../support/names.ts'
import { TestServer } from '../support/server.ts'
import { Connection } from '../support/tcp.ts'
import { until } from '../support/until.ts'

const app = testApp()
const silent: Observer = { opened() {}, closed() {}, received() {}, sent() {}, channel() {}, pruned() {} }
const other = testApp({ id: '1002', key: 'other-key', secret: 'other-secret' })

test('a client is greeted with its id, subscribes, receives an event, and disconnects', async () => {
  await using server = new TestServer()
  const client = server.open()
  const greeting = await client.next()
  expect(greeting).toEqual({ event: 'pusher:connection_established', data: expect.any(String) })
  expect(JSON.parse(greeting.data as string)).toEqual({
    socket_id: expect.stringMatching(/^[1-9]\d{0,9}\.[1-9]\d{0,9}$/),
    activity_timeout: 30,
  })
  expect(await client.subscribe('news')).toEqual({ event: 'pusher_internal:subscription_succeeded', data: '{}', channel: 'news' })
  await server.publish('news', '{"a":1}')
  expect(await client.next()).toEqual({ event: 'e', data: '{"a":1}', channel: 'news' })
  client.unsubscribe('news')
  await client.nothingMore()
  await server.publish('news', '{"a":2}')
  await client.nothingMore()
})

test('every socket has an id of its own', async () => {
  await using server = new TestServer()
  const clients = await Promise.all(Array.from({ length: 50 }, () => server.connect()))
  expect(new Set(clients.map(({ socketId }) => socketId)).size).toBe(50)
})

test('binary frames are read as text', async () => {
  await using server = new TestServer()
  const client = await server.connect()
  client.socket.send(new TextEncoder().encode('{"event":"pusher:ping"}'))
  expect(await client.next()).toEqual({ event: 'pusher:pong' })
})

test('an event is not delivered to the socket that caused it', async () => {
  await using server = new TestServer()
  const [cause, other] = [await server.connect(), await server.connect()]
  await cause.subscribe('news')
  await other.subscribe('news')
  await server.publish('news', 'first', { socket_id: cause.socketId })
  await server.publish('news', 'second', { socket_id: '1.1' })
  expect((await cause.untilPong()).map(({ data }) => data)).toEqual(['second'])
  expect((await other.untilPong()).map(({ data }) => data)).toEqual(['first', 'second'])
})

test('channels of any name carry their own events, whispers and members, and are listed', async () => {
  await using server = new TestServer({
    apps: [testApp({ clientEventsFrom: 'all', maxMessageBytes: 100_000 })],
    maxRequestBytes: 100_000,
  })
  const clients = await Promise.all(awkwardNames.map(() => server.connect()))
  const other = await server.connect()
  for (const [i, name] of awkwardNames.entries()) {
    expect(await clients[i]!.subscribe(name)).toMatchObject({ channel: name })
    if (name.isWellFormed()) await other.subscribe(`presence-${name}`, { app, member: { user_id: i } })
  }
  for (const [i, name] of awkwardNames.entries()) {
    if (name.trim() === '') continue
    await server.publish(name, String(i))
    other.send({ event: 'client-x', channel: name, data: i })
  }
  await other.nothingMore()
  for (const [i, name] of awkwardNames.entries()) {
    const received =
      name.trim() === ''
        ? []
        : [
            { event: 'e', data: String(i), channel: name },
            { event: 'client-x', channel: name, data: i },
          ]
    expect(await clients[i]!.untilPong()).toEqual(received)
  }
  const { channels } = (await server.get('/channels')) as { channels: object }
  const presence = awkwardNames.filter(name => name.isWellFormed()).map(name => `presence-${name}`)
  expect(new Set(Object.keys(channels))).toEqual(new Set([...awkwardNames, ...presence]))
  for (const name of presence) {
    const path = `/channels/${encodeURIComponent(name)}`
    expect(await server.get(`${path}/users`)).toEqual({ users: [{ id: awkwardNames.indexOf(name.slice(9)) }] })
  }
})

test('events of application and clients arrive in the order in which they were published', async () => {
  await using server = new TestServer()
  const client = await server.connect()
  await client.subscribe('a')
  await client.subscribe('b')
  for (let i = 0; i < 100; i++) await server.publish(i % 2 === 0 ? 'a' : 'b', String(i))
  expect((await client.untilPong()).map(({ data }) => data)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
})

describe('on a presence channel', () => {
  test('members are sent each join and leave once', async () => {
    await using server = new TestServer()
    const [ann, bob, bobToo] = [await server.connect(), await server.connect(), await server.connect()]
    const member = { user_id: 2, user_info: { name: 'Bob' } }
    await ann.subscribe('presence-x', { app, member: { user_id: 1, user_info: { name: 'Ann' } } })
    expect((await bob.subscribe('presence-x', { app, member })).data).toBe(
      '{"presence":{"count":2,"ids":[1,2],"hash":{"1":{"name":"Ann"},"2":{"name":"Bob"}}}}',
    )
    await bobToo.subscribe('presence-x', { app, member })
    bob.close()
    await bob.closed
    expect(await ann.untilPong()).toEqual([
      {
        event: 'pusher_internal:member_added',
        data: '{"user_id":2,"user_info":{"name":"Bob"}}',
        channel: 'presence-x',
      },
    ])
    bobToo.close()
    expect(await ann.next()).toEqual({ event: 'pusher_internal:member_removed', data: '{"user_id":2}', channel: 'presence-x' })
    await ann.nothingMore()
  })

  test('a client whose connection is lost leaves as well', async () => {
    await using server = new TestServer()
    const [stays, goes] = [await server.connect(), await server.connect()]
    await stays.subscribe('presence-x', { app, member: { user_id: 1 } })
    await goes.subscribe('presence-x', { app, member: { user_id: 2 } })
    ;(goes.socket as unknown as { terminate: () => void }).terminate()
    expect((await stays.next()).event).toBe('pusher_internal:member_added')
    expect((await stays.next()).event).toBe('pusher_internal:member_removed')
  })
})

describe('two apps', () => {
  test('share no channels, members or users', async () => {
    await using server = new TestServer({ apps: [app, other] })
    const [one, two] = [await server.connect(), await server.connect({ key: 'other-key' })]
    await one.subscribe('news')
    await two.subscribe('news')
    await one.subscribe('presence-x', { app, member: { user_id: 1 } })
    await two.subscribe('presence-x', { app: other, member: { user_id: 1 } })
    one.send({ event: 'client-a', channel: 'news', data: 1 })
    await one.nothingMore()
    await server.publish('news', 'of one')
    await server.post('/users/nobody/terminate_connections', {})
    expect((await one.untilPong()).map(({ data }) => data)).toEqual(['of one'])
    await two.nothingMore()
    const ask = (path: string) => server.request({ method: 'GET', path, app: other }).then(response => response.json())
    expect(await ask('/apps/1002/connections')).toEqual({ connections: 1 })
    expect((await server.request({ method: 'GET', path: '/apps/1002/connections' })).status).toBe(401)
    await server.post('/users/1/terminate_connections', {})
    expect(await one.next()).toEqual({
      event: 'pusher:error',
      data: '{"code":4009,"message":"Connection terminated by the application"}',
    })
    expect((await one.closed).code).toBe(4009)
    await two.nothingMore()
  })

  test('accept no signature of each other', async () => {
    await using server = new TestServer({ apps: [app, other] })
    const client = await server.connect()
    await expect(client.subscribe('private-x', { app: other })).rejects.toThrow('refused')
  })
})

describe('limits of an app:', () => {
  test.each([
    ['just over the limit', 201],
    ['far over the limit', 100_000],
  ])('a message %s closes the socket with 1009', async (_, bytes) => {
    await using server = new TestServer({ apps: [testApp({ maxMessageBytes: 200 })] })
    const client = await server.connect()
    client.send('x'.repeat(bytes))
    expect((await client.closed).code).toBe(1009)
    await until('its socket has closed', () => server.running.traffic.openSockets() === 0)
    expect(await server.get('/connections')).toEqual({ connections: 0 })
    expect(server.refusals).toEqual([{ refusal: 'message-too-large', appId: '1001', count: 1, seconds: 0, about: '' }])
  })

  test('a message at the limit is accepted, and each app has its own limit', async () => {
    await using server = new TestServer({ apps: [testApp({ maxMessageBytes: 200 }), { ...other, maxMessageBytes: 1000 }] })
    const message = (bytes: number) => `{"event":"pusher:ping"}${' '.repeat(bytes - 23)}`
    const [small, large] = [await server.connect(), await server.connect({ key: 'other-key' })]
    small.send(message(200))
    expect(await small.next()).toEqual({ event: 'pusher:pong' })
    large.send(message(1000))
    expect(await large.next()).toEqual({ event: 'pusher:pong' })
    small.send(message(201))
    expect(await small.closed).toEqual({ code: 1009, reason: 'Maximum message size exceeded' })
    large.send(message(1001))
    expect((await large.closed).code).toBe(1009)
  })

  test('the quota has room again when a socket has closed', async () => {
    await using server = new TestServer({ apps: [testApp({ maxConnections: 1 })] })
    const first = await server.connect()
    expect((await server.open().closed).code).toBe(4004)
    first.close()
    await first.closed
    await (await server.connect()).nothingMore()
  })
})

describe('rate_limiting of an app', () => {
  const limited = (terminate: boolean) => ({ apps: [testApp({ rateLimit: { maxAttempts: 2, decaySeconds: 3600, terminate } })] })
  const refusal = { event: 'pusher:error', data: '{"code":4301,"message":"Rate limit exceeded"}' }

  test('drops each message over the limit, and answers the first', async () => {
    await using server = new TestServer(limited(false))
    const client = await server.connect()
    await client.nothingMore()
    for (let i = 0; i < 5; i++) client.send({ event: 'pusher:ping' })
    expect([await client.next(), await client.next()]).toEqual([{ event: 'pusher:pong' }, refusal])
    await server.publish('news', 'too early')
    server.running.parts.executor.apply(server.running.parts.hub.send(server.app, client.socketId, '{"event":"last"}'))
    expect(await client.next()).toEqual({ event: 'last' })
    await (await server.connect()).nothingMore()
  })

  test('can close the socket, after an error message', async () => {
    await using server = new TestServer(limited(true))
    const client = await server.connect()
    for (let i = 0; i < 5; i++) client.send({ event: 'pusher:ping' })
    await client.closed
    expect(client.rest()).toEqual([{ event: 'pusher:pong' }, { event: 'pusher:pong' }, refusal])
    expect((await client.closed).code).toBe(4100)
  })
})

describe('the allowance of one client', () => {
  const flooded = { code: 4100, reason: 'Too many messages or bytes a second' }
  const unlimited = Number.POSITIVE_INFINITY

  test('is exceeded by a flood of messages: the connection is closed, and later messages are not handled', async () => {
    await using server = new TestServer({ maxMessagesPerSecond: 20 })
    const client = await server.connect()
    await client.nothingMore()
    // In one write, so that all of them are in what the server reads.
    for (let i = 0; i < 200; i++) client.sendSubscribe(`c${i}`)
    expect(await client.closed).toEqual(flooded)
    expect(client.rest().at(-1)).toEqual({
      event: 'pusher:error',
      data: JSON.stringify({ code: 4100, message: flooded.reason }),
    })
    expect(server.refusals).toEqual([{ refusal: 'message-flood', appId: '1001', count: 1, seconds: 0, about: '' }])
    expect(await server.get('/channels')).toEqual({ channels: {} })
    await (await server.connect()).nothingMore()
  })

  test('lasts for as many seconds as a client may save up', async () => {
    await using server = new TestServer({ maxMessagesPerSecond: 20, burstSeconds: 60 })
    const client = await server.connect()
    for (let i = 0; i < 200; i++) client.sendSubscribe(`c${i}`)
    for (let i = 0; i < 200; i++) expect(await client.next()).toMatchObject({ channel: `c${i}` })
    expect(server.refusals).toEqual([])
  })

  test('is exceeded by a flood of bytes as well', async () => {
    await using server = new TestServer({ maxBytesPerSecond: 10_000 })
    const client = await server.connect()
    for (let i = 0; i < 10; i++) client.send({ event: 'client-x', channel: 'news', data: 'x'.repeat(9000) })
    expect(await client.closed).toEqual(flooded)
  })

  test.each([
    ['pings', 0x89],
    ['pongs', 0x8a],
  ])('is exceeded by a flood of %s frames as well', async (_, opcode) => {
    await using server = new TestServer({ maxMessagesPerSecond: 20 })
    const connection = await Connection.open(server.port)
    connection.handshake()
    await connection.until('connection_established')
    connection.write(Buffer.concat(Array.from({ length: 200 }, () => Buffer.from([opcode, 0x80, 0, 0, 0, 0]))))
    await connection.until(flooded.reason)
    await connection.ended
    expect(server.refusals).toMatchObject([{ refusal: 'message-flood', count: 1 }])
    connection.destroy()
  })

  test('lets it subscribe to 5,000 channels in one turn', async () => {
    await using server = new TestServer({ maxQueuedBytes: 16 * 1024 * 1024 })
    const client = await server.connect()
    const names = Array.from({ length: 5000 }, (_, i) => `private-orders.${i}`)
    for (const name of names) client.sendSubscribe(name, { app })
    expect((await client.untilPong()).map(({ event, channel }) => [event, channel])).toEqual(
      names.map(name => ['pusher_internal:subscription_succeeded', name]),
    )
    expect(server.refusals).toEqual([])
  })

  test('lets it disconnect from 5,000 channels: it is closed at once, and in the end unsubscribed from each', async () => {
    await using server = new TestServer({ maxQueuedBytes: 16 * 1024 * 1024 })
    const [witness, client] = [await server.connect(), await server.connect()]
    await witness.subscribe('presence-x', { app, member: { user_id: 1 } })
    for (let i = 0; i < 5000; i++) client.sendSubscribe(`private-orders.${i}`, { app })
    client.sendSubscribe('presence-x', { app, member: { user_id: 2 } })
    await client.untilPong()
    expect((await witness.next()).event).toBe('pusher_internal:member_added')
    client.close()
    expect((await witness.next()).event).toBe('pusher_internal:member_removed')
    expect(await server.get('/connections')).toEqual({ connections: 1 })
    expect(await server.get('/channels/presence-x/users')).toEqual({ users: [{ id: 1 }] })
    await until('it is off its channels', () => server.running.parts.hub.state.pendingUnsubscribes.isEmpty)
    expect(await server.get('/channels')).toEqual({ channels: { 'presence-x': {} } })
    await witness.nothingMore()
  })

  test('admits a message that is larger than the bytes of a second', async () => {
    await using server = new TestServer({ apps: [testApp({ maxMessageBytes: 1_000_000 })], maxBytesPerSecond: 1000 })
    const [sender, other] = [await server.connect(), await server.connect()]
    await sender.subscribe('news')
    await other.subscribe('news')
    await sender.untilPong()
    sender.send({ event: 'client-x', channel: 'news', data: 'x'.repeat(500_000) })
    expect((await other.next()).event).toBe('client-x')
  })

  test('delays messages, which are delivered also after their client has disconnected', async () => {
    await using server = new TestServer({ maxMessagesPerSecond: 100 })
    const [sender, other] = [await server.connect(), await server.connect()]
    await sender.subscribe('presence-x', { app, member: { user_id: 1 } })
    await other.subscribe('presence-x', { app, member: { user_id: 2 } })
    await sender.untilPong()
    const texts = Array.from({ length: 200 }, (_, i) => String(i))
    for (const text of texts) sender.send({ event: 'client-x', channel: 'presence-x', data: text })
    sender.close()
    const received = await Promise.all([...texts, 'left'].map(() => other.next()))
    expect(received.map(({ event, data }) => (event === 'client-x' ? data : event))).toEqual([
      ...texts,
      'pusher_internal:member_removed',
    ])
    expect(await server.get('/connections')).toEqual({ connections: 1 })
    await other.nothingMore()
  })

  test('delays messages, which are discarded where the application disconnects their client', async () => {
    const disconnecting: Observer = {
      ...silent,
      received({ socketId }, text) {
        const { hub, executor, nowMs } = server.running.parts
        if (text.includes('"last"')) executor.apply(hub.disconnect(server.app, socketId, nowMs()))
      },
    }
    await using server = new TestServer({ maxMessagesPerSecond: 100 }, [disconnecting])
    const [sender, other] = [await server.connect(), await server.connect()]
    await sender.subscribe('news')
    await other.subscribe('news')
    for (let i = 0; i < 200; i++) sender.send({ event: 'client-x', channel: 'news', data: i === 100 ? 'last' : i })
    expect((await sender.closed).code).toBe(4200)
    expect((await other.untilPong()).map(({ data }) => data)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  test('is unlimited where neither is bounded', async () => {
    await using server = new TestServer({ maxMessagesPerSecond: unlimited, maxBytesPerSecond: unlimited })
    const client = await server.connect()
    for (let i = 0; i < 20_000; i++) client.send({ event: 'pusher:ping' })
    for (let i = 0; i < 20_000; i++) expect(await client.next()).toEqual({ event: 'pusher:pong' })
  })
})

/** The frames that a client receives up to that event, while it answers every ping at once. */
async function answeringPings(client: Client, last: string): Promise<string[]> {
  const events: string[] = []
  while (events.at(-1) !== last) {
    const { event } = await client.next()
    if (event === 'pusher:ping') client.send({ event: 'pusher:pong' })
    else events.push(event)
  }
  return events
}

describe('liveness', () => {
  const brisk = { apps: [testApp({ pingIntervalSeconds: 1 })] }

  test('a silent client is pinged, then pruned, and its member leaves', async () => {
    await using server = new TestServer(brisk)
    const witness = await server.connect()
    await witness.subscribe('presence-x', { app, member: { user_id: 1 } })
    const silent = await server.connect()
    const witnessed = answeringPings(witness, 'pusher_internal:member_removed')
    await silent.subscribe('presence-x', { app, member: { user_id: 2 } })
    expect(await silent.next()).toEqual({ event: 'pusher:ping' })
    expect(await witnessed).toEqual(['pusher_internal:member_added', 'pusher_internal:member_removed'])
    expect(await silent.next()).toEqual({
      event: 'pusher:error',
      data: '{"code":4201,"message":"Pong reply not received in time"}',
    })
    expect(await silent.closed).toEqual({ code: 4201, reason: 'Pong reply not received in time' })
  })

  test('a client that sends control frames is pinged with one', async () => {
    await using server = new TestServer(brisk)
    const connection = await Connection.open(server.port)
    connection.handshake()
    await connection.until('activity_timeout')
    connection.write(new Uint8Array([0x89, 0x80, 0, 0, 0, 0]))
    await connection.until(new Uint8Array([0x8a, 0]))
    await connection.until(new Uint8Array([0x89, 0]))
    connection.destroy()
  })
})

describe('a client that has stopped reading', () => {
  test('is closed: memory stays bounded, and other clients receive every event', async () => {
    await using server = new TestServer({ maxQueuedBytes: 65_536, maxRequestBytes: 200_000 })
    const reader = await server.connect()
    await reader.subscribe('news')
    const stalled = await Connection.open(server.port)
    stalled.handshake()
    await stalled.until('activity_timeout')
    stalled.frame('{"event":"pusher:subscribe","data":{"channel":"news"}}')
    await stalled.until('subscription_succeeded')
    stalled.socket.pause()

    const before = process.memoryUsage.rss()
    const data = 'x'.repeat(150_000)
    let published = 0
    while (server.running.parts.hub.state.sockets.size > 1 && published < 300) {
      await server.publish('news', data)
      published++
      expect((await reader.next()).data).toBe(data)
    }
    expect(published).toBeLessThan(300)
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000)
    expect(await server.get('/channels/news', { info: 'subscription_count' })).toEqual({ occupied: true, subscription_count: 1 })
    await reader.nothingMore()
    stalled.destroy()
  }, 180_000)
})

test('an unexpected error closes its socket with 1011, is reported, and other sockets are served', async () => {
  await using server = new TestServer()
  const [victim, witness] = [await server.connect(), await server.connect()]
  const fault = new RangeError('unforeseen')
  Object.defineProperty(server.running.parts.hub.state.sockets.get(victim.socketId), 'rate', {
    get: () => {
      throw fault
    },
  })
  const { app: real } = server.running.parts.hub.state.sockets.get(victim.socketId)!
  Object.defineProperty(server.running.parts.hub.state.sockets.get(victim.socketId), 'app', {
    get: () => ({ ...real, rateLimit: { maxAttempts: 1, decaySeconds: 1, terminate: false } }),
  })
  victim.send({ event: 'pusher:ping' })
  expect(await victim.closed).toEqual({ code: 1011, reason: 'Internal server error' })
  expect(server.unexpected).toEqual([{ error: fault, where: `socket ${victim.socketId}` }])
  await witness.nothingMore()
})

test('observers see connections, messages and channels', async () => {
  const seen: string[] = []
  let client: Client | undefined
  await using server = new TestServer({}, [
    {
      opened: socket => void seen.push(`opened ${socket.appId} ${socket.socketId} ${socket.origin}`),
      closed: ({ appId, socketId, code, reason, seconds }) => {
        expect(seconds).toBeGreaterThanOrEqual(0)
        seen.push(`closed ${appId} ${socketId === client?.socketId ? socketId : 'refused'} ${code} ${reason}`)
      },
      received: (socket, text) => void seen.push(`received ${socket.appId} ${socket.socketId} ${socket.origin} ${text}`),
      sent: (socket, frame) => void seen.push(`sent ${socket.appId} ${socket.socketId} ${socket.origin} ${frame}`),
      channel: notice => void seen.push(JSON.stringify(notice)),
      pruned: () => void seen.push('pruned'),
    },
  ])
  const refused = server.open({ key: 'nobody' })
  await refused.closed
  client = await server.connect({ origin: 'https://chat.test' })
  const id = client.socketId
  await client.subscribe('news')
  client.socket.close(4999, 'bye')
  await client.closed
  await until('the server sees the end', () => server.running.traffic.openSockets() === 0)
  expect(seen).toEqual([
    'closed undefined refused 4001 Application does not exist',
    `opened 1001 ${id} https://chat.test`,
    `sent 1001 ${id} https://chat.test {"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"${id}\\",\\"activity_timeout\\":30}"}`,
    `received 1001 ${id} https://chat.test {"event":"pusher:subscribe","data":{"channel":"news"}}`,
    '{"event":"channel_created","appId":"1001","channel":"news"}',
    `sent 1001 ${id} https://chat.test {"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"news"}`,
    `closed 1001 ${id} 4999 bye`,
    '{"event":"channel_removed","appId":"1001","channel":"news"}',
  ])
})

test('observers see the origin of a message also where it is handled after its client has disconnected', async () => {
  const seen: (string | null)[] = []
  const observer: Observer = { ...silent, received: ({ origin }, text) => void (text.includes('client-x') && seen.push(origin)) }
  await using server = new TestServer({ apps: [testApp({ clientEventsFrom: 'all' })] }, [observer])
  const client = await server.connect({ origin: 'https://chat.test' })
  await client.subscribe('news')
  for (let i = 0; i < 500; i++) client.send({ event: 'client-x', channel: 'news', data: i })
  client.close()
  await until('all messages are handled', () => seen.length === 500)
  expect(new Set(seen)).toEqual(new Set(['https://chat.test']))
})

test('observers see no frame to a client that has disconnected', async () => {
  const seen = { received: 0, sent: 0, origins: new Set<string | null>() }
  const observer: Observer = {
    ...silent,
    received: (_, text) => void (text.includes('pusher:ping') && seen.received++),
    sent: ({ origin }, frame) => {
      seen.sent += frame.includes('pusher:pong') ? 1 : 0
      seen.origins.add(origin)
    },
  }
  await using server = new TestServer({}, [observer])
  const client = await server.connect({ origin: 'https://chat.test' })
  for (let i = 0; i < 500; i++) client.send({ event: 'pusher:ping' })
  client.close()
  await until('all messages are handled', () => seen.received === 500)
  expect(seen.sent).toBeGreaterThan(0)
  expect(seen.origins).toEqual(new Set(['https://chat.test']))
})
