/** pusher-js 8: what it can do with stock settings, what it is told where an app sets a limit, and of the number of subscribers. */
import { describe, expect, test } from 'bun:test'
import type { Channel, PresenceChannel } from 'pusher-js'
import { decodeDocument } from '../../../src/config/bridge.ts'
import { maxKeptBytes, recordBytes } from '../../../src/core/kept.ts'
import { channelAuth } from '../../support/sign.ts'
import { Heard, joined, refused } from './support/heard.ts'
import { Site } from './support/site.ts'

const ann = { id: 'ann' }
const bob = { id: 'bob' }

/** What `'limits' => 'pusher'` sets. */
const pusher = () => {
  const document = { version: 1, apps: [{ app_id: '1', key: 'k', secret: 's', limits: 'pusher' }] }
  return { limits: decodeDocument(JSON.stringify(document)).config.apps[0]!.limits }
}

describe('stock settings limit nothing that Reverb does not limit', () => {
  test('150 members join one presence channel, and the last of them sees all', async () => {
    await using site = new Site()
    const users = Array.from({ length: 150 }, (_, n) => ({
      id: `user-${n}`,
      user_info: { about: 'x'.repeat(n === 0 ? 5000 : 10) },
    }))
    const clients = await Promise.all(users.map(user => site.connect(user)))
    const last = clients.pop()!
    await Promise.all(clients.map(client => joined(client, 'presence-room')))
    const { channel } = await joined(last, 'presence-room')
    expect((channel as PresenceChannel).members.count).toBe(150)
  })

  test('whispers at 60 Hz for 3 seconds all arrive, in their order', async () => {
    await using site = new Site({ clientEventsFrom: 'members' })
    const { channel } = await joined(await site.connect(ann), 'private-room')
    const { heard } = await joined(await site.connect(bob), 'private-room')
    const start = performance.now()
    for (let n = 0; n < 180; n++) {
      await Bun.sleep(start + (n * 1000) / 60 - performance.now())
      channel.trigger('client-moved', { n })
    }
    for (let n = 0; n < 180; n++) expect(await heard.next()).toEqual(['client-moved', { n }])
  })

  test('a burst of 100 whispers in one moment arrives, as the signalling of a call is', async () => {
    await using site = new Site({ clientEventsFrom: 'members' })
    const { channel } = await joined(await site.connect(ann), 'private-call')
    const { heard } = await joined(await site.connect(bob), 'private-call')
    for (let n = 0; n < 100; n++) channel.trigger('client-candidate', { n })
    for (let n = 0; n < 100; n++) expect(await heard.next()).toEqual(['client-candidate', { n }])
  })

  test('a batch of 50 events, and an event to 150 channels', async () => {
    await using site = new Site()
    const client = await site.connect()
    const { heard } = await joined(client, 'room')
    const batch = Array.from({ length: 50 }, (_, n) => ({ channel: 'room', name: 'e', data: { n } }))
    expect(
      (await site.server.post('/batch_events', { batch: batch.map(event => ({ ...event, data: JSON.stringify(event.data) })) }))
        .status,
    ).toBe(200)
    for (let n = 0; n < 50; n++) expect(await heard.next()).toEqual(['e', { n }])
    const names = Array.from({ length: 150 }, (_, n) => `room-${n}`)
    const all = await Promise.all(names.map(name => joined(client, name)))
    expect((await site.server.post('/events', { name: 'e', channels: names, data: '{}' })).status).toBe(200)
    for (const { heard } of all) expect(await heard.next()).toEqual(['e', {}])
  })

  test.each(['chat room', 'orders/7', 'user:1', 'zürich-東京', 'n'.repeat(500), '0'])('a channel called %p', async name => {
    await using site = new Site()
    const { heard } = await joined(await site.connect(), name)
    await site.server.publish(name, '{"n":1}')
    expect(await heard.next()).toEqual(['e', { n: 1 }])
  })

  test.each(['private-orders/7 ü', 'presence-a:b/c'])(
    'a channel called %p, signed by an application that signs it',
    async name => {
      await using site = new Site({ clientEventsFrom: 'members' })
      // Pusher's own SDK refuses to sign such a name.
      site.backend.sdk.authorizeChannel = (socketId, channel, data) => {
        const channel_data = data === undefined ? undefined : JSON.stringify(data)
        return { auth: channelAuth(site.server.app, socketId, channel, channel_data), ...(channel_data && { channel_data }) }
      }
      const { channel } = await joined(await site.connect(ann), name)
      const { heard } = await joined(await site.connect(bob), name)
      await site.server.publish(name, '{"n":1}')
      expect(await heard.next()).toEqual(['e', { n: 1 }])
      channel.trigger('client-said', { n: 2 })
      expect((await heard.next()).slice(0, 2)).toEqual(['client-said', { n: 2 }])
    },
  )
})

describe('with the limits of Pusher', () => {
  test('the 101st member is refused, and a user_info over 1 KiB', async () => {
    await using site = new Site(pusher())
    const clients = await Promise.all(Array.from({ length: 100 }, (_, n) => site.connect({ id: `user-${n}` })))
    const large = await site.connect({ id: 'large', user_info: { about: 'x'.repeat(1024) } })
    const limited = { type: 'LimitReached', status: 403 }
    expect(await refused(large, 'presence-room')).toMatchObject(limited)
    await Promise.all(clients.map(client => joined(client, 'presence-room')))
    expect(await refused(await site.connect(ann), 'presence-room')).toMatchObject(limited)
  })

  test('the 11th whisper of a second is refused', async () => {
    await using site = new Site(pusher())
    const client = await site.connect(ann)
    const { channel } = await joined(client, 'private-room')
    const connection = new Heard(client.connection)
    for (let n = 1; n <= 11; n++) channel.trigger('client-said', { n })
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4301 } })
  })

  test.each(['a/b', 'n'.repeat(201)])('a channel called %p is refused', async name => {
    await using site = new Site(pusher())
    expect(await refused(await site.connect(), name)).toMatchObject({ type: 'InvalidSubscription', status: 400 })
  })

  test('more than 10 events in a batch, and more than 100 channels of an event, are refused', async () => {
    await using site = new Site(pusher())
    const event = { channel: 'room', name: 'e', data: '{}' }
    expect((await site.server.post('/batch_events', { batch: Array(10).fill(event) })).status).toBe(200)
    expect((await site.server.post('/batch_events', { batch: Array(11).fill(event) })).status).toBe(400)
    const names = Array.from({ length: 101 }, (_, n) => `room-${n}`)
    expect((await site.server.post('/events', { ...event, channels: names.slice(1) })).status).toBe(200)
    expect((await site.server.post('/events', { ...event, channels: names })).status).toBe(400)
  })
})

describe('client events', () => {
  test('more than so many a second are not passed on, and their sender is told', async () => {
    await using site = new Site({ limits: { clientEventsPerSecond: 3 } })
    const client = await site.connect(ann)
    const { channel } = await joined(client, 'private-room')
    const { heard } = await joined(await site.connect(bob), 'private-room')
    const connection = new Heard(client.connection)
    for (let n = 1; n <= 4; n++) channel.trigger('client-said', { n })
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4301 } })
    await site.sdk.trigger('private-room', 'last', {})
    const came = [await heard.next(), await heard.next(), await heard.next(), await heard.next()]
    expect(came.map(([event, { n }]) => [event, n])).toEqual([
      ['client-said', 1],
      ['client-said', 2],
      ['client-said', 3],
      ['last', undefined],
    ])
  })

  test.each(['room', 'private-room', 'presence-room'])('members of %s receive them', async name => {
    await using site = new Site({ clientEventsFrom: 'members' })
    const { channel } = await joined(await site.connect(ann), name)
    const { heard } = await joined(await site.connect(bob), name)
    channel.trigger('client-said', {})
    expect(await heard.next()).toEqual(['client-said', {}])
  })

  test('a name that is too long', async () => {
    await using site = new Site({ limits: { eventNameLength: 200 } })
    const client = await site.connect(ann)
    const { channel } = await joined(client, 'private-room')
    const connection = new Heard(client.connection)
    channel.trigger(`client-${'x'.repeat(194)}`, {})
    expect(await connection.until('error')).toMatchObject({ data: { code: 4301 } })
  })
})

describe('subscriptions', () => {
  const limited = { type: 'LimitReached', status: 403 }

  test('so many channels on a connection, and another once one is left', async () => {
    await using site = new Site({ limits: { channelsPerSocket: 2 } })
    const client = await site.connect(ann)
    await joined(client, 'a')
    await joined(client, 'private-b')
    expect(await refused(client, 'c')).toMatchObject(limited)
    client.unsubscribe('a')
    await joined(client, 'd')
  })

  test('so many bytes of channel names on a connection: the rest works on, and there is room again once one is left', async () => {
    await using site = new Site()
    const client = await site.connect(ann)
    const name = (n: number) => `${n}-`.padEnd(9000, 'x')
    const most = Math.floor(maxKeptBytes / (9000 + recordBytes))
    await Promise.all(Array.from({ length: most }, (_, n) => joined(client, name(n))))
    expect(await refused(client, name(most))).toMatchObject(limited)
    // Of what was refused, the log shows the first 1,000 characters.
    const about = name(most).slice(0, 1000)
    expect(site.server.refusals).toMatchObject([{ refusal: 'connection-state', appId: '1001', about }])
    const heard = new Heard(client.channel(name(0)))
    await site.server.publish(name(0), '{"n":1}')
    expect(await heard.next()).toEqual(['e', { n: 1 }])
    client.unsubscribe(name(1))
    await joined(client, name(most + 1))
    expect(client.connection.state).toBe('connected')
  })

  test('so many members on a presence channel, on as many sockets as they like', async () => {
    await using site = new Site({ limits: { presenceMembers: 2 } })
    const [first, second] = [await site.connect(ann), await site.connect(bob)]
    for (const client of [first, second]) await joined(client, 'presence-room')
    expect(await refused(await site.connect({ id: 'eve' }), 'presence-room')).toMatchObject(limited)
    const { heard } = await joined(await site.connect(ann), 'presence-room')
    second.disconnect()
    expect((await heard.next())[0]).toBe('pusher:member_removed')
    await joined(await site.connect({ id: 'eve' }), 'presence-room')
  })

  test('so much about a member', async () => {
    await using site = new Site({ limits: { presenceUserInfoBytes: 20 } })
    await joined(await site.connect({ id: 'ann', user_info: { name: 'A'.repeat(9) } }), 'presence-room')
    const client = await site.connect({ id: 'bob', user_info: { name: 'B'.repeat(10) } })
    expect(await refused(client, 'presence-room')).toMatchObject(limited)
  })

  test('a name that is too long', async () => {
    await using site = new Site({ limits: { channelNameLength: 10 } })
    await joined(await site.connect(), 'x'.repeat(10))
    expect(await refused(await site.connect(), 'x'.repeat(11))).toMatchObject({ status: 400 })
  })
})

describe('the number of subscribers', () => {
  test('everybody is told how many there are, as it changes', async () => {
    await using site = new Site({ subscriptionCounts: true })
    const [first, second] = [await site.connect(ann), await site.connect(bob)]
    const names = ['room', 'private-room', 'cache-room']
    const firsts = await Promise.all(names.map(name => joined(first, name)))
    const seconds = await Promise.all(names.map(name => joined(second, name)))
    for (const { heard, channel } of firsts) {
      expect(await heard.until('pusher:subscription_count')).toEqual({ subscription_count: 1 })
      expect(await heard.until('pusher:subscription_count')).toEqual({ subscription_count: 2 })
      expect(countOf(channel)).toBe(2)
    }
    for (const { heard } of seconds) expect(await heard.until('pusher:subscription_count')).toEqual({ subscription_count: 2 })
    second.disconnect()
    for (const { heard } of firsts) expect(await heard.until('pusher:subscription_count')).toEqual({ subscription_count: 1 })
  })

  test('members of a presence channel know anyway', async () => {
    await using site = new Site({ subscriptionCounts: true })
    const { heard } = await joined(await site.connect(ann), 'presence-room')
    await joined(await site.connect(bob), 'presence-room')
    await site.sdk.trigger('presence-room', 'last', {})
    expect([(await heard.next())[0], (await heard.next())[0]]).toEqual(['pusher:member_added', 'last'])
  })

  test('nobody is told where the app does not want it', async () => {
    await using site = new Site()
    const { heard } = await joined(await site.connect(), 'room')
    await joined(await site.connect(), 'room')
    await site.sdk.trigger('room', 'last', {})
    expect((await heard.next())[0]).toBe('last')
  })
})

/** pusher-js declares it as always null. */
function countOf(channel: Channel): unknown {
  return channel.subscriptionCount
}
