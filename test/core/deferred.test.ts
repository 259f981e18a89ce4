import { describe, expect, test } from 'bun:test'
import { windowMs } from '../../src/core/announcements.ts'
import { appsOf } from '../../src/core/app.ts'
import type { Effect } from '../../src/core/effect.ts'
import { Hub } from '../../src/core/hub.ts'
import { maxAllowanceBytes } from '../../src/core/resubscriptions.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put, signedSubscribing, signingIn, unsubscribing } from '../support/core.ts'

const app = testApp()
const eventsIn = (effects: readonly Effect[]) =>
  effects.flatMap(effect => ('frame' in effect ? [JSON.parse(effect.frame).event] : []))

describe('what is deferred', () => {
  test('is nothing at first', () => expect(hubWith(app, 's1').runDeferred(0)).toEqual([]))

  test('is announced when its window is over: the leave of a member, and the sign-out of a user on a watchlist', () => {
    const hub = hubWith(app, 's1', 's2', 's3', 's4')
    put(hub, app, 's1', 'presence-x', '{"user_id":1}')
    hub.message('s1', signingIn(app, 's1', '{"id":"w","watchlist":["u"]}'), 0)
    put(hub, app, 's2', 'presence-x', '{"user_id":2}')
    hub.message('s3', signingIn(app, 's3', '{"id":"u"}'), 0)
    hub.message('s2', unsubscribing('presence-x'), 0)
    hub.closed('s3', 0)
    put(hub, app, 's2', 'presence-x', '{"user_id":2}')
    hub.message('s4', signingIn(app, 's4', '{"id":"u"}'), 0)
    hub.message('s2', unsubscribing('presence-x'), 0)
    hub.closed('s4', 0)
    expect(hub.runDeferred(windowMs - 1)).toEqual([])
    expect(eventsIn(hub.runDeferred(windowMs))).toEqual(['pusher_internal:member_removed', 'pusher_internal:watchlist_events'])
  })

  test('is a repeated subscription, until the allowance of its socket has grown', () => {
    const hub = hubWith(app, 's1')
    for (const _ of [1, 2]) put(hub, app, 's1', 'presence-x', '{"user_id":1}')
    hub.state.resubscriptions.charge('s1', maxAllowanceBytes)
    hub.message('s1', signedSubscribing(app, 's1', 'presence-x', '{"user_id":1}'), 0)
    expect(hub.runDeferred(0)).toEqual([])
    expect(eventsIn(hub.runDeferred(10_000))).toEqual(['pusher_internal:subscription_succeeded'])
  })
})

describe('the cleanup', () => {
  test('is done where nothing is pending', () => {
    expect(hubWith(app, 's1').continueCleanup(0)).toEqual({ effects: [], isDone: true })
  })

  test('unsubscribes sockets that have disconnected, then deletes what other nodes no longer have, one turn with each call', () => {
    const hub = new Hub(appsOf([app]), Number.POSITIVE_INFINITY, 1)
    for (const socketId of ['busy', 's1']) hub.open(socketId, app.key, null, 0)
    put(hub, app, 'busy', 'news')
    for (const channel of ['a', 'b']) put(hub, app, 's1', channel)
    for (const socketId of ['busy', 's1']) hub.closed(socketId, 0)
    const theirs = ['x', 'y'].map(channel => ({ kind: 'subscriptions' as const, appId: app.id, channel, count: 1 }))
    hub.replica.apply('n2', theirs, 0)
    hub.replica.remove('n2', 0)
    const channels = () => [...hub.state.channels.get(app.id)!.keys()]
    const seen = [channels().join()]
    for (let isDone = false; !isDone; ) {
      isDone = hub.continueCleanup(0).isDone
      if (seen.at(-1) !== channels().join()) seen.push(channels().join())
    }
    expect(seen).toEqual(['a,b,y', 'b,y', 'y', ''])
  })
})
