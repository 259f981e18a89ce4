/** Laravel Echo 2 on pusher-js, with the broadcaster `reverb`. */
import { describe, expect, test } from 'bun:test'
import { signedIn } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'
import { connectEcho, listener, subscribed } from './support/echo.ts'

const ann = { id: 'ann', user_info: { id: 1, name: 'Ann' } }
const bob = { id: 'bob', user_info: { id: 2, name: 'Bob' } }

const shipped = String.raw`App\Events\OrderShipped`
const notified = String.raw`Illuminate\Notifications\Events\BroadcastNotificationCreated`

describe.each([
  ['channel', 'orders'],
  ['private', 'private-orders'],
  ['join', 'presence-orders'],
  ['encryptedPrivate', 'private-encrypted-orders'],
] as const)('Echo: %s()', (method, name) => {
  test('receives the events it listens to, by class and by name', async () => {
    await using testbed = new Testbed()
    const channel = (await connectEcho(testbed, ann))[method]('orders')
    const [byClass, byName] = [listener(), listener()]
    channel.listen('OrderShipped', byClass.listen).listen('.order.shipped', byName.listen)
    await subscribed(channel)
    await testbed.sdk.trigger(name, shipped, { order: 1 })
    await testbed.sdk.trigger(name, 'order.shipped', { order: 2 })
    expect(await byClass.events.next()).toEqual({ order: 1 })
    expect(await byName.events.next()).toEqual({ order: 2 })
  })

  test('receives nothing for a listener that was stopped', async () => {
    await using testbed = new Testbed()
    const channel = (await connectEcho(testbed, ann))[method]('orders')
    const [stopped, other] = [listener(), listener()]
    channel.listen('OrderShipped', stopped.listen).listen('OrderShipped', other.listen)
    await subscribed(channel)
    channel.stopListening('OrderShipped', stopped.listen)
    await testbed.sdk.trigger(name, shipped, { order: 1 })
    expect(await other.events.next()).toEqual({ order: 1 })
    expect(stopped.events.rest()).toEqual([])
  })

  test('receives every event with listenToAll()', async () => {
    await using testbed = new Testbed()
    const channel = (await connectEcho(testbed, ann))[method]('orders')
    const { listen, events } = listener()
    channel.listenToAll((event: string, data: unknown) => listen([event, data]))
    await subscribed(channel)
    await testbed.sdk.trigger(name, shipped, { order: 1 })
    await testbed.sdk.trigger(name, 'order.shipped', { order: 2 })
    expect([await events.next(), await events.next()]).toEqual([
      ['OrderShipped', { order: 1 }],
      ['.order.shipped', { order: 2 }],
    ])
  })

  test('is unsubscribed with leave(), and may be subscribed again', async () => {
    await using testbed = new Testbed()
    const echo = await connectEcho(testbed, ann)
    await subscribed(echo[method]('orders'), echo.channel('other'))
    echo.leave('orders')
    await subscribed(echo.channel('third'))
    const { channels } = (await (await testbed.sdk.get({ path: '/channels' })).json()) as { channels: object }
    expect(Object.keys(channels).sort()).toEqual(['other', 'third'])
    await subscribed(echo[method]('orders'))
  })
})

describe.each(['private', 'join', 'encryptedPrivate'] as const)('Echo: the error() callback of %s() is called', method => {
  test('when the application does not sign', async () => {
    await using testbed = new Testbed()
    const channel = (await connectEcho(testbed))[method]('orders')
    await expect(subscribed(channel)).rejects.toMatchObject({ type: 'AuthError', status: 403 })
  })

  test('when the signature is wrong', async () => {
    await using testbed = new Testbed()
    testbed.backend.sdk = testbed.sdkWith({ secret: 'guessed' })
    const channel = (await connectEcho(testbed, ann))[method]('orders')
    await expect(subscribed(channel)).rejects.toMatchObject({ type: 'AuthError', status: 401 })
  })
})

test('Echo: join() calls here(), joining() and leaving() with the members', async () => {
  await using testbed = new Testbed()
  const [here, joining, leaving] = [listener(), listener(), listener()]
  const room = (await connectEcho(testbed, ann)).join('room')
  room.here(here.listen).joining(joining.listen).leaving(leaving.listen)
  expect(await here.events.next()).toEqual([ann.user_info])
  const guest = await connectEcho(testbed, bob)
  const guests = listener()
  guest.join('room').here(guests.listen)
  expect(await guests.events.next()).toEqual([ann.user_info, bob.user_info])
  expect(await joining.events.next()).toEqual(bob.user_info)
  guest.leave('room')
  expect(await leaving.events.next()).toEqual(bob.user_info)
})

test.each(['private', 'join'] as const)('Echo: whispers on %s() reach the other subscribers', async method => {
  await using testbed = new Testbed()
  const [mine, theirs] = [(await connectEcho(testbed, ann))[method]('room'), (await connectEcho(testbed, bob))[method]('room')]
  const [own, other, last] = [listener(), listener(), listener()]
  mine.listenForWhisper('typing', own.listen).listen('.last', last.listen)
  theirs.listenForWhisper('typing', other.listen)
  await subscribed(mine, theirs)
  mine.whisper('typing', { keys: 3 })
  expect(await other.events.next()).toEqual({ keys: 3 })
  await testbed.sdk.trigger(method === 'join' ? 'presence-room' : 'private-room', 'last', {})
  await last.events.next()
  expect(own.events.rest()).toEqual([])
})

test('Echo: notification() receives the notifications of a user', async () => {
  await using testbed = new Testbed()
  const channel = (await connectEcho(testbed, ann)).private('App.Models.User.1')
  const { listen, events } = listener()
  channel.notification(listen)
  await subscribed(channel)
  const notification = { id: '9e4b', type: String.raw`App\Notifications\InvoicePaid`, euro: 3 }
  await testbed.sdk.trigger('private-App.Models.User.1', notified, notification)
  expect(await events.next()).toEqual(notification)
})

test('Echo: a user signs in', async () => {
  await using testbed = new Testbed()
  const { pusher } = (await connectEcho(testbed, ann)).connector
  const user = await signedIn(pusher)
  await testbed.sdk.sendToUser('ann', shipped, { order: 1 })
  expect(await user.next()).toEqual([shipped, { order: 1 }])
})

test('Echo: requests of axios carry the id of the socket, and an event that excludes it reaches the other clients only', async () => {
  type Request = { headers: Record<string, string> }
  const interceptors: ((request: Request) => Request)[] = []
  const use = (interceptor: (request: Request) => Request) => interceptors.push(interceptor)
  const axios = Object.assign(() => undefined, { interceptors: { request: { use } } })
  Object.assign(globalThis, { axios })
  await using testbed = new Testbed()
  const echo = await connectEcho(testbed)
  Reflect.deleteProperty(globalThis, 'axios')
  const { headers } = interceptors[0]!({ headers: {} })
  const [own, other] = [listener(), listener()]
  const channels = [echo.channel('orders'), (await connectEcho(testbed)).channel('orders')] as const
  channels[0].listen('.first', own.listen).listen('.last', own.listen)
  channels[1].listen('.first', other.listen)
  await subscribed(...channels)
  await testbed.sdk.trigger('orders', 'first', { n: 1 }, { socket_id: headers['X-Socket-Id']! })
  await testbed.sdk.trigger('orders', 'last', { n: 2 })
  expect(await other.events.next()).toEqual({ n: 1 })
  expect(await own.events.next()).toEqual({ n: 2 })
})

test('Echo: changes of the connection are reported', async () => {
  await using testbed = new Testbed()
  const echo = await connectEcho(testbed)
  expect(echo.connectionStatus()).toBe('connected')
  expect(echo.socketId()).toMatch(/^\d+\.\d+$/)
  const { listen, events } = listener()
  echo.connector.onConnectionChange(listen)
  testbed.server.running.traffic.closeOldest(1)
  for (;;) if ((await events.next()) === 'connecting') break
  for (;;) if ((await events.next()) === 'connected') break
  echo.disconnect()
  for (;;) if ((await events.next()) === 'disconnected') break
  expect(echo.connectionStatus()).toBe('disconnected')
})

test('Echo: a client that flooded the server is subscribed to its channels again after a second, without any action of the page', async () => {
  await using testbed = new Testbed({}, { maxMessagesPerSecond: 20 })
  const echo = await connectEcho(testbed, ann)
  const channel = echo.private('orders')
  const { listen, events } = listener()
  channel.listen('OrderShipped', listen)
  await subscribed(channel)
  const again = new Promise(resolve => void channel.subscribed(resolve))
  for (let i = 0; i < 200; i++) channel.whisper('typing', { i })
  await again
  await testbed.sdk.trigger('private-orders', shipped, { order: 1 })
  expect(await events.next()).toEqual({ order: 1 })
  expect(testbed.server.refusals).toMatchObject([{ refusal: 'message-flood', count: 1 }])
})
