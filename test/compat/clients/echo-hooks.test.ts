/** Echo's hooks for React and Vue, in a real browser. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../../support/browser.ts'
import { Testbed } from '../../support/clients/testbed.ts'
import { bundle, type Framework, HookPage } from './support/hook-page.ts'

setDefaultTimeout(180_000)

const ann = { id: 'ann', user_info: { name: 'Ann' } }

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

describe.each<Framework>(['react', 'vue'])('Echo hooks for %s', framework => {
  let testbed: Testbed
  let page: HookPage

  beforeAll(async () => {
    testbed = new Testbed()
    page = await HookPage.open(browser, testbed, await bundle(framework), ann)
  })
  beforeEach(() => void testbed.received.splice(0))
  afterEach(() => page.empty())
  afterAll(async () => {
    await page?.close()
    await testbed[Symbol.asyncDispose]()
  })

  test.each([
    ['useEcho', 'private-orders', String.raw`App\Events\OrderShipped`],
    ['useEchoMany', 'private-orders', 'order.paid'],
    ['useEchoPublic', 'news', String.raw`App\Events\NewsBroke`],
    ['useEchoPresence', 'presence-room', String.raw`App\Events\RoomPainted`],
    ['useEchoModel', 'private-App.Models.Order.7', 'OrderUpdated'],
  ])('%s receives events while its component is mounted, with one subscription', async (hook, channel, event) => {
    await page.show({ a: hook })
    await page.subscribedTo(channel)
    await testbed.sdk.trigger(channel, event, { n: 1 })
    expect(await page.events.next()).toEqual(['a', { n: 1 }])
    await page.empty()
    expect(page.asked(channel)).toEqual(['pusher:subscribe', 'pusher:unsubscribe'])
  })

  test('useEchoNotification receives the notifications of its type', async () => {
    const channel = 'private-App.Models.User.1'
    const created = String.raw`Illuminate\Notifications\Events\BroadcastNotificationCreated`
    await page.show({ a: 'useEchoNotification' })
    await page.subscribedTo(channel)
    const notification = { id: '9e4b', type: String.raw`App\Notifications\InvoicePaid` }
    await testbed.sdk.trigger(channel, created, { ...notification, type: 'another' })
    await testbed.sdk.trigger(channel, created, notification)
    expect(await page.events.next()).toEqual(['a', notification])
  })

  test.each([
    ['useChannel', 'private-orders'],
    ['usePublicChannel', 'news'],
    ['usePresenceChannel', 'presence-room'],
  ])('%s is subscribed while its component is mounted', async (hook, channel) => {
    await page.show({ a: hook })
    await page.subscribedTo(channel)
  })

  test('two components share a subscription until the last one is unmounted', async () => {
    const event = String.raw`App\Events\OrderShipped`
    await page.show({ a: 'useEcho', b: 'useEcho', c: 'useEchoPublic' })
    await page.subscribedTo('private-orders', 'news')
    await testbed.sdk.trigger('private-orders', event, { n: 1 })
    expect([await page.events.next(), await page.events.next()].sort()).toEqual([
      ['a', { n: 1 }],
      ['b', { n: 1 }],
    ])
    await page.show({ b: 'useEcho' })
    await page.subscribedTo('private-orders')
    await testbed.sdk.trigger('private-orders', event, { n: 2 })
    expect(await page.events.next()).toEqual(['b', { n: 2 }])
    await page.empty()
    expect(page.asked('private-orders')).toEqual(['pusher:subscribe', 'pusher:unsubscribe'])
  })

  test('a component that is mounted again is subscribed again', async () => {
    await page.show({ a: 'useEcho' })
    await page.subscribedTo('private-orders')
    await page.empty()
    await page.show({ b: 'useEcho' })
    await page.subscribedTo('private-orders')
    await testbed.sdk.trigger('private-orders', String.raw`App\Events\OrderShipped`, { n: 1 })
    expect(await page.events.next()).toEqual(['b', { n: 1 }])
  })

  test('a component may stop listening, listen again, and leave the channel', async () => {
    await page.show({ a: 'useEcho', b: 'useEcho' })
    await page.subscribedTo('private-orders')
    await page.control('a', 'stopListening')
    await testbed.sdk.trigger('private-orders', String.raw`App\Events\OrderShipped`, { n: 1 })
    expect(await page.events.next()).toEqual(['b', { n: 1 }])
    await page.control('a', 'listen')
    await page.control('b', 'leaveChannel')
    await testbed.sdk.trigger('private-orders', String.raw`App\Events\OrderShipped`, { n: 2 })
    expect(await page.events.next()).toEqual(['a', { n: 2 }])
    await page.control('a', 'leave')
    await page.subscribedTo()
  })

  test('a page that is disconnected reconnects, and useConnectionStatus reports it', async () => {
    await page.show({ status: 'useConnectionStatus', orders: 'useEcho' })
    await page.subscribedTo('private-orders')
    await page.waitFor('status', 'connected')
    testbed.server.running.traffic.closeOldest(1)
    await page.waitFor('status', 'connecting')
    await page.waitFor('status', 'connected')
    await page.subscribedTo('private-orders')
    await testbed.sdk.trigger('private-orders', String.raw`App\Events\OrderShipped`, { n: 1 })
    await page.waitFor('orders', { n: 1 })
  })

  test('useSocketId returns the id of the connection, which an event may exclude', async () => {
    await page.show({ id: 'useSocketId', orders: 'useEcho' })
    await page.subscribedTo('private-orders')
    const [socket_id] = testbed.server.running.parts.hub.state.sockets.keys()
    await page.waitFor('id', socket_id)
    await testbed.sdk.trigger('private-orders', String.raw`App\Events\OrderShipped`, { n: 1 }, { socket_id: socket_id! })
    await testbed.sdk.trigger('private-orders', String.raw`App\Events\OrderShipped`, { n: 2 })
    expect(await page.next('orders')).toEqual({ n: 2 })
  })

  test('useEcho decrypts with the encryption build of pusher-js', async () => {
    await page.listenEncrypted('vault', 'SecretTold')
    await page.subscribedTo('private-encrypted-vault')
    await testbed.sdk.trigger('private-encrypted-vault', String.raw`App\Events\SecretTold`, { pin: 4711 })
    expect(await page.events.next()).toEqual(['vault', { pin: 4711 }])
    await page.leave('vault')
  })
})
