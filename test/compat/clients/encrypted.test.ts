/** End-to-end encryption: both ends hold the key, the server between them sees ciphertext. */
import { describe, expect, test } from 'bun:test'
import PusherForNode from 'pusher-js'
import PusherForWorkers from 'pusher-js/worker/with-encryption'
import { EventQueue, refused, subscribed } from '../../support/clients/event-queue.ts'
import { masterKey, Testbed } from '../../support/clients/testbed.ts'
import { pusherPhp } from './support/php.ts'

const ann = { id: 'ann' }
const secret = { pin: 'Grüße 4711' }

/** Both builds encrypt; `pusher-js/with-encryption` is the one for pages, which echo-hooks.test.ts runs in a browser. */
const builds = [
  ['pusher-js', PusherForNode],
  ['pusher-js/worker/with-encryption', PusherForWorkers],
] as const

const publishers: Record<string, (testbed: Testbed, channel: string) => Promise<unknown>> = {
  'the SDK for Node.js': (testbed, channel) => testbed.sdk.trigger(channel, 'told', secret),
  'a batch of the SDK for Node.js': (testbed, channel) => testbed.sdk.triggerBatch([{ channel, name: 'told', data: secret }]),
  'the SDK for PHP': (testbed, channel) => pusherPhp(testbed, 'trigger', [channel, 'told', secret]),
  'a batch of the SDK for PHP': (testbed, channel) =>
    pusherPhp(testbed, 'triggerBatch', [[{ channel, name: 'told', data: secret }]]),
}

describe.each(Object.entries(publishers))('an encrypted event published by %s', (_, publish) => {
  test.each(builds)('is decrypted by %s', async (_, Client) => {
    await using testbed = new Testbed()
    const { events } = await subscribed(await testbed.connect(ann, { Client }), 'private-encrypted-room')
    await publish(testbed, 'private-encrypted-room')
    expect(await events.next()).toEqual(['told', secret])
  })

  test.each(builds)('is decrypted from the cache by %s', async (_, Client) => {
    await using testbed = new Testbed()
    const name = 'private-encrypted-cache-room'
    const { events: first } = await subscribed(await testbed.connect(ann, { Client }), name)
    expect((await first.next())[0]).toBe('pusher:cache_miss')
    await publish(testbed, name)
    expect(await first.next()).toEqual(['told', secret])
    const { events: second } = await subscribed(await testbed.connect(ann, { Client }), name)
    expect(await second.next()).toEqual(['told', secret])
  })

  test('passes the server as ciphertext alone', async () => {
    await using testbed = new Testbed()
    const { app } = testbed.server
    const name = 'private-encrypted-cache-room'
    const early = await testbed.server.connect()
    await early.subscribe(name, { app })
    expect(await early.next()).toEqual({ event: 'pusher:cache_miss', channel: name })
    await publish(testbed, name)
    const { event, data, ...more } = await early.next()
    expect({ event, ...more }).toEqual({ event: 'told', channel: name })
    expect(JSON.parse(data as string)).toEqual({ nonce: expect.any(String), ciphertext: expect.any(String) })
    const late = await testbed.server.connect()
    await late.subscribe(name, { app })
    expect(await late.next()).toEqual({ event, data, ...more })
  })
})

test('pusher-js: a client with a wrong key receives no event, and stays connected', async () => {
  await using testbed = new Testbed()
  testbed.backend.sdk = testbed.sdkWith({ encryptionMasterKeyBase64: Buffer.alloc(32, 'another').toString('base64') })
  const client = await testbed.connect(ann)
  const { events } = await subscribed(client, 'private-encrypted-room')
  const { events: other } = await subscribed(client, 'room')
  const connection = new EventQueue(client.connection)
  await testbed.sdk.trigger('private-encrypted-room', 'told', secret)
  expect(await connection.until('message')).toMatchObject({ event: 'told' })
  await testbed.sdk.trigger('room', 'seen', {})
  expect(await other.next()).toEqual(['seen', {}])
  expect(events.rest()).toEqual([])
  expect(client.connection.state).toBe('connected')
})

test('pusher-js: a client that fetches a new key decrypts what was encrypted with it', async () => {
  await using testbed = new Testbed()
  testbed.backend.sdk = testbed.sdkWith({ encryptionMasterKeyBase64: Buffer.alloc(32, 'the old').toString('base64') })
  const { events } = await subscribed(await testbed.connect(ann), 'private-encrypted-room')
  testbed.backend.sdk = testbed.sdk
  await testbed.sdk.trigger('private-encrypted-room', 'told', secret)
  expect(await events.next()).toEqual(['told', secret])
})

test('an encrypted channel refuses subscriptions without a signature or with a wrong one', async () => {
  await using testbed = new Testbed()
  expect(await refused(await testbed.connect(), 'private-encrypted-room')).toMatchObject({ status: 403 })
  testbed.backend.sdk = testbed.sdkWith({ secret: 'guessed', encryptionMasterKeyBase64: masterKey })
  expect(await refused(await testbed.connect(ann), 'private-encrypted-room')).toMatchObject({ type: 'AuthError', status: 401 })
})
