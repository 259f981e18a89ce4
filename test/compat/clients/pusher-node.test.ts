/** Pusher's SDK for Node.js. That it signs what clients need is what every other file here relies on. */
import { describe, expect, test } from 'bun:test'
import PusherServer from 'pusher'
import { reached, signedIn, subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'
import { hmac } from '../../support/sign.ts'

const ann = { id: 'ann' }

test('pusher for Node.js: trigger publishes to every channel it names, and returns the requested info', async () => {
  await using testbed = new Testbed()
  const client = await testbed.connect(ann)
  const { events: red } = await subscribed(client, 'red')
  const { events: blue } = await subscribed(client, 'private-blue')
  const answer = await testbed.sdk.trigger(
    ['red', 'private-blue', 'empty'],
    'painted',
    { coats: 2 },
    { info: 'subscription_count' },
  )
  expect(await answer.json()).toEqual({
    channels: { red: { subscription_count: 1 }, 'private-blue': { subscription_count: 1 }, empty: { subscription_count: 0 } },
  })
  expect(await red.next()).toEqual(['painted', { coats: 2 }])
  expect(await blue.next()).toEqual(['painted', { coats: 2 }])
})

test('pusher for Node.js: a batch is delivered in order', async () => {
  await using testbed = new Testbed()
  const { events } = await subscribed(await testbed.connect(), 'red')
  const batch = [1, 2, 3].map(n => ({ channel: 'red', name: 'counted', data: { n } }))
  expect(await (await testbed.sdk.triggerBatch(batch)).json()).toEqual({})
  for (const n of [1, 2, 3]) expect(await events.next()).toEqual(['counted', { n }])
})

test('pusher for Node.js: post and get reach every route of the API', async () => {
  await using testbed = new Testbed()
  const { events } = await subscribed(await testbed.connect(), 'red')
  const body = { name: 'painted', channel: 'red', data: '{}' } as unknown as string
  expect((await testbed.sdk.post({ path: '/events', body })).status).toBe(200)
  expect(await events.next()).toEqual(['painted', {}])
  const params = { filter_by_prefix: 'r', info: 'subscription_count' }
  const answer = await testbed.sdk.get({ path: '/channels', params })
  expect(await answer.json()).toEqual({ channels: { red: { subscription_count: 1 } } })
  expect(await (await testbed.sdk.get({ path: '/connections' })).json()).toEqual({ connections: 1 })
})

test('pusher for Node.js: a query string that it signed is accepted from any HTTP client', async () => {
  await using testbed = new Testbed()
  const path = `/apps/${testbed.server.app.id}/channels`
  const query = testbed.sdk.createSignedQueryString({ method: 'GET', path, params: { filter_by_prefix: 'a' } })
  expect((await fetch(`http://127.0.0.1:${testbed.server.port}${path}?${query}`)).status).toBe(200)
})

test('pusher for Node.js: forURL configures it', async () => {
  await using testbed = new Testbed()
  const { key, secret, id } = testbed.server.app
  const { events } = await subscribed(await testbed.connect(), 'red')
  await PusherServer.forURL(`http://${key}:${secret}@127.0.0.1:${testbed.server.port}/apps/${id}`).trigger('red', 'painted', {})
  expect(await events.next()).toEqual(['painted', {}])
})

test('pusher for Node.js: sendToUser and terminateUserConnections reach the user', async () => {
  await using testbed = new Testbed()
  const [ann1, bob] = [await testbed.connect(ann), await testbed.connect({ id: 'bob' })]
  const [anns, bobs] = [await signedIn(ann1), await signedIn(bob)]
  await testbed.sdk.sendToUser('ann', 'paid', { euro: 3 })
  expect(await anns.next()).toEqual(['paid', { euro: 3 }])
  await testbed.sdk.terminateUserConnections('ann')
  await reached(ann1, 'disconnected')
  await testbed.sdk.sendToUser('bob', 'asked', {})
  expect(await bobs.next()).toEqual(['asked', {}])
})

test('pusher for Node.js: webhook verifies the signature', async () => {
  await using testbed = new Testbed()
  const { key, secret } = testbed.server.app
  const rawBody = JSON.stringify({ time_ms: 1, events: [{ name: 'channel_occupied', channel: 'red' }] })
  const signed = (signature: string) => {
    const headers = { 'content-type': 'application/json', 'x-pusher-key': key, 'x-pusher-signature': signature }
    return testbed.sdk.webhook({ headers, rawBody })
  }
  expect(signed(hmac(secret, rawBody)).isValid()).toBe(true)
  expect(signed(hmac('guessed', rawBody)).isValid()).toBe(false)
})

describe('pusher for Node.js: the error of the server names', () => {
  const dataLimit = { limits: { eventDataBytes: 100 } }
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ channel: `c${i}`, name: 'n', data: {} }))

  test.each<[string, ConstructorParameters<typeof Testbed>[0], (testbed: Testbed) => Promise<unknown>, number, string]>([
    ['a wrong secret', {}, testbed => testbed.sdkWith({ secret: 'guessed' }).trigger('red', 'e', {}), 401, 'signature'],
    ['a wrong key', {}, testbed => testbed.sdkWith({ key: 'guessed' }).trigger('red', 'e', {}), 401, 'auth_key'],
    ['an unknown app', {}, testbed => testbed.sdkWith({ appId: '9' }).trigger('red', 'e', {}), 404, 'No matching application'],
    ['a disabled app', { enabled: false }, testbed => testbed.sdk.trigger('red', 'e', {}), 403, 'disabled'],
    ['a body that is too large', {}, testbed => testbed.sdk.trigger('red', 'e', 'x'.repeat(10_000)), 413, 'max_request_size'],
    ['data that is too large', dataLimit, testbed => testbed.sdk.trigger('red', 'e', 'x'.repeat(101)), 413, 'event_data_bytes'],
    ['no data', {}, testbed => testbed.sdk.trigger('red', 'e', ''), 422, 'data'],
    ['no name', {}, testbed => testbed.sdk.trigger('red', '', {}), 422, 'name'],
    ['a long name', { limits: { eventNameLength: 3 } }, testbed => testbed.sdk.trigger('red', 'long', {}), 422, 'name'],
    [
      'a long channel name',
      { limits: { channelNameLength: 3 } },
      testbed => testbed.sdk.triggerBatch([{ channel: 'long', name: 'e', data: {} }]),
      422,
      'channel',
    ],
    [
      'too many channels',
      { limits: { channelsPerEvent: 2 } },
      testbed => testbed.sdk.trigger(['a', 'b', 'c'], 'e', {}),
      400,
      'Too many channels (3 > 2',
    ],
    [
      'too large a batch',
      { limits: { eventsPerBatch: 10 } },
      testbed => testbed.sdk.triggerBatch(many(11)),
      400,
      'Batch too large (11 > 10',
    ],
    ['members of a public channel', {}, testbed => testbed.sdk.get({ path: '/channels/red/users' }), 400, ''],
  ])('%s', async (_, app, act, status, text) => {
    await using testbed = new Testbed(app)
    const error = await act(testbed).then(
      () => undefined,
      (error: PusherServer.RequestError) => error,
    )
    expect(error).toBeInstanceOf(PusherServer.RequestError)
    expect(error?.status).toBe(status)
    expect(error?.body).toContain(text)
  })

  test('too many requests', async () => {
    await using testbed = new Testbed({ requestRate: { maxAttempts: 2, decaySeconds: 60 } })
    for (let sent = 0; sent < 2; sent++) await testbed.sdk.trigger('red', 'e', {})
    await expect(testbed.sdk.trigger('red', 'e', {})).rejects.toMatchObject({ status: 429 })
  })
})
