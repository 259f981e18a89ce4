import { describe, expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import type { Entry } from '../../src/core/entry.ts'
import type { Hub } from '../../src/core/hub.ts'
import { socketCount } from '../../src/core/state.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put, signedSubscribing, signingIn, subscribing, unsubscribing } from '../support/core.ts'

const app = testApp()
const everything = new Set(['user_count', 'subscription_count'])
const member = (id: string, info?: string) => ({ key: id, idJson: `"${id}"`, infoJson: info })
const entriesIn = (effects: readonly Effect[]) => effects.flatMap(effect => (effect.type === 'replicate' ? [effect.entry] : []))
const eventsIn = (effects: readonly Effect[]) =>
  effects.flatMap(effect => {
    if (effect.type !== 'broadcast' && effect.type !== 'send') return []
    const { event, data } = JSON.parse(effect.frame)
    return [`${event} ${data}`]
  })

/** A hub that has peers, with sockets open. */
function clustered(...socketIds: string[]): Hub {
  const hub = hubWith(app, ...socketIds)
  hub.replica.join({ nodeId: 'n', isHandOver: false })
  return hub
}
/** A node sends a snapshot. */
function replace({ replica }: Hub, nodeId: string, entries: readonly Entry[], nowMs: number): Effect[] {
  return replica.applyPart(nodeId, { part: 0, hasMore: false, entries, kept: [] }, nowMs, 0)
}
const on = (channel: string, count: number): Entry => ({ kind: 'subscriptions', appId: '1001', channel, count })
const present = (id: string, is = true, info?: string): Entry => ({
  kind: 'member',
  appId: '1001',
  channel: 'presence-x',
  key: id,
  member: is ? member(id, info) : undefined,
})

describe('the entries of this node', () => {
  test('are replicated with each change', () => {
    const hub = clustered('s1', 's2')
    expect(entriesIn(hub.open('s3', 'app-key', null, 1))).toEqual([{ kind: 'connections', appId: '1001', count: 3 }])
    expect(entriesIn(hub.message('s1', signedSubscribing(app, 's1', 'presence-x', '{"user_id":"a"}'), 1))).toEqual([
      on('presence-x', 1),
      present('a'),
    ])
    expect(entriesIn(hub.message('s2', signedSubscribing(app, 's2', 'presence-x', '{"user_id":"a"}'), 1))).toEqual([
      on('presence-x', 2),
      present('a'),
    ])
    expect(entriesIn(hub.message('s1', signedSubscribing(app, 's1', 'presence-x', '{"user_id":"b"}'), 1))).toEqual([
      present('a'),
      present('b'),
    ])
    expect(entriesIn(hub.message('s1', unsubscribing('presence-x'), 1))).toEqual([on('presence-x', 1), present('b', false)])
    expect(entriesIn(hub.message('s2', signingIn(app, 's2', '{"id":"u"}'), 1))).toEqual([
      { kind: 'user', appId: '1001', userId: 'u', isHere: true },
    ])
    expect(entriesIn(hub.message('s3', signingIn(app, 's3', '{"id":"u"}'), 1))).toEqual([])
    expect(entriesIn(hub.closed('s3', 1))).toEqual([{ kind: 'connections', appId: '1001', count: 2 }])
    expect(entriesIn(hub.closed('s2', 1))).toEqual([
      { kind: 'connections', appId: '1001', count: 1 },
      on('presence-x', 0),
      present('a', false),
      { kind: 'user', appId: '1001', userId: 'u', isHere: false },
    ])
  })

  test('are not replicated where there are no other nodes', () => {
    const hub = hubWith(app, 's1')
    expect(entriesIn(hub.message('s1', signedSubscribing(app, 's1', 'presence-x', '{"user_id":1}'), 1))).toEqual([])
  })

  test('are all listed for a snapshot', () => {
    const hub = clustered('s1', 's2')
    put(hub, app, 's1', 'presence-x', '{"user_id":"a","user_info":{"n":1.0}}')
    put(hub, app, 's2', 'news')
    hub.message('s1', signingIn(app, 's1', '{"id":"u"}'), 1)
    hub.replica.apply('n2', [on('news', 5), present('z')], 1)
    expect([...hub.replica.entries()]).toEqual([
      { kind: 'connections', appId: '1001', count: 2 },
      on('presence-x', 1),
      present('a', true, '{"n":1.0}'),
      on('news', 1),
      { kind: 'user', appId: '1001', userId: 'u', isHere: true },
    ])
    hub.closed('s1', 1)
    hub.closed('s2', 1)
    expect([...hub.replica.entries()]).toEqual([])
  })
})

describe('the entries of another node', () => {
  test('count for sockets, subscriptions and users, each user once', () => {
    const hub = clustered('s1')
    put(hub, app, 's1', 'presence-x', '{"user_id":"a"}')
    put(hub, app, 's1', 'news')
    hub.replica.apply('n2', [{ kind: 'connections', appId: '1001', count: 4 }, on('news', 3), on('presence-x', 2)], 1)
    hub.replica.apply('n2', [present('a'), present('b')], 1)
    hub.replica.apply('n3', [on('elsewhere', 1), present('b')], 1)
    expect(socketCount(hub.state, '1001')).toBe(5)
    expect(Object.fromEntries(hub.queries.channelInfos('1001', '', everything, 1))).toEqual({
      'presence-x': { user_count: 2, subscription_count: 3 },
      news: { subscription_count: 4 },
      elsewhere: { subscription_count: 1 },
    })
    expect(hub.queries.userIds('1001', 'presence-x')).toEqual(['"a"', '"b"'])
    expect(hub.queries.publishedChannelInfo('1001', 'presence-x', everything, 1)).toEqual({
      user_count: 2,
      subscription_count: 3,
    })
  })

  test('have no effect when they are applied again', () => {
    const hub = clustered('s1')
    put(hub, app, 's1', 'presence-x', '{"user_id":"a"}')
    expect(eventsIn(hub.replica.apply('n2', [present('b')], 1))).toEqual(['pusher_internal:member_added {"user_id":"b"}'])
    expect(eventsIn(hub.replica.apply('n2', [present('b')], 1))).toEqual([])
    expect(eventsIn(hub.replica.apply('n3', [present('b')], 1))).toEqual([])
    expect(eventsIn(hub.replica.apply('n2', [present('b', false)], 1))).toEqual([])
    expect(eventsIn(hub.replica.apply('n3', [present('b', false)], 1))).toEqual([
      'pusher_internal:member_removed {"user_id":"b"}',
    ])
    expect(eventsIn(hub.replica.apply('n3', [present('b', false)], 1))).toEqual([])
  })

  test('are on the list of a new subscriber, and not announced where a user was present already', () => {
    const hub = clustered('s1', 's2')
    hub.replica.apply('n2', [present('a', true, '{"n":1}'), on('presence-x', 1)], 1)
    const effects = hub.message('s1', signedSubscribing(app, 's1', 'presence-x', '{"user_id":"b"}'), 1)
    expect(eventsIn(effects).at(-1)).toContain('"count":2,"ids":["a","b"]')
    put(hub, app, 's2', 'presence-x', '{"user_id":"a","user_info":{"n":1}}')
    expect(eventsIn(hub.closed('s2', 1))).toEqual([])
    expect(eventsIn(hub.replica.apply('n2', [present('a', false)], 1))).toEqual([
      'pusher_internal:member_removed {"user_id":"a"}',
    ])
  })

  test('make users online who are on a watchlist', () => {
    const hub = clustered('s1')
    hub.message('s1', signingIn(app, 's1', '{"id":"me","watchlist":["u"]}'), 1)
    const user = (isHere: boolean): Entry => ({ kind: 'user', appId: '1001', userId: 'u', isHere })
    const statuses = (...entries: [string, boolean][]) =>
      entries.flatMap(([node, isHere]) =>
        eventsIn(hub.replica.apply(node, [user(isHere)], 1)).map(text => text.includes('"online"')),
      )
    expect(statuses(['n2', true], ['n3', true], ['n2', true])).toEqual([true])
    expect(statuses(['n2', false])).toEqual([])
    expect(statuses(['n3', false], ['n3', false])).toEqual([false])
  })

  test('change the counts that subscribers are sent', () => {
    const counting = testApp({ subscriptionCounts: true })
    const hub = hubWith(counting, 's1')
    hub.message('s1', subscribing({ channel: 'news' }), 0)
    expect(eventsIn(hub.replica.apply('n2', [on('news', 2)], 2000))).toEqual([
      'pusher_internal:subscription_count {"subscription_count":3}',
    ])
    expect(eventsIn(hub.replica.apply('n2', [on('news', 2)], 4000))).toEqual([])
    expect(eventsIn(hub.replica.apply('n2', [on('elsewhere', 2)], 4000))).toEqual([])
  })

  test('about a member of a channel that is no presence channel are ignored', () => {
    const hub = clustered('s1')
    put(hub, app, 's1', 'news')
    hub.replica.apply('n2', [{ kind: 'member', appId: '1001', channel: 'news', key: 'a', member: member('a') }], 1)
    expect(hub.queries.userIds('1001', 'news')).toEqual([])
    hub.closed('s1', 1)
    expect(hub.state.channels.get('1001')!.size).toBe(0)
  })

  test('of apps that this node does not have are ignored', () => {
    const hub = clustered('s1')
    hub.replica.apply('n2', [{ ...on('news', 2), appId: '9' }], 1)
    expect(hub.state.channels.get('9')).toBeUndefined()
    expect(hub.replica.deliver({ topic: '9/news', frame: '{}', exceptSocketId: undefined }, 1)).toEqual([])
  })
})

describe('a node that sends a snapshot', () => {
  test('has nothing but its entries', () => {
    const hub = clustered('s1')
    put(hub, app, 's1', 'presence-x', '{"user_id":"me"}')
    const first: Entry[] = [
      { kind: 'connections', appId: '1001', count: 4 },
      on('presence-x', 2),
      on('news', 1),
      present('a'),
      present('b'),
      { kind: 'user', appId: '1001', userId: 'u', isHere: true },
    ]
    replace(hub, 'n2', first, 1)
    expect(eventsIn(replace(hub, 'n2', [on('presence-x', 1), present('b'), present('c')], 1))).toEqual([
      'pusher_internal:member_added {"user_id":"c"}',
      'pusher_internal:member_removed {"user_id":"a"}',
    ])
    expect(socketCount(hub.state, '1001')).toBe(1)
    expect(hub.state.users.get('1001')!.isOnline('u')).toBe(false)
    expect(hub.queries.channelInfos('1001', '', everything, 1)).toEqual([
      ['presence-x', { user_count: 3, subscription_count: 2 }],
    ])
  })

  test('has nothing where that is empty, and others keep what they have', () => {
    const hub = clustered('s1')
    put(hub, app, 's1', 'presence-x', '{"user_id":"me"}')
    replace(hub, 'n2', [on('presence-x', 1), present('a'), present('b')], 1)
    const three: Entry = { kind: 'connections', appId: '1001', count: 3 }
    replace(hub, 'n3', [three, on('presence-x', 1), present('b')], 1)
    expect(eventsIn(hub.replica.remove('n2', 1))).toEqual(['pusher_internal:member_removed {"user_id":"a"}'])
    expect(socketCount(hub.state, '1001')).toBe(4)
    expect(eventsIn(hub.replica.remove('n3', 1))).toEqual(['pusher_internal:member_removed {"user_id":"b"}'])
    hub.closed('s1', 1)
    expect(hub.state.channels.get('1001')!.size).toBe(0)
  })
})
