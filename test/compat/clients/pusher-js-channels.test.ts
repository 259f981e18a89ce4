/** pusher-js 8: channels, events and whispers. */
import { describe, expect, test } from 'bun:test'
import { Heard, joined, refused } from './support/heard.ts'
import { Site } from './support/site.ts'

const ann = { id: 'ann' }

describe.each(['room', 'private-room', 'presence-room', 'private-a_-=@,.;B9'])('%s', name => {
  test('an event reaches every subscriber, and nobody else', async () => {
    await using site = new Site()
    const { heard: first } = await joined(await site.connect(ann), name)
    const { heard: second } = await joined(await site.connect({ id: 'bob' }), name)
    const { heard: stranger } = await joined(await site.connect(), 'elsewhere')
    await site.sdk.trigger(name, 'painted', { coats: 2 })
    await site.sdk.trigger('elsewhere', 'last', {})
    expect(await first.until('painted')).toEqual({ coats: 2 })
    expect(await second.next()).toEqual(['painted', { coats: 2 }])
    expect(await stranger.next()).toEqual(['last', {}])
  })

  test('nothing comes after unsubscribing', async () => {
    await using site = new Site()
    const client = await site.connect(ann)
    await joined(client, name)
    client.unsubscribe(name)
    await joined(client, 'other')
    const messages = new Heard(client.connection)
    await site.sdk.trigger(name, 'missed', {})
    await site.sdk.trigger('other', 'seen', {})
    expect(await messages.until('message')).toEqual({ event: 'seen', channel: 'other', data: {} })
    expect(client.allChannels().map(channel => channel.name)).toEqual(['other'])
    expect(await (await site.sdk.get({ path: `/channels/${name}` })).json()).toMatchObject({ occupied: false })
  })
})

test('an endpoint that answers with an empty channel_data', async () => {
  await using site = new Site()
  const client = await site.connect(undefined, {
    channelAuthorization: {
      transport: 'ajax',
      endpoint: '',
      customHandler({ socketId, channelName }, callback) {
        callback(null, { auth: site.sdk.authorizeChannel(socketId, channelName).auth, channel_data: '' })
      },
    },
  })
  await joined(client, 'private-room')
  expect(site.received.at(-1)).toMatchObject({ event: 'pusher:subscribe', data: { channel: 'private-room', channel_data: '' } })
})

test.each([
  ['text', 'plain text'],
  ['letters of the world', { text: 'Grüße, 世界, 🎨, \u2028' }],
  ['a list', [1, 'two', null]],
  ['deep', { a: { b: { c: [{ d: 1.5 }] } } }],
  ['much', { text: 'x'.repeat(9_000) }],
])('what an event carries arrives as it was: %s', async (_, data) => {
  await using site = new Site()
  const { heard } = await joined(await site.connect(), 'room')
  await site.sdk.trigger('room', 'said', data)
  expect(await heard.next()).toEqual(['said', data])
})

test('a client holds many channels, and leaves some', async () => {
  await using site = new Site()
  const client = await site.connect(ann)
  for (const name of ['a', 'private-b', 'presence-c']) await joined(client, name)
  expect(client.allChannels().map(({ name, subscribed }) => [name, subscribed])).toEqual([
    ['a', true],
    ['private-b', true],
    ['presence-c', true],
  ])
  client.unsubscribe('private-b')
  await joined(client, 'd')
  const { channels } = (await (await site.sdk.get({ path: '/channels' })).json()) as { channels: object }
  expect(Object.keys(channels).sort()).toEqual(['a', 'd', 'presence-c'])
})

test('a channel that is left and taken up in one breath is subscribed', async () => {
  await using site = new Site()
  const client = await site.connect()
  await joined(client, 'room')
  client.unsubscribe('room')
  const { heard } = await joined(client, 'room')
  await site.sdk.trigger('room', 'seen', {})
  expect(await heard.next()).toEqual(['seen', {}])
})

test('the socket that caused an event is left out', async () => {
  await using site = new Site()
  const sender = await site.connect()
  const { heard: own } = await joined(sender, 'room')
  const { heard: other } = await joined(await site.connect(), 'room')
  await site.sdk.trigger('room', 'first', {}, { socket_id: sender.connection.socket_id })
  await site.sdk.trigger('room', 'second', {})
  expect(await own.next()).toEqual(['second', {}])
  expect(await other.next()).toEqual(['first', {}])
})

describe('refusals', () => {
  test.each(['private-room', 'presence-room'])('%s: the application does not sign', async name => {
    await using site = new Site()
    const error = await refused(await site.connect(), name)
    expect(error).toMatchObject({ type: 'AuthError', status: 403 })
  })

  test.each(['private-room', 'presence-room'])('%s: the server does not take the signature, and says 401', async name => {
    await using site = new Site()
    site.backend.sdk = site.sdkWith({ secret: 'guessed' })
    const client = await site.connect(ann)
    const connection = new Heard(client.connection)
    expect(await refused(client, name)).toMatchObject({ type: 'AuthError', status: 401 })
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4009 } })
    await joined(client, 'room')
    // pusher-js asks again once it has connected anew.
    const channel = new Heard(client.channel(name))
    site.backend.sdk = site.sdk
    client.disconnect()
    client.connect()
    await channel.until('pusher:subscription_succeeded')
  })

  test('a name that the app does not take', async () => {
    await using site = new Site({ limits: { channelNameCharset: 'pusher' } })
    const client = await site.connect()
    expect(await refused(client, 'ro om')).toMatchObject({ status: 400 })
    await joined(client, 'room')
  })
})

describe('client events', () => {
  test.each(['private-room', 'room'])('on %s they reach the others', async name => {
    await using site = new Site()
    const { channel, heard: own } = await joined(await site.connect(ann), name)
    const { heard } = await joined(await site.connect({ id: 'bob' }), name)
    expect(channel.trigger('client-typing', { keys: 3 })).toBe(true)
    expect(await heard.next()).toEqual(['client-typing', { keys: 3 }])
    await site.sdk.trigger(name, 'last', {})
    expect(await own.next()).toEqual(['last', {}])
  })

  test('on a presence channel they say who sent them', async () => {
    await using site = new Site()
    const { channel } = await joined(await site.connect(ann), 'presence-room')
    const { channel: other } = await joined(await site.connect({ id: 'bob' }), 'presence-room')
    const whisper = new Promise(resolve => other.bind('client-typing', (...told: unknown[]) => resolve(told)))
    channel.trigger('client-typing', { keys: 3 })
    expect(await whisper).toEqual([{ keys: 3 }, { user_id: 'ann' }])
  })

  test('are refused where the application takes none', async () => {
    await using site = new Site({ clientEventsFrom: 'nobody' })
    const client = await site.connect(ann)
    const { channel } = await joined(client, 'private-room')
    const errors = new Heard(client.connection)
    channel.trigger('client-typing', {})
    expect(await errors.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4301 } })
  })
})
