/** End-to-end encryption: both ends hold the key, the server between them sees ciphertext. */
import { describe, expect, test } from 'bun:test'
import PusherForNode from 'pusher-js'
import PusherForWorkers from 'pusher-js/worker/with-encryption'
import { Heard, joined, refused } from './support/heard.ts'
import { pusherPhp } from './support/php.ts'
import { masterKey, Site } from './support/site.ts'

const ann = { id: 'ann' }
const secret = { pin: 'Grüße 4711' }

/** Both builds encrypt; `pusher-js/with-encryption` is the one for pages, which echo-hooks.test.ts runs in a browser. */
const builds = [
  ['pusher-js', PusherForNode],
  ['pusher-js/worker/with-encryption', PusherForWorkers],
] as const

const publishers: Record<string, (site: Site, channel: string) => Promise<unknown>> = {
  'the SDK for Node.js': (site, channel) => site.sdk.trigger(channel, 'told', secret),
  'a batch of the SDK for Node.js': (site, channel) => site.sdk.triggerBatch([{ channel, name: 'told', data: secret }]),
  'the SDK for PHP': (site, channel) => pusherPhp(site, 'trigger', [channel, 'told', secret]),
  'a batch of the SDK for PHP': (site, channel) => pusherPhp(site, 'triggerBatch', [[{ channel, name: 'told', data: secret }]]),
}

describe.each(Object.entries(publishers))('published by %s', (_, publish) => {
  test.each(builds)('%s reads it', async (_, Client) => {
    await using site = new Site()
    const { heard } = await joined(await site.connect(ann, { Client }), 'private-encrypted-room')
    await publish(site, 'private-encrypted-room')
    expect(await heard.next()).toEqual(['told', secret])
  })

  test.each(builds)('%s reads it from the cache', async (_, Client) => {
    await using site = new Site()
    const name = 'private-encrypted-cache-room'
    const { heard: first } = await joined(await site.connect(ann, { Client }), name)
    expect((await first.next())[0]).toBe('pusher:cache_miss')
    await publish(site, name)
    expect(await first.next()).toEqual(['told', secret])
    const { heard: second } = await joined(await site.connect(ann, { Client }), name)
    expect(await second.next()).toEqual(['told', secret])
  })

  test('the server has ciphertext alone', async () => {
    await using site = new Site()
    const { app } = site.server
    const name = 'private-encrypted-cache-room'
    const early = await site.server.connect()
    await early.subscribe(name, { app })
    expect(await early.next()).toEqual({ event: 'pusher:cache_miss', channel: name })
    await publish(site, name)
    const { event, data, ...more } = await early.next()
    expect({ event, ...more }).toEqual({ event: 'told', channel: name })
    expect(JSON.parse(data as string)).toEqual({ nonce: expect.any(String), ciphertext: expect.any(String) })
    const late = await site.server.connect()
    await late.subscribe(name, { app })
    expect(await late.next()).toEqual({ event, data, ...more })
  })
})

test('a client with a wrong key hears nothing of it, and stays', async () => {
  await using site = new Site()
  site.backend.sdk = site.sdkWith({ encryptionMasterKeyBase64: Buffer.alloc(32, 'another').toString('base64') })
  const client = await site.connect(ann)
  const { heard } = await joined(client, 'private-encrypted-room')
  const { heard: other } = await joined(client, 'room')
  const connection = new Heard(client.connection)
  await site.sdk.trigger('private-encrypted-room', 'told', secret)
  expect(await connection.until('message')).toMatchObject({ event: 'told' })
  await site.sdk.trigger('room', 'seen', {})
  expect(await other.next()).toEqual(['seen', {}])
  expect(heard.rest()).toEqual([])
  expect(client.connection.state).toBe('connected')
})

test('a client whose key is new again reads what was encrypted with it', async () => {
  await using site = new Site()
  site.backend.sdk = site.sdkWith({ encryptionMasterKeyBase64: Buffer.alloc(32, 'the old').toString('base64') })
  const { heard } = await joined(await site.connect(ann), 'private-encrypted-room')
  site.backend.sdk = site.sdk
  await site.sdk.trigger('private-encrypted-room', 'told', secret)
  expect(await heard.next()).toEqual(['told', secret])
})

test('nobody gets in without a signature, or with a wrong one', async () => {
  await using site = new Site()
  expect(await refused(await site.connect(), 'private-encrypted-room')).toMatchObject({ status: 403 })
  site.backend.sdk = site.sdkWith({ secret: 'guessed', encryptionMasterKeyBase64: masterKey })
  expect(await refused(await site.connect(ann), 'private-encrypted-room')).toMatchObject({ type: 'AuthError', status: 401 })
})
