/** pusher-js 8 with stock settings, and with limits of the app. */
import { describe, expect, test } from 'bun:test'
import type { PresenceChannel } from 'pusher-js'
import { decodeDocument } from '../../../src/config/bridge.ts'
import { maxStateBytes, recordBytes } from '../../../src/core/connection-state.ts'
import { EventQueue, refused, subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'
import { channelAuth } from '../../support/sign.ts'

const ann = { id: 'ann' }
const bob = { id: 'bob' }

/** What `'limits' => 'pusher'` sets. */
const pusher = () => {
  const document = { version: 1, apps: [{ app_id: '1', key: 'k', secret: 's', limits: 'pusher' }] }
  return { limits: decodeDocument(JSON.stringify(document)).config.apps[0]!.limits }
}

describe('pusher-js: stock settings limit nothing that Reverb does not limit', () => {
  test('150 members join one presence channel, and the last one receives all of them', async () => {
    await using testbed = new Testbed()
    const users = Array.from({ length: 150 }, (_, n) => ({
      id: `user-${n}`,
      user_info: { about: 'x'.repeat(n === 0 ? 5000 : 10) },
    }))
    const clients = await Promise.all(users.map(user => testbed.connect(user)))
    const last = clients.pop()!
    await Promise.all(clients.map(client => subscribed(client, 'presence-room')))
    const { channel } = await subscribed(last, 'presence-room')
    expect((channel as PresenceChannel).members.count).toBe(150)
  })

  test('client events at 60 Hz for 3 seconds all arrive, in order', async () => {
    await using testbed = new Testbed({ clientEventsFrom: 'members' })
    const { channel } = await subscribed(await testbed.connect(ann), 'private-room')
    const { events } = await subscribed(await testbed.connect(bob), 'private-room')
    const start = performance.now()
    for (let n = 0; n < 180; n++) {
      await Bun.sleep(start + (n * 1000) / 60 - performance.now())
      channel.trigger('client-moved', { n })
    }
    for (let n = 0; n < 180; n++) expect(await events.next()).toEqual(['client-moved', { n }])
  })

  test('a burst of 100 client events arrives, as in the signalling of a call', async () => {
    await using testbed = new Testbed({ clientEventsFrom: 'members' })
    const { channel } = await subscribed(await testbed.connect(ann), 'private-call')
    const { events } = await subscribed(await testbed.connect(bob), 'private-call')
    for (let n = 0; n < 100; n++) channel.trigger('client-candidate', { n })
    for (let n = 0; n < 100; n++) expect(await events.next()).toEqual(['client-candidate', { n }])
  })

  test('a batch of 50 events and an event to 150 channels are accepted', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect()
    const { events } = await subscribed(client, 'room')
    const batch = Array.from({ length: 50 }, (_, n) => ({ channel: 'room', name: 'e', data: { n } }))
    expect(
      (
        await testbed.server.post('/batch_events', {
          batch: batch.map(event => ({ ...event, data: JSON.stringify(event.data) })),
        })
      ).status,
    ).toBe(200)
    for (let n = 0; n < 50; n++) expect(await events.next()).toEqual(['e', { n }])
    const names = Array.from({ length: 150 }, (_, n) => `room-${n}`)
    const all = await Promise.all(names.map(name => subscribed(client, name)))
    expect((await testbed.server.post('/events', { name: 'e', channels: names, data: '{}' })).status).toBe(200)
    for (const { events } of all) expect(await events.next()).toEqual(['e', {}])
  })

  test.each(['chat room', 'orders/7', 'user:1', 'zürich-東京', 'n'.repeat(500), '0'])(
    'a channel may be called %p',
    async name => {
      await using testbed = new Testbed()
      const { events } = await subscribed(await testbed.connect(), name)
      await testbed.server.publish(name, '{"n":1}')
      expect(await events.next()).toEqual(['e', { n: 1 }])
    },
  )

  test.each(['private-orders/7 ü', 'presence-a:b/c'])(
    'a channel called %p, signed by an application that signs it',
    async name => {
      await using testbed = new Testbed({ clientEventsFrom: 'members' })
      // Pusher's own SDK refuses to sign such a name.
      testbed.backend.sdk.authorizeChannel = (socketId, channel, data) => {
        const channel_data = data === undefined ? undefined : JSON.stringify(data)
        return { auth: channelAuth(testbed.server.app, socketId, channel, channel_data), ...(channel_data && { channel_data }) }
      }
      const { channel } = await subscribed(await testbed.connect(ann), name)
      const { events } = await subscribed(await testbed.connect(bob), name)
      await testbed.server.publish(name, '{"n":1}')
      expect(await events.next()).toEqual(['e', { n: 1 }])
      channel.trigger('client-said', { n: 2 })
      expect((await events.next()).slice(0, 2)).toEqual(['client-said', { n: 2 }])
    },
  )
})

describe('pusher-js: with the limits of Pusher', () => {
  test('the 101st member and a user_info over 1 KiB are refused', async () => {
    await using testbed = new Testbed(pusher())
    const clients = await Promise.all(Array.from({ length: 100 }, (_, n) => testbed.connect({ id: `user-${n}` })))
    const large = await testbed.connect({ id: 'large', user_info: { about: 'x'.repeat(1024) } })
    const limited = { type: 'LimitReached', status: 403 }
    expect(await refused(large, 'presence-room')).toMatchObject(limited)
    await Promise.all(clients.map(client => subscribed(client, 'presence-room')))
    expect(await refused(await testbed.connect(ann), 'presence-room')).toMatchObject(limited)
  })

  test('the 11th client event of a second is refused', async () => {
    await using testbed = new Testbed(pusher())
    const client = await testbed.connect(ann)
    const { channel } = await subscribed(client, 'private-room')
    const connection = new EventQueue(client.connection)
    for (let n = 1; n <= 11; n++) channel.trigger('client-said', { n })
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4301 } })
  })

  test.each(['a/b', 'n'.repeat(201)])('a channel called %p is refused', async name => {
    await using testbed = new Testbed(pusher())
    expect(await refused(await testbed.connect(), name)).toMatchObject({ type: 'InvalidSubscription', status: 400 })
  })

  test('a batch of more than 10 events and an event to more than 100 channels are refused', async () => {
    await using testbed = new Testbed(pusher())
    const event = { channel: 'room', name: 'e', data: '{}' }
    expect((await testbed.server.post('/batch_events', { batch: Array(10).fill(event) })).status).toBe(200)
    expect((await testbed.server.post('/batch_events', { batch: Array(11).fill(event) })).status).toBe(400)
    const names = Array.from({ length: 101 }, (_, n) => `room-${n}`)
    expect((await testbed.server.post('/events', { ...event, channels: names.slice(1) })).status).toBe(200)
    expect((await testbed.server.post('/events', { ...event, channels: names })).status).toBe(400)
  })
})

describe('pusher-js: client events', () => {
  test('over client_events_per_second are dropped, and the sender receives an error', async () => {
    await using testbed = new Testbed({ limits: { clientEventsPerSecond: 3 } })
    const client = await testbed.connect(ann)
    const { channel } = await subscribed(client, 'private-room')
    const { events } = await subscribed(await testbed.connect(bob), 'private-room')
    const connection = new EventQueue(client.connection)
    for (let n = 1; n <= 4; n++) channel.trigger('client-said', { n })
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4301 } })
    await testbed.sdk.trigger('private-room', 'last', {})
    const came = [await events.next(), await events.next(), await events.next(), await events.next()]
    expect(came.map(([event, { n }]) => [event, n])).toEqual([
      ['client-said', 1],
      ['client-said', 2],
      ['client-said', 3],
      ['last', undefined],
    ])
  })

  test.each(['room', 'private-room', 'presence-room'])('within the limit reach the subscribers of %s', async name => {
    await using testbed = new Testbed({ clientEventsFrom: 'members' })
    const { channel } = await subscribed(await testbed.connect(ann), name)
    const { events } = await subscribed(await testbed.connect(bob), name)
    channel.trigger('client-said', {})
    expect(await events.next()).toEqual(['client-said', {}])
  })

  test('a name that is too long', async () => {
    await using testbed = new Testbed({ limits: { eventNameLength: 200 } })
    const client = await testbed.connect(ann)
    const { channel } = await subscribed(client, 'private-room')
    const connection = new EventQueue(client.connection)
    channel.trigger(`client-${'x'.repeat(194)}`, {})
    expect(await connection.until('error')).toMatchObject({ data: { code: 4301 } })
  })
})

describe('pusher-js: subscriptions', () => {
  const limited = { type: 'LimitReached', status: 403 }

  test('over channels_per_socket are refused until the client unsubscribes from one', async () => {
    await using testbed = new Testbed({ limits: { channelsPerSocket: 2 } })
    const client = await testbed.connect(ann)
    await subscribed(client, 'a')
    await subscribed(client, 'private-b')
    expect(await refused(client, 'c')).toMatchObject(limited)
    client.unsubscribe('a')
    await subscribed(client, 'd')
  })

  test('over the bytes that a connection may keep are refused; the others work, and unsubscribing makes room', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect(ann)
    const name = (n: number) => `${n}-`.padEnd(9000, 'x')
    const most = Math.floor(maxStateBytes / (9000 + recordBytes))
    await Promise.all(Array.from({ length: most }, (_, n) => subscribed(client, name(n))))
    expect(await refused(client, name(most))).toMatchObject(limited)
    // Of what was refused, the log shows the first 1,000 characters.
    const about = name(most).slice(0, 1000)
    expect(testbed.server.refusals).toMatchObject([{ refusal: 'connection-state', appId: '1001', about }])
    const events = new EventQueue(client.channel(name(0)))
    await testbed.server.publish(name(0), '{"n":1}')
    expect(await events.next()).toEqual(['e', { n: 1 }])
    client.unsubscribe(name(1))
    await subscribed(client, name(most + 1))
    expect(client.connection.state).toBe('connected')
  })

  test('of new users over presence_members are refused; more sockets of a member are not', async () => {
    await using testbed = new Testbed({ limits: { presenceMembers: 2 } })
    const [first, second] = [await testbed.connect(ann), await testbed.connect(bob)]
    for (const client of [first, second]) await subscribed(client, 'presence-room')
    expect(await refused(await testbed.connect({ id: 'eve' }), 'presence-room')).toMatchObject(limited)
    const { events } = await subscribed(await testbed.connect(ann), 'presence-room')
    second.disconnect()
    expect((await events.next())[0]).toBe('pusher:member_removed')
    await subscribed(await testbed.connect({ id: 'eve' }), 'presence-room')
  })

  test('with a user_info over presence_user_info_bytes are refused', async () => {
    await using testbed = new Testbed({ limits: { presenceUserInfoBytes: 20 } })
    await subscribed(await testbed.connect({ id: 'ann', user_info: { name: 'A'.repeat(9) } }), 'presence-room')
    const client = await testbed.connect({ id: 'bob', user_info: { name: 'B'.repeat(10) } })
    expect(await refused(client, 'presence-room')).toMatchObject(limited)
  })

  test('a name that is too long', async () => {
    await using testbed = new Testbed({ limits: { channelNameLength: 10 } })
    await subscribed(await testbed.connect(), 'x'.repeat(10))
    expect(await refused(await testbed.connect(), 'x'.repeat(11))).toMatchObject({ status: 400 })
  })
})
