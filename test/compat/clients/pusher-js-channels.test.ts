/** pusher-js 8: channels, events and whispers. */
import { describe, expect, test } from 'bun:test'
import { EventQueue, refused, subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'

const ann = { id: 'ann' }

describe.each(['room', 'private-room', 'presence-room', 'private-a_-=@,.;B9'])('pusher-js: channel %s', name => {
  test('delivers an event to every subscriber and to no other client', async () => {
    await using testbed = new Testbed()
    const { events: first } = await subscribed(await testbed.connect(ann), name)
    const { events: second } = await subscribed(await testbed.connect({ id: 'bob' }), name)
    const { events: stranger } = await subscribed(await testbed.connect(), 'elsewhere')
    await testbed.sdk.trigger(name, 'painted', { coats: 2 })
    await testbed.sdk.trigger('elsewhere', 'last', {})
    expect(await first.until('painted')).toEqual({ coats: 2 })
    expect(await second.next()).toEqual(['painted', { coats: 2 }])
    expect(await stranger.next()).toEqual(['last', {}])
  })

  test('delivers nothing after unsubscribing', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect(ann)
    await subscribed(client, name)
    client.unsubscribe(name)
    await subscribed(client, 'other')
    const messages = new EventQueue(client.connection)
    await testbed.sdk.trigger(name, 'missed', {})
    await testbed.sdk.trigger('other', 'seen', {})
    expect(await messages.until('message')).toEqual({ event: 'seen', channel: 'other', data: {} })
    expect(client.allChannels().map(channel => channel.name)).toEqual(['other'])
    expect(await (await testbed.sdk.get({ path: `/channels/${name}` })).json()).toMatchObject({ occupied: false })
  })
})

test('pusher-js: an auth endpoint may answer with an empty channel_data', async () => {
  await using testbed = new Testbed()
  const client = await testbed.connect(undefined, {
    channelAuthorization: {
      transport: 'ajax',
      endpoint: '',
      customHandler({ socketId, channelName }, callback) {
        callback(null, { auth: testbed.sdk.authorizeChannel(socketId, channelName).auth, channel_data: '' })
      },
    },
  })
  await subscribed(client, 'private-room')
  expect(testbed.received.at(-1)).toMatchObject({
    event: 'pusher:subscribe',
    data: { channel: 'private-room', channel_data: '' },
  })
})

test.each([
  ['text', 'plain text'],
  ['letters of the world', { text: 'Grüße, 世界, 🎨, \u2028' }],
  ['a list', [1, 'two', null]],
  ['deep', { a: { b: { c: [{ d: 1.5 }] } } }],
  ['much', { text: 'x'.repeat(9_000) }],
])('pusher-js: the data of an event arrives unchanged: %s', async (_, data) => {
  await using testbed = new Testbed()
  const { events } = await subscribed(await testbed.connect(), 'room')
  await testbed.sdk.trigger('room', 'said', data)
  expect(await events.next()).toEqual(['said', data])
})

test('pusher-js: a client subscribes to many channels, and unsubscribes from some', async () => {
  await using testbed = new Testbed()
  const client = await testbed.connect(ann)
  for (const name of ['a', 'private-b', 'presence-c']) await subscribed(client, name)
  expect(client.allChannels().map(({ name, subscribed }) => [name, subscribed])).toEqual([
    ['a', true],
    ['private-b', true],
    ['presence-c', true],
  ])
  client.unsubscribe('private-b')
  await subscribed(client, 'd')
  const { channels } = (await (await testbed.sdk.get({ path: '/channels' })).json()) as { channels: object }
  expect(Object.keys(channels).sort()).toEqual(['a', 'd', 'presence-c'])
})

test('pusher-js: a channel that is unsubscribed and subscribed again at once is subscribed', async () => {
  await using testbed = new Testbed()
  const client = await testbed.connect()
  await subscribed(client, 'room')
  client.unsubscribe('room')
  const { events } = await subscribed(client, 'room')
  await testbed.sdk.trigger('room', 'seen', {})
  expect(await events.next()).toEqual(['seen', {}])
})

test('pusher-js: the socket that is excluded from an event does not receive it', async () => {
  await using testbed = new Testbed()
  const sender = await testbed.connect()
  const { events: own } = await subscribed(sender, 'room')
  const { events: other } = await subscribed(await testbed.connect(), 'room')
  await testbed.sdk.trigger('room', 'first', {}, { socket_id: sender.connection.socket_id })
  await testbed.sdk.trigger('room', 'second', {})
  expect(await own.next()).toEqual(['second', {}])
  expect(await other.next()).toEqual(['first', {}])
})

describe('pusher-js: a refused subscription', () => {
  test.each(['private-room', 'presence-room'])(
    'to %s, which the application does not sign, is an error of the client',
    async name => {
      await using testbed = new Testbed()
      const error = await refused(await testbed.connect(), name)
      expect(error).toMatchObject({ type: 'AuthError', status: 403 })
    },
  )

  test.each(['private-room', 'presence-room'])('to %s, whose signature is wrong, is an error with status 401', async name => {
    await using testbed = new Testbed()
    testbed.backend.sdk = testbed.sdkWith({ secret: 'guessed' })
    const client = await testbed.connect(ann)
    const connection = new EventQueue(client.connection)
    expect(await refused(client, name)).toMatchObject({ type: 'AuthError', status: 401 })
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4009 } })
    await subscribed(client, 'room')
    // pusher-js asks again once it has connected anew.
    const channel = new EventQueue(client.channel(name))
    testbed.backend.sdk = testbed.sdk
    client.disconnect()
    client.connect()
    await channel.until('pusher:subscription_succeeded')
  })

  test('to a name that the app does not allow is an error', async () => {
    await using testbed = new Testbed({ limits: { channelNameCharset: 'pusher' } })
    const client = await testbed.connect()
    expect(await refused(client, 'ro om')).toMatchObject({ status: 400 })
    await subscribed(client, 'room')
  })
})

describe('pusher-js: client events', () => {
  test.each(['private-room', 'room'])('on %s reach the other subscribers', async name => {
    await using testbed = new Testbed()
    const { channel, events: own } = await subscribed(await testbed.connect(ann), name)
    const { events } = await subscribed(await testbed.connect({ id: 'bob' }), name)
    expect(channel.trigger('client-typing', { keys: 3 })).toBe(true)
    expect(await events.next()).toEqual(['client-typing', { keys: 3 }])
    await testbed.sdk.trigger(name, 'last', {})
    expect(await own.next()).toEqual(['last', {}])
  })

  test('on a presence channel carry the user_id of their sender', async () => {
    await using testbed = new Testbed()
    const { channel } = await subscribed(await testbed.connect(ann), 'presence-room')
    const { channel: other } = await subscribed(await testbed.connect({ id: 'bob' }), 'presence-room')
    const whisper = new Promise(resolve => other.bind('client-typing', (...told: unknown[]) => resolve(told)))
    channel.trigger('client-typing', { keys: 3 })
    expect(await whisper).toEqual([{ keys: 3 }, { user_id: 'ann' }])
  })

  test('are refused where the app does not accept them', async () => {
    await using testbed = new Testbed({ clientEventsFrom: 'none' })
    const client = await testbed.connect(ann)
    const { channel } = await subscribed(client, 'private-room')
    const errors = new EventQueue(client.connection)
    channel.trigger('client-typing', {})
    expect(await errors.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4301 } })
  })
})
