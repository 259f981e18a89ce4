/** pusher-js 8: what it is told where an app sets a limit, and of the number of subscribers. */
import { describe, expect, test } from 'bun:test'
import type { Channel } from 'pusher-js'
import { Heard, joined, refused } from './support/heard.ts'
import { Site } from './support/site.ts'

const ann = { id: 'ann' }
const bob = { id: 'bob' }

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

  test.each(['private-room', 'presence-room'])('from members only: on %s', async name => {
    await using site = new Site({ clientEventsFrom: 'members' })
    const { channel } = await joined(await site.connect(ann), name)
    const { heard } = await joined(await site.connect(bob), name)
    channel.trigger('client-said', {})
    expect(await heard.next()).toEqual(['client-said', {}])
  })

  test('from members only: not on public channels', async () => {
    await using site = new Site({ clientEventsFrom: 'members' })
    const client = await site.connect()
    const { channel } = await joined(client, 'room')
    const connection = new Heard(client.connection)
    channel.trigger('client-said', {})
    expect(await connection.until('error')).toMatchObject({ data: { code: 4301 } })
  })

  test('a name that is too long', async () => {
    await using site = new Site()
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
