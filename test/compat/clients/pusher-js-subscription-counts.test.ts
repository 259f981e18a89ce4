/** pusher-js 8: `pusher:subscription_count`. */
import { describe, expect, test } from 'bun:test'
import type { Channel } from 'pusher-js'
import { subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'

const ann = { id: 'ann' }
const bob = { id: 'bob' }

describe('pusher-js: subscription counts', () => {
  test('are sent to every subscriber when they change', async () => {
    await using testbed = new Testbed({ subscriptionCounts: true })
    const [first, second] = [await testbed.connect(ann), await testbed.connect(bob)]
    const names = ['room', 'private-room', 'cache-room']
    const firsts = await Promise.all(names.map(name => subscribed(first, name)))
    const seconds = await Promise.all(names.map(name => subscribed(second, name)))
    for (const { events, channel } of firsts) {
      expect(await events.until('pusher:subscription_count')).toEqual({ subscription_count: 1 })
      expect(await events.until('pusher:subscription_count')).toEqual({ subscription_count: 2 })
      expect(countOf(channel)).toBe(2)
    }
    for (const { events } of seconds) expect(await events.until('pusher:subscription_count')).toEqual({ subscription_count: 2 })
    second.disconnect()
    for (const { events } of firsts) expect(await events.until('pusher:subscription_count')).toEqual({ subscription_count: 1 })
  })

  test('are not sent on presence channels', async () => {
    await using testbed = new Testbed({ subscriptionCounts: true })
    const { events } = await subscribed(await testbed.connect(ann), 'presence-room')
    await subscribed(await testbed.connect(bob), 'presence-room')
    await testbed.sdk.trigger('presence-room', 'last', {})
    expect([(await events.next())[0], (await events.next())[0]]).toEqual(['pusher:member_added', 'last'])
  })

  test('are not sent where the app has not enabled them', async () => {
    await using testbed = new Testbed()
    const { events } = await subscribed(await testbed.connect(), 'room')
    await subscribed(await testbed.connect(), 'room')
    await testbed.sdk.trigger('room', 'last', {})
    expect((await events.next())[0]).toBe('last')
  })
})

/** pusher-js declares it as always null. */
function countOf(channel: Channel): unknown {
  return channel.subscriptionCount
}
