/** Laravel Echo 2 on pusher-js, with the broadcaster `reverb`. */
import { describe, expect, test } from 'bun:test'
import { connectEcho, listener, subscribed } from './support/echo.ts'
import { signedIn } from './support/heard.ts'
import { Site } from './support/site.ts'

const ann = { id: 'ann', user_info: { id: 1, name: 'Ann' } }
const bob = { id: 'bob', user_info: { id: 2, name: 'Bob' } }

const shipped = String.raw`App\Events\OrderShipped`
const notified = String.raw`Illuminate\Notifications\Events\BroadcastNotificationCreated`

describe.each([
  ['channel', 'orders'],
  ['private', 'private-orders'],
  ['join', 'presence-orders'],
  ['encryptedPrivate', 'private-encrypted-orders'],
] as const)('%s()', (method, name) => {
  test('hears the events it listens to, by class and by name', async () => {
    await using site = new Site()
    const channel = (await connectEcho(site, ann))[method]('orders')
    const [byClass, byName] = [listener(), listener()]
    channel.listen('OrderShipped', byClass.listen).listen('.order.shipped', byName.listen)
    await subscribed(channel)
    await site.sdk.trigger(name, shipped, { order: 1 })
    await site.sdk.trigger(name, 'order.shipped', { order: 2 })
    expect(await byClass.heard.next()).toEqual({ order: 1 })
    expect(await byName.heard.next()).toEqual({ order: 2 })
  })

  test('hears no more of what it has stopped listening to', async () => {
    await using site = new Site()
    const channel = (await connectEcho(site, ann))[method]('orders')
    const [stopped, other] = [listener(), listener()]
    channel.listen('OrderShipped', stopped.listen).listen('OrderShipped', other.listen)
    await subscribed(channel)
    channel.stopListening('OrderShipped', stopped.listen)
    await site.sdk.trigger(name, shipped, { order: 1 })
    expect(await other.heard.next()).toEqual({ order: 1 })
    expect(stopped.heard.rest()).toEqual([])
  })

  test('hears everything with listenToAll()', async () => {
    await using site = new Site()
    const channel = (await connectEcho(site, ann))[method]('orders')
    const { listen, heard } = listener()
    channel.listenToAll((event: string, data: unknown) => listen([event, data]))
    await subscribed(channel)
    await site.sdk.trigger(name, shipped, { order: 1 })
    await site.sdk.trigger(name, 'order.shipped', { order: 2 })
    expect([await heard.next(), await heard.next()]).toEqual([
      ['OrderShipped', { order: 1 }],
      ['.order.shipped', { order: 2 }],
    ])
  })

  test('is left with leave(), and taken up again', async () => {
    await using site = new Site()
    const echo = await connectEcho(site, ann)
    await subscribed(echo[method]('orders'), echo.channel('other'))
    echo.leave('orders')
    await subscribed(echo.channel('third'))
    const { channels } = (await (await site.sdk.get({ path: '/channels' })).json()) as { channels: object }
    expect(Object.keys(channels).sort()).toEqual(['other', 'third'])
    await subscribed(echo[method]('orders'))
  })
})

describe.each(['private', 'join', 'encryptedPrivate'] as const)('%s() tells error()', method => {
  test('when the application does not sign', async () => {
    await using site = new Site()
    const channel = (await connectEcho(site))[method]('orders')
    await expect(subscribed(channel)).rejects.toMatchObject({ type: 'AuthError', status: 403 })
  })

  test('when the server does not take the signature', async () => {
    await using site = new Site()
    site.backend.sdk = site.sdkWith({ secret: 'guessed' })
    const channel = (await connectEcho(site, ann))[method]('orders')
    await expect(subscribed(channel)).rejects.toMatchObject({ type: 'AuthError', status: 401 })
  })
})

test('join() tells who is here, who joins and who leaves', async () => {
  await using site = new Site()
  const [here, joining, leaving] = [listener(), listener(), listener()]
  const room = (await connectEcho(site, ann)).join('room')
  room.here(here.listen).joining(joining.listen).leaving(leaving.listen)
  expect(await here.heard.next()).toEqual([ann.user_info])
  const guest = await connectEcho(site, bob)
  const guests = listener()
  guest.join('room').here(guests.listen)
  expect(await guests.heard.next()).toEqual([ann.user_info, bob.user_info])
  expect(await joining.heard.next()).toEqual(bob.user_info)
  guest.leave('room')
  expect(await leaving.heard.next()).toEqual(bob.user_info)
})

test.each(['private', 'join'] as const)('%s(): whispers reach the others', async method => {
  await using site = new Site()
  const [mine, theirs] = [(await connectEcho(site, ann))[method]('room'), (await connectEcho(site, bob))[method]('room')]
  const [own, other, last] = [listener(), listener(), listener()]
  mine.listenForWhisper('typing', own.listen).listen('.last', last.listen)
  theirs.listenForWhisper('typing', other.listen)
  await subscribed(mine, theirs)
  mine.whisper('typing', { keys: 3 })
  expect(await other.heard.next()).toEqual({ keys: 3 })
  await site.sdk.trigger(method === 'join' ? 'presence-room' : 'private-room', 'last', {})
  await last.heard.next()
  expect(own.heard.rest()).toEqual([])
})

test('notifications of a user', async () => {
  await using site = new Site()
  const channel = (await connectEcho(site, ann)).private('App.Models.User.1')
  const { listen, heard } = listener()
  channel.notification(listen)
  await subscribed(channel)
  const notification = { id: '9e4b', type: String.raw`App\Notifications\InvoicePaid`, euro: 3 }
  await site.sdk.trigger('private-App.Models.User.1', notified, notification)
  expect(await heard.next()).toEqual(notification)
})

test('users sign in', async () => {
  await using site = new Site()
  const { pusher } = (await connectEcho(site, ann)).connector
  const user = await signedIn(pusher)
  await site.sdk.sendToUser('ann', shipped, { order: 1 })
  expect(await user.next()).toEqual([shipped, { order: 1 }])
})

test('requests say from which socket they come, and their event goes to the others only', async () => {
  type Request = { headers: Record<string, string> }
  const interceptors: ((request: Request) => Request)[] = []
  const use = (interceptor: (request: Request) => Request) => interceptors.push(interceptor)
  const axios = Object.assign(() => undefined, { interceptors: { request: { use } } })
  Object.assign(globalThis, { axios })
  await using site = new Site()
  const echo = await connectEcho(site)
  Reflect.deleteProperty(globalThis, 'axios')
  const { headers } = interceptors[0]!({ headers: {} })
  const [own, other] = [listener(), listener()]
  const channels = [echo.channel('orders'), (await connectEcho(site)).channel('orders')] as const
  channels[0].listen('.first', own.listen).listen('.last', own.listen)
  channels[1].listen('.first', other.listen)
  await subscribed(...channels)
  await site.sdk.trigger('orders', 'first', { n: 1 }, { socket_id: headers['X-Socket-Id']! })
  await site.sdk.trigger('orders', 'last', { n: 2 })
  expect(await other.heard.next()).toEqual({ n: 1 })
  expect(await own.heard.next()).toEqual({ n: 2 })
})

test('the connection is told of', async () => {
  await using site = new Site()
  const echo = await connectEcho(site)
  expect(echo.connectionStatus()).toBe('connected')
  expect(echo.socketId()).toMatch(/^\d+\.\d+$/)
  const { listen, heard } = listener()
  echo.connector.onConnectionChange(listen)
  site.server.running.traffic.closeOldest(1)
  for (;;) if ((await heard.next()) === 'connecting') break
  for (;;) if ((await heard.next()) === 'connected') break
  echo.disconnect()
  for (;;) if ((await heard.next()) === 'disconnected') break
  expect(echo.connectionStatus()).toBe('disconnected')
})

test('a client that has flooded the server is back on its channels after a second, without any action of the page', async () => {
  await using site = new Site({}, { maxMessagesPerSecond: 20 })
  const echo = await connectEcho(site, ann)
  const channel = echo.private('orders')
  const { listen, heard } = listener()
  channel.listen('OrderShipped', listen)
  await subscribed(channel)
  const again = new Promise(resolve => void channel.subscribed(resolve))
  for (let i = 0; i < 200; i++) channel.whisper('typing', { i })
  await again
  await site.sdk.trigger('private-orders', shipped, { order: 1 })
  expect(await heard.next()).toEqual({ order: 1 })
  expect(site.server.refusals).toMatchObject([{ refusal: 'message-flood', count: 1 }])
})
