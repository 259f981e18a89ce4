/** The bound on the state of one connection. */
import { describe, expect, test } from 'bun:test'
import { maxStateBytes, recordBytes } from '../../src/core/connection-state.ts'
import type { Effect } from '../../src/core/effect.ts'
import { maxAllowanceBytes } from '../../src/core/resubscriptions.ts'
import { testApp } from '../support/apps.ts'
import { type AnsweringHub, hubWith, put, signedSubscribing, signingIn, subscribing, unsubscribing } from '../support/core.ts'

const app = testApp({ maxMessageBytes: Number.POSITIVE_INFINITY })
const framesTo = (effects: readonly Effect[]) =>
  effects.flatMap(effect => (effect.type === 'send' ? [JSON.parse(effect.frame)] : []))
const eventsTo = (effects: readonly Effect[]) => framesTo(effects).map(({ event }) => event)
const kept = (hub: AnsweringHub, socketId = 's1') => hub.state.sockets.get(socketId)!.stateBytes
const named = (index: number, bytes: number) => `c${index}-`.padEnd(bytes, 'x')
const refusal = ['pusher:error', 'pusher:subscription_error']
const success = ['pusher_internal:subscription_succeeded']

/** Subscribes until the first refusal. Returns the number of channels. */
function fill(hub: AnsweringHub, bytes: number): number {
  for (let count = 0; ; count++) {
    const effects = hub.message('s1', subscribing({ channel: named(count, bytes) }), 1)
    if (eventsTo(effects)[0] !== success[0]) return count
  }
}

describe('channel names of one connection', () => {
  test.each([
    [190, Math.floor(maxStateBytes / (190 + recordBytes))],
    [20, Math.floor(maxStateBytes / (20 + recordBytes))],
  ])('of %d bytes each are %d at most', (bytes, count) => {
    const hub = hubWith(app, 's1')
    expect(fill(hub, bytes)).toBe(count)
    expect(kept(hub)).toBe(count * (bytes + recordBytes))
    expect(hub.state.channels.get('1001')!.size).toBe(count)
  })

  test('of 240 bytes fit as many as a client can send at once', () => {
    const hub = hubWith(app, 's1')
    for (let i = 0; i < 6000; i++) {
      expect(eventsTo(hub.message('s1', subscribing({ channel: named(i, 240) }), 1))).toEqual(success)
    }
  })

  test('beyond the bound are refused with a reason, for this channel alone', () => {
    const hub = hubWith(app, 's1')
    const count = fill(hub, 190)
    const message = 'A connection can have 2 MiB of channel names and member data at most.'
    const channel = named(count, 190)
    expect(framesTo(hub.message('s1', subscribing({ channel }), 1))).toEqual([
      { event: 'pusher:error', data: JSON.stringify({ code: 4301, message }) },
      { event: 'pusher:subscription_error', data: { type: 'LimitReached', error: message, status: 403 }, channel },
    ])
    expect(hub.state.channels.get('1001')!.has(channel)).toBe(false)
    expect(eventsTo(hub.message('s1', subscribing({ channel: named(0, 190) }), 1))).toEqual(success)
  })

  test('count no longer once the client has unsubscribed', () => {
    const hub = hubWith(app, 's1')
    const count = fill(hub, 190)
    hub.message('s1', unsubscribing(named(0, 190)), 1)
    expect(eventsTo(hub.message('s1', subscribing({ channel: named(count, 190) }), 1))).toEqual(success)
    for (let i = 1; i <= count; i++) hub.message('s1', unsubscribing(named(i, 190)), 1)
    expect(kept(hub)).toBe(0)
  })

  test('are counted in UTF-8', () => {
    const hub = hubWith(app, 's1')
    put(hub, app, 's1', '東京')
    expect(kept(hub)).toBe(recordBytes + 6)
  })

  test('count for their own connection alone', () => {
    const hub = hubWith(app, 's1', 's2')
    fill(hub, 190)
    expect(eventsTo(hub.message('s2', subscribing({ channel: named(0, 190) }), 1))).toEqual(success)
    expect(kept(hub, 's2')).toBe(190 + recordBytes)
  })
})

describe('the data of presence members', () => {
  const joining = (channel: string, info: number, socketId = 's1') =>
    signedSubscribing(app, socketId, channel, JSON.stringify({ user_id: 'u', user_info: 'x'.repeat(info) }))
  const bytes = (channel: string, info: number) => recordBytes + channel.length + '"u"'.length + 2 + info

  test('counts, is replaced by a later subscription, and counts no longer after the unsubscription', () => {
    const hub = hubWith(app, 's1')
    hub.message('s1', joining('presence-a', 1000), 1)
    expect(kept(hub)).toBe(bytes('presence-a', 1000))
    hub.message('s1', joining('presence-a', 10), 1)
    expect(kept(hub)).toBe(bytes('presence-a', 10))
    hub.message('s1', unsubscribing('presence-a'), 1)
    expect(kept(hub)).toBe(0)
  })

  test('counts for the connection that has sent it, where a user has several', () => {
    const hub = hubWith(app, 's1', 's2')
    hub.message('s1', joining('presence-a', 10), 1)
    hub.message('s2', joining('presence-a', 1000, 's2'), 1)
    expect([kept(hub), kept(hub, 's2')]).toEqual([bytes('presence-a', 10), bytes('presence-a', 1000)])
    hub.message('s1', unsubscribing('presence-a'), 1)
    hub.message('s2', unsubscribing('presence-a'), 1)
    expect([kept(hub), kept(hub, 's2')]).toEqual([0, 0])
  })

  test('is refused beyond the bound, and can be replaced by data that is no larger', () => {
    const hub = hubWith(app, 's1')
    expect(eventsTo(hub.message('s1', joining('presence-a', 1024 * 1024), 1))).toEqual(success)
    expect(eventsTo(hub.message('s1', joining('presence-b', 1024 * 1024), 1))).toEqual(refusal)
    expect(eventsTo(hub.message('s1', joining('presence-a', 2 * 1024 * 1024), 1))).toEqual(refusal)
    expect(eventsTo(hub.message('s1', joining('presence-a', 1024 * 1024), 1))).toEqual(success)
    expect(kept(hub)).toBe(bytes('presence-a', 1024 * 1024))
  })

  test('of subscriptions that wait counts once each, until they no longer wait', () => {
    const hub = hubWith(app, 's1')
    const { resubscriptions } = hub.state
    for (const channel of ['presence-a', 'presence-b']) hub.message('s1', joining(channel, 10), 1)
    hub.message('s1', joining('presence-a', 10), 1)
    resubscriptions.charge('s1', maxAllowanceBytes)
    for (const info of [500_000, 1_000_000]) hub.message('s1', joining('presence-a', info), 1)
    expect(resubscriptions.waitingBytesOf('s1')).toBe(bytes('presence-a', 1_000_000))
    hub.message('s1', joining('presence-b', 1_000_000), 1)
    expect(eventsTo(hub.message('s1', joining('presence-c', 200_000), 1))).toEqual(refusal)
    for (const channel of ['presence-b', 'presence-b']) hub.message('s1', unsubscribing(channel), 1)
    expect(resubscriptions.waitingBytesOf('s1')).toBe(bytes('presence-a', 1_000_000))
    expect(eventsTo(hub.message('s1', joining('presence-c', 200_000), 1))).toEqual(success)
    hub.message('s1', unsubscribing('presence-a'), 1)
    expect(resubscriptions.waitingBytesOf('s1')).toBe(0)
    expect(kept(hub)).toBe(bytes('presence-c', 200_000))
  })

  test('of a subscription that waits is replaced by the next for the same channel, and not counted twice', () => {
    const hub = hubWith(app, 's1')
    const { resubscriptions } = hub.state
    hub.message('s1', joining('presence-a', 10), 1)
    hub.message('s1', joining('presence-a', 10), 1)
    hub.message('s1', unsubscribing('presence-a'), 1)
    resubscriptions.charge('s1', maxAllowanceBytes)
    for (const info of [1_500_000, 1_500_001]) expect(eventsTo(hub.message('s1', joining('presence-a', info), 1))).toEqual([])
    expect(resubscriptions.waitingBytesOf('s1')).toBe(bytes('presence-a', 1_500_001))
    expect(eventsTo(hub.message('s1', joining('presence-a', maxStateBytes), 1))).toEqual(refusal)
  })
})

describe('the user of a connection', () => {
  const signing = (watchlist: readonly string[], info = 0) =>
    signingIn(testApp(), 's1', JSON.stringify({ id: 'u', watchlist, user_info: 'x'.repeat(info) }))
  const watching = (count: number) => Array.from({ length: count }, (_, i) => String(100_000 + i))
  const unlimited = testApp({ maxMessageBytes: Number.POSITIVE_INFINITY, limits: { watchlistUsers: Number.POSITIVE_INFINITY } })

  test('counts with its data and each id on its watchlist, and is replaced by a later sign-in', () => {
    const hub = hubWith(unlimited, 's1')
    hub.message('s1', signing(watching(3), 50), 1)
    expect(kept(hub)).toBe(1 + 52 + 3 * (recordBytes + 6))
    hub.message('s1', signing([]), 1)
    expect(kept(hub)).toBe(1 + 2)
  })

  test('is refused beyond the bound, and the user before stays signed in', () => {
    const hub = hubWith(unlimited, 's1')
    hub.message('s1', signing(watching(2), 50), 1)
    const message = 'A connection can have 2 MiB of channel names, member data and user data at most.'
    expect(framesTo(hub.message('s1', signing(watching(20_000)), 1))).toEqual([
      { event: 'pusher:error', data: JSON.stringify({ code: 4301, message }) },
    ])
    expect(hub.state.sockets.get('s1')!.user!.watchlist).toHaveLength(2)
  })
})
