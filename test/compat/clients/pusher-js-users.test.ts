/** pusher-js 8: signing in, events to users, and watchlists. */
import { describe, expect, test } from 'bun:test'
import { EventQueue, reached, signedIn, subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'

const ann = { id: 'ann' }
const bob = { id: 'bob', user_info: { name: 'Bób' } }

describe('pusher-js: signing in', () => {
  test('an event to a user reaches all sockets of that user and no other', async () => {
    await using testbed = new Testbed()
    const phone = await signedIn(await testbed.connect(ann))
    const laptop = await signedIn(await testbed.connect(ann))
    const other = await signedIn(await testbed.connect(bob))
    await testbed.sdk.sendToUser('ann', 'paid', { euro: 3 })
    await testbed.sdk.sendToUser('bob', 'asked', {})
    expect(await phone.next()).toEqual(['paid', { euro: 3 }])
    expect(await laptop.next()).toEqual(['paid', { euro: 3 }])
    expect(await other.next()).toEqual(['asked', {}])
  })

  test('the client has the user data that the application signed', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect(bob)
    await signedIn(client)
    expect(client.user.user_data).toEqual(bob)
  })

  test('signin() may be called before the client is connected', async () => {
    await using testbed = new Testbed()
    const user = await signedIn(testbed.client(ann))
    await testbed.sdk.sendToUser('ann', 'paid', {})
    expect(await user.next()).toEqual(['paid', {}])
  })

  test('a user id may contain any characters', async () => {
    await using testbed = new Testbed()
    const id = 'Zoë 🎨/#1'
    const user = await signedIn(await testbed.connect({ id }))
    await testbed.sdk.sendToUser(id, 'paid', {})
    expect(await user.next()).toEqual(['paid', {}])
  })

  test('a wrong signature is answered with an error, and the connection stays open', async () => {
    await using testbed = new Testbed()
    testbed.backend.sdk = testbed.sdkWith({ secret: 'guessed' })
    const client = await testbed.connect(ann)
    const connection = new EventQueue(client.connection)
    client.signin()
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4009 } })
    const user = new EventQueue(client.user)
    await testbed.sdk.sendToUser('ann', 'paid', {})
    await subscribed(client, 'room')
    expect(user.rest()).toEqual([])
    expect(client.user.user_data).toBeNull()
  })

  test('a client receives no events of another user', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect(ann)
    const user = await signedIn(client)
    const connection = new EventQueue(client.connection)
    client.send_event('pusher:subscribe', { channel: '#server-to-user-bob', auth: '' })
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4009 } })
    const messages = new EventQueue(client.connection)
    await testbed.sdk.sendToUser('bob', 'asked', {})
    await testbed.sdk.sendToUser('ann', 'paid', {})
    expect(await user.next()).toEqual(['paid', {}])
    expect(messages.rest().filter(([, data]) => data?.event === 'asked')).toEqual([])
  })

  test('a connection cannot sign in as a second user', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect(ann)
    const user = await signedIn(client)
    const connection = new EventQueue(client.connection)
    client.send_event('pusher:signin', testbed.sdk.authenticateUser(client.connection.socket_id, bob))
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4009 } })
    await testbed.sdk.sendToUser('ann', 'paid', {})
    expect(await user.next()).toEqual(['paid', {}])
  })

  test('the client reports that the application refused to sign', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect()
    const user = new EventQueue(client.user)
    client.signin()
    expect(await user.until('pusher:signin_error')).toMatchObject({ type: 'AuthError', status: 403 })
  })

  test('a client that reconnects signs in again', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect(ann)
    const user = await signedIn(client)
    const { events } = await subscribed(client, 'private-room')
    const connection = new EventQueue(client.connection)
    testbed.server.running.traffic.closeOldest(1)
    await connection.until('connected')
    await events.until('pusher:subscription_succeeded')
    for (;;) if ((await connection.until('message')).channel === '#server-to-user-ann') break
    await testbed.sdk.sendToUser('ann', 'paid', {})
    expect(await user.until('paid')).toEqual({})
  })

  // Pusher takes the member from the sign-in, and pusher-js counts on it; the server wants channel_data still.
  test('a signed-in user joins a presence channel without channel_data', async () => {
    await using testbed = new Testbed()
    const client = await testbed.connect(bob, {
      channelAuthorization: {
        customHandler: ({ socketId, channelName }, done) => done(null, testbed.sdk.authorizeChannel(socketId, channelName)),
      },
    })
    await signedIn(client)
    const { channel } = await subscribed(client, 'presence-room')
    expect(channel).toMatchObject({ members: { me: { id: 'bob', info: bob.user_info } } })
  })
})

describe('pusher-js: a watchlist', () => {
  test('reports the users who are online, and each change', async () => {
    await using testbed = new Testbed()
    await signedIn(await testbed.connect(bob))
    const watcher = await testbed.connect({ ...ann, watchlist: ['bob', 'eve', 'dan'] })
    const watchlist = new EventQueue(watcher.user.watchlist)
    await signedIn(watcher)
    expect(await watchlist.next()).toEqual(['online', { name: 'online', user_ids: ['bob'] }])
    expect(await watchlist.next()).toEqual(['offline', { name: 'offline', user_ids: ['eve', 'dan'] }])
    const eve = await testbed.connect({ id: 'eve' })
    await signedIn(eve)
    expect(await watchlist.next()).toEqual(['online', { name: 'online', user_ids: ['eve'] }])
    eve.disconnect()
    expect(await watchlist.next()).toEqual(['offline', { name: 'offline', user_ids: ['eve'] }])
  })

  test('reports a user with two sockets once', async () => {
    await using testbed = new Testbed()
    const watcher = await testbed.connect({ ...ann, watchlist: ['bob', 'eve'] })
    const watchlist = new EventQueue(watcher.user.watchlist)
    await signedIn(watcher)
    expect(await watchlist.next()).toEqual(['offline', { name: 'offline', user_ids: ['bob', 'eve'] }])
    const [phone, laptop] = [await testbed.connect(bob), await testbed.connect(bob)]
    await signedIn(phone)
    await signedIn(laptop)
    phone.disconnect()
    await reached(phone, 'disconnected')
    await signedIn(await testbed.connect({ id: 'eve' }))
    expect(await watchlist.next()).toEqual(['online', { name: 'online', user_ids: ['bob'] }])
    expect(await watchlist.next()).toEqual(['online', { name: 'online', user_ids: ['eve'] }])
    laptop.disconnect()
    expect(await watchlist.next()).toEqual(['offline', { name: 'offline', user_ids: ['bob'] }])
  })

  test('is reported to every socket of the watching user', async () => {
    await using testbed = new Testbed()
    const watchlists: EventQueue[] = []
    for (const id of ['ann', 'ann', 'dan']) {
      const client = await testbed.connect({ id, watchlist: ['bob'] })
      const watchlist = new EventQueue(client.user.watchlist)
      await signedIn(client)
      await watchlist.until('offline')
      watchlists.push(watchlist)
    }
    await signedIn(await testbed.connect(bob))
    for (const watchlist of watchlists) expect(await watchlist.next()).toEqual(['online', { name: 'online', user_ids: ['bob'] }])
  })

  test('over the limit is refused with an error, and reports nothing', async () => {
    await using testbed = new Testbed()
    const watchlist = Array.from({ length: 101 }, (_, i) => `user-${i}`)
    const client = await testbed.connect({ ...ann, watchlist })
    const connection = new EventQueue(client.connection)
    const events = new EventQueue(client.user.watchlist)
    const user = await signedIn(client)
    expect(await connection.until('error')).toMatchObject({ type: 'PusherError', data: { code: 4302 } })
    await signedIn(await testbed.connect({ id: 'user-0' }))
    await testbed.sdk.sendToUser('ann', 'paid', {})
    expect(await user.next()).toEqual(['paid', {}])
    expect(events.rest()).toEqual([])
  })
})

describe('pusher-js: terminating a user', () => {
  test('closes all sockets of the user, signed in or member, and they do not reconnect', async () => {
    await using testbed = new Testbed()
    const [signed, member, other] = [await testbed.connect(ann), await testbed.connect(ann), await testbed.connect(bob)]
    await signedIn(signed)
    await subscribed(member, 'presence-room')
    await signedIn(other)
    const { events } = await subscribed(other, 'presence-room')
    const closed = [signed, member].map(client => new EventQueue(client.connection))
    await testbed.sdk.terminateUserConnections('ann')
    for (const connection of closed) {
      // The frame comes first; the close has the same code.
      for (;;) if ((await connection.until('message')).event === 'pusher:error') break
      expect(await connection.until('error')).toMatchObject({ data: { code: 4009 } })
      await connection.until('disconnected')
    }
    expect((await events.next())[0]).toBe('pusher:member_removed')
    expect(other.connection.state).toBe('connected')
    expect([signed, member].map(client => client.connection.state)).toEqual(['disconnected', 'disconnected'])
  })
})
