/** pusher-js 8: connecting, pings, disconnects and reconnects. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { testApp } from '../../support/apps.ts'
import { EventQueue, reached, signedIn, subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'

// The server asks a quiet client after a second at the earliest.
setDefaultTimeout(180_000)

const ann = { id: 'ann' }

describe('pusher-js: a refused client gives up when', () => {
  test.each([
    ['the key is unknown', {}, 'unknown-key', 4001],
    ['the app is disabled', { enabled: false }, 'app-key', 4003],
    ['the app has all the connections that it may', { maxConnections: 0 }, 'app-key', 4004],
    ['its origin is not allowed', { allowedOrigins: ['example.org'] }, 'app-key', 4009],
  ])('%s', async (_, app, key, code) => {
    await using testbed = new Testbed(app)
    const client = testbed.client(undefined, { key })
    const connection = new EventQueue(client.connection)
    expect(await connection.until('error')).toMatchObject({
      type: 'WebSocketError',
      error: { type: 'PusherError', data: { code } },
    })
    await connection.until('disconnected')
  })
})

test('pusher-js: an activity_timeout of 0, which the server sends as Reverb does and warns about, prevents a connection', async () => {
  await using testbed = new Testbed({ activityTimeoutSeconds: 0 })
  const connection = new EventQueue(testbed.client().connection)
  expect(await connection.until('error')).toEqual({
    type: 'HandshakeError',
    error: 'No activity timeout specified in handshake',
  })
})

describe('pusher-js: on an idle connection', () => {
  test('the server answers the ping of the client', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect(undefined, { activityTimeout: 50 })
    const connection = new EventQueue(client.connection)
    for (let answers = 0; answers < 2; ) if ((await connection.until('message')).event === 'pusher:pong') answers++
    expect(client.connection.state).toBe('connected')
  })

  test('the client pings after the activity timeout that the server sent', async () => {
    await using testbed = new Testbed({ activityTimeoutSeconds: 1 })
    const client = await testbed.connect()
    const connection = new EventQueue(client.connection)
    for (;;) if ((await connection.until('message')).event === 'pusher:pong') break
    expect(client.connection.activityTimeout).toBe(1000)
  })

  test('the client answers the ping of the server, and stays connected', async () => {
    await using testbed = new Testbed({ pingIntervalSeconds: 1 })
    const client = await testbed.connect()
    const connection = new EventQueue(client.connection)
    for (let asked = 0; asked < 2; ) if ((await connection.until('message')).event === 'pusher:ping') asked++
    expect(connection.rest()).toEqual([])
    expect(client.connection.state).toBe('connected')
  })
})

describe('pusher-js: a disconnected client', () => {
  test('reconnects at once after 4200, and subscribes to its channels again', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect(ann)
    const before = client.connection.socket_id
    const { events: room } = await subscribed(client, 'private-room')
    const { events: members } = await subscribed(client, 'presence-room')
    const connection = new EventQueue(client.connection)
    testbed.server.running.traffic.closeOldest(1)
    expect(await connection.until('error')).toMatchObject({ data: { code: 4200 } })
    await connection.until('connected')
    for (const events of [room, members]) await events.until('pusher:subscription_succeeded')
    expect(client.connection.socket_id).not.toBe(before)
    await testbed.sdk.trigger(['private-room', 'presence-room'], 'painted', {})
    for (const events of [room, members]) expect(await events.next()).toEqual(['painted', {}])
  })

  test('reconnects after a second when it exceeded its rate limit', async () => {
    await using testbed = new Testbed({ rateLimit: { maxAttempts: 2, decaySeconds: 1, terminate: true } })
    const client = await testbed.connect()
    const connection = new EventQueue(client.connection)
    for (let said = 0; said < 3; said++) client.send_event('pusher:ping', {})
    expect(await connection.until('error')).toMatchObject({ data: { code: 4301 } })
    expect(await connection.until('error')).toMatchObject({ data: { code: 4100 } })
    await connection.until('connected')
  })

  test('reconnects after a second when it flooded the server, and subscribes to its channels again', async () => {
    await using testbed = new Testbed({}, { maxMessagesPerSecond: 20 })
    const client = await testbed.connect(ann)
    const { events: room } = await subscribed(client, 'private-room')
    const { events: members } = await subscribed(client, 'presence-room')
    const connection = new EventQueue(client.connection)
    for (let said = 0; said < 200; said++) client.send_event('pusher:ping', {})
    expect(await connection.until('error')).toMatchObject({ data: { code: 4100 } })
    const closedAtMs = performance.now()
    await connection.until('connected')
    expect(performance.now() - closedAtMs).toBeWithin(900, 10_000)
    for (const events of [room, members]) await events.until('pusher:subscription_succeeded')
    await testbed.sdk.trigger(['private-room', 'presence-room'], 'painted', {})
    for (const events of [room, members]) expect(await events.next()).toEqual(['painted', {}])
    expect(testbed.server.refusals).toMatchObject([{ refusal: 'message-flood', count: 1 }])
  })

  test('reconnects with 5,000 channels, and stays connected', async () => {
    await using testbed = new Testbed({}, { maxQueuedBytes: 16 * 1024 * 1024 })
    const client = await testbed.connect()
    const names = Array.from({ length: 5000 }, (_, i) => `orders.${i}`)
    for (const name of names) client.subscribe(name)
    const last = new EventQueue(client.channel(names.at(-1)!))
    await last.until('pusher:subscription_succeeded')
    testbed.server.running.traffic.closeOldest(1)
    await last.until('pusher:subscription_succeeded')
    await testbed.sdk.trigger(names[0]!, 'painted', {})
    expect(names.filter(name => !client.channel(name).subscribed)).toEqual([])
    expect(testbed.server.refusals).toEqual([])
  })
})

test('pusher-js: a client that disconnects and connects again is subscribed to its channels and signed in', async () => {
  await using testbed = new Testbed()
  const client = await testbed.connect(ann)
  const user = await signedIn(client)
  const { events } = await subscribed(client, 'room')
  const connection = new EventQueue(client.connection)
  client.disconnect()
  await reached(client, 'disconnected')
  client.connect()
  await events.until('pusher:subscription_succeeded')
  for (;;) if ((await connection.until('message')).channel === '#server-to-user-ann') break
  await testbed.sdk.sendToUser('ann', 'paid', {})
  expect(await user.until('paid')).toEqual({})
})

test('pusher-js: a message that is too large closes the connection', async () => {
  await using testbed = new Testbed()
  const client = await testbed.connect(ann)
  const { channel } = await subscribed(client, 'private-room')
  const connection = new EventQueue(client.connection)
  channel.trigger('client-said', { text: 'x'.repeat(11_000) })
  expect(await connection.until('error')).toMatchObject({ data: { code: 1009 } })
})

test('pusher-js: apps on one server receive no events of each other', async () => {
  const other = testApp({ id: '1002', key: 'other-key', secret: 'other-secret' })
  await using testbed = new Testbed({}, { apps: [testApp(), other] })
  const { events } = await subscribed(await testbed.connect(), 'room')
  const stranger = testbed.client(undefined, { key: other.key })
  const { events: strangers } = await subscribed(stranger, 'room')
  await testbed.sdk.trigger('room', 'painted', {})
  await testbed.sdkWith({ appId: other.id, key: other.key, secret: other.secret }).trigger('room', 'repainted', {})
  expect(await events.next()).toEqual(['painted', {}])
  expect(await strangers.next()).toEqual(['repainted', {}])
})
