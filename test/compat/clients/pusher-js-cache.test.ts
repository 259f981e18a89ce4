/** pusher-js 8: cache channels. */
import { describe, expect, test } from 'bun:test'
import { joined } from './support/heard.ts'
import { Site } from './support/site.ts'

const ann = { id: 'ann' }
const bob = { id: 'bob' }

describe.each(['cache-price', 'private-cache-price', 'presence-cache-price'])('%s', name => {
  test('who comes first is told that there is nothing yet', async () => {
    await using site = new Site()
    const { heard } = await joined(await site.connect(ann), name)
    expect((await heard.next())[0]).toBe('pusher:cache_miss')
  })

  test('who comes later gets the last event, right after the subscription', async () => {
    await using site = new Site()
    const { heard: first } = await joined(await site.connect(ann), name)
    await site.sdk.trigger(name, 'changed', { euro: 1 })
    await site.sdk.trigger(name, 'changed', { euro: 2 })
    const { heard: second } = await joined(await site.connect(bob), name)
    expect(await second.next()).toEqual(['changed', { euro: 2 }])
    await first.until('pusher:cache_miss')
    expect(await first.next()).toEqual(['changed', { euro: 1 }])
    expect(await first.next()).toEqual(['changed', { euro: 2 }])
  })

  test('an event that was published with nobody there is kept', async () => {
    await using site = new Site()
    await site.sdk.trigger(name, 'changed', { euro: 3 })
    const client = await site.connect(ann)
    expect(await (await joined(client, name)).heard.next()).toEqual(['changed', { euro: 3 }])
    client.unsubscribe(name)
    expect(await (await joined(client, name)).heard.next()).toEqual(['changed', { euro: 3 }])
  })

  test('events of a batch are kept too', async () => {
    await using site = new Site()
    await site.sdk.triggerBatch([
      { channel: name, name: 'changed', data: { euro: 4 } },
      { channel: name, name: 'changed', data: { euro: 5 } },
    ])
    expect(await (await joined(await site.connect(ann), name)).heard.next()).toEqual(['changed', { euro: 5 }])
  })

  test('only what the application publishes under a name of its own is kept', async () => {
    await using site = new Site()
    const { channel, heard: own } = await joined(await site.connect(ann), name)
    const { heard: other } = await joined(await site.connect(bob), name)
    await other.until('pusher:cache_miss')
    await site.sdk.trigger(name, 'changed', { euro: 6 })
    await other.until('changed')
    channel.trigger('client-changed', { euro: 7 })
    await other.until('client-changed')
    for (const event of ['client-published', 'pusher:published', 'pusher_internal:published']) {
      await site.sdk.trigger(name, event, { euro: 8 })
    }
    await own.until('pusher:published')
    const { heard } = await joined(await site.connect({ id: 'eve' }), name)
    expect(await heard.next()).toEqual(['changed', { euro: 6 }])
  })
})

test('the application may ask for what is kept, also when nobody is there', async () => {
  await using site = new Site()
  await site.sdk.trigger('cache-price', 'changed', { euro: 9 })
  const answer = await site.sdk.get({ path: '/channels/cache-price', params: { info: 'cache' } })
  const cache = { event: 'changed', channel: 'cache-price', data: '{"euro":9}' }
  expect(await answer.json()).toEqual({ occupied: false, cache })
})

test('an app keeps the events of so many channels, and drops the oldest', async () => {
  await using site = new Site({ cache: { ttlSeconds: 1800, maxChannels: 2, maxBytes: 1_000_000 } })
  for (const name of ['cache-a', 'cache-b', 'cache-c']) await site.sdk.trigger(name, 'changed', {})
  const client = await site.connect()
  expect((await (await joined(client, 'cache-a')).heard.next())[0]).toBe('pusher:cache_miss')
  expect((await (await joined(client, 'cache-b')).heard.next())[0]).toBe('changed')
  expect((await (await joined(client, 'cache-c')).heard.next())[0]).toBe('changed')
})
