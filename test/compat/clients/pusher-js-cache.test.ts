/** pusher-js 8: cache channels. */
import { describe, expect, test } from 'bun:test'
import { subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'

const ann = { id: 'ann' }
const bob = { id: 'bob' }

describe.each(['cache-price', 'private-cache-price', 'presence-cache-price'])('pusher-js: cache channel %s', name => {
  test('sends cache_miss to a subscriber while there is no event', async () => {
    await using testbed = new Testbed()
    const { events } = await subscribed(await testbed.connect(ann), name)
    expect((await events.next())[0]).toBe('pusher:cache_miss')
  })

  test('sends the last event to a later subscriber, right after the subscription', async () => {
    await using testbed = new Testbed()
    const { events: first } = await subscribed(await testbed.connect(ann), name)
    await testbed.sdk.trigger(name, 'changed', { euro: 1 })
    await testbed.sdk.trigger(name, 'changed', { euro: 2 })
    const { events: second } = await subscribed(await testbed.connect(bob), name)
    expect(await second.next()).toEqual(['changed', { euro: 2 }])
    await first.until('pusher:cache_miss')
    expect(await first.next()).toEqual(['changed', { euro: 1 }])
    expect(await first.next()).toEqual(['changed', { euro: 2 }])
  })

  test('keeps an event that was published without subscribers', async () => {
    await using testbed = new Testbed()
    await testbed.sdk.trigger(name, 'changed', { euro: 3 })
    const client = await testbed.connect(ann)
    expect(await (await subscribed(client, name)).events.next()).toEqual(['changed', { euro: 3 }])
    client.unsubscribe(name)
    expect(await (await subscribed(client, name)).events.next()).toEqual(['changed', { euro: 3 }])
  })

  test('keeps events of a batch', async () => {
    await using testbed = new Testbed()
    await testbed.sdk.triggerBatch([
      { channel: name, name: 'changed', data: { euro: 4 } },
      { channel: name, name: 'changed', data: { euro: 5 } },
    ])
    expect(await (await subscribed(await testbed.connect(ann), name)).events.next()).toEqual(['changed', { euro: 5 }])
  })

  test('keeps neither client events nor events with a reserved name', async () => {
    await using testbed = new Testbed()
    const { channel, events: own } = await subscribed(await testbed.connect(ann), name)
    const { events: other } = await subscribed(await testbed.connect(bob), name)
    await other.until('pusher:cache_miss')
    await testbed.sdk.trigger(name, 'changed', { euro: 6 })
    await other.until('changed')
    channel.trigger('client-changed', { euro: 7 })
    await other.until('client-changed')
    for (const event of ['client-published', 'pusher:published', 'pusher_internal:published']) {
      await testbed.sdk.trigger(name, event, { euro: 8 })
    }
    await own.until('pusher:published')
    const { events } = await subscribed(await testbed.connect({ id: 'eve' }), name)
    expect(await events.next()).toEqual(['changed', { euro: 6 }])
  })
})

test('pusher-js: the HTTP API answers with the cached event, also without subscribers', async () => {
  await using testbed = new Testbed()
  await testbed.sdk.trigger('cache-price', 'changed', { euro: 9 })
  const answer = await testbed.sdk.get({ path: '/channels/cache-price', params: { info: 'cache' } })
  const cache = { event: 'changed', channel: 'cache-price', data: '{"euro":9}' }
  expect(await answer.json()).toEqual({ occupied: false, cache })
})

test('pusher-js: an app keeps the events of max_channels channels, and drops the oldest', async () => {
  await using testbed = new Testbed({ cache: { ttlSeconds: 1800, maxChannels: 2, maxBytes: 1_000_000 } })
  for (const name of ['cache-a', 'cache-b', 'cache-c']) await testbed.sdk.trigger(name, 'changed', {})
  const client = await testbed.connect()
  expect((await (await subscribed(client, 'cache-a')).events.next())[0]).toBe('pusher:cache_miss')
  expect((await (await subscribed(client, 'cache-b')).events.next())[0]).toBe('changed')
  expect((await (await subscribed(client, 'cache-c')).events.next())[0]).toBe('changed')
})
