/** pusher-js 8: channels, events and whispers. */
import { describe, expect, test } from 'bun:test'
import { EventQueue, refused, subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'

const ann = { id: 'ann' }

describe.each(['room', 'private-room', 'presence-room', 'private-a_-=@,.;B9'])('%s', name => {
  test('an event reaches every subscriber, and nobody else', async () => {
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

  test('nothing comes after unsubscribing', async () => {
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

test('an endpoint that answers with an empty channel_data', async () => {
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
])('what an event carries arrives as it was: %s', async (_, data) => {
  await using testbed = new Testbed()
  const { events } = await subscribed(await testbed.connect(), 'room')
  await testbed.sdk.trigger('room', 'said', data)
  expect(await events.next()).toEqual(['said', data])
})

test('a client holds many channels, and leaves some', async () => {
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

test('a channel that is left and taken up in one breath is subscribed', async () => {
  await using testbed = new Testbed()
  const client = await testbed.connect()
  await subscribed(client, 'room')
  client.unsubscribe('room')
  const { events } = await subscribed(client, 'room')
  await testbed.sdk.trigger('room', 'seen', {})
  expect(await events.next()).toEqual(['seen', {}])
})

test('the socket that caused an event is left out', async () => {
  await using testbed = new Testbed()
  const sender = await testbed.connect()
  const { events: own } = await subscribed(sender, 'room')
  const { events: other } = await subscribed(await testbed.connect(), 'room')
  await testbed.sdk.trigger('room', 'first', {}, { socket_id: sender.connection.socket_id })
  await testbed.sdk.trigger('room', 'second', {})
  expect(await own.next()).toEqual(['second', {}])
  expect(await other.next()).toEqual(['first', {}])
})

describe('refusals', () => {
  test.each(['private-room', 'presence-room'])('%s: the application does not sign', async name => {
    await using testbed = new Testbed()
    const error = await refused(await testbed.connect(), name)
    expect(error).toMatchObject({ type: 'AuthError', status: 403 })
  })

  test.each(['private-room', 'presence-room'])('%s: the server does not take the signature, and says 401', async name => {
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

  test('a name that the app does not take', async () => {
    await using testbed = new Testbed({ limits: { channelNameCharset: 'pusher' } })
    const client = await testbed.connect()
    expect(await refused(client, 'ro om')).toMatchObject({ status: 400 })
    await subscribed(client, 'room')
  })
})

describe('client events', () => {
  test.each(['private-room', 'room'])('on %s they reach the others', async name => {
    await using testbed = new Testbed()
    const { channel, events: own } = await subscribed(await testbed.connect(ann), name)
    const { events } = await subscribed(await testbed.connect({ id: 'bob' }), name)
    expect(channel.trigger('client-typing', { keys: 3 })).toBe(true)
    expect(await events.next()).toEqual(['client-typing', { keys: 3 }])
    await testbed.sdk.trigger(name, 'last', {})
    expect(await own.next()).toEqual(['last', {}])
  })

  test('on a presence channel they say who sent them', async () => {
    await using testbed = new Testbed()
    const { channel } = await subscribed(await testbed.connect(ann), 'presence-room')
    const { channel: other } = await subscribed(await testbed.connect({ id: 'bob' }), 'presence-room')
    const whisper = new Promise(resolve => other.bind('client-typing', (...told: unknown[]) => resolve(told)))
    channel.trigger('client-typing', { keys: 3 })
    expect(await whisper).toEqual([{ keys: 3 }, { user_id: 'ann' }])
  })

  test('are refused where the application takes none', async () => {
    await using testbed = new Testbed({ clientEventsFrom: 'nobody' })
    const client = await testbed.connect(ann)
    const { channel } = await subscribed(client, 'private-room')
    const errors = new EventQueue(client.connection)
    channel.trigger('client-typing', {})
    expect(await errors.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4301 } })
  })
})
