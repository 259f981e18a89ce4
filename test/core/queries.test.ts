import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { Hub } from '../../src/core/hub.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'

const app = testApp()
const everything = new Set(['occupied', 'user_count', 'subscription_count', 'cache'])
const nothing = new Set<string>()

/** Three sockets, two of them one user, on four channels; the cache channel with its last event. */
function populated() {
  const hub = hubWith(app, 's1', 's2', 's3')
  put(hub, app, 's1', 'news')
  put(hub, app, 's2', 'news')
  put(hub, app, 's1', 'presence-x', '{"user_id":1}')
  put(hub, app, 's2', 'presence-x', '{"user_id":"1"}')
  put(hub, app, 's3', 'presence-x', '{"user_id":"b"}')
  put(hub, app, 's1', 'cache-x')
  put(hub, app, 's1', 'presence-cache-x', '{"user_id":1}')
  hub.publish(app, { name: 'e', data: 'd', channels: ['cache-x', 'news'], exceptSocketId: undefined }, 1)
  return hub.queries
}

const lastEvent = { event: 'e', data: 'd', channel: 'cache-x' }

describe('the channels of an app', () => {
  test('are the occupied ones, with the attributes that are asked for', () => {
    expect(populated().channelInfos('1001', '', everything, 1)).toEqual([
      ['news', { occupied: true, subscription_count: 2 }],
      ['presence-x', { occupied: true, user_count: 2, subscription_count: 3 }],
      ['cache-x', { occupied: true, subscription_count: 1, cache: lastEvent }],
      ['presence-cache-x', { occupied: true, user_count: 1, subscription_count: 1 }],
    ])
  })

  test('have no attributes where none, or unknown ones, are asked for', () => {
    const names = [
      ['presence-x', {}],
      ['presence-cache-x', {}],
    ] as [string, object][]
    expect(populated().channelInfos('1001', 'presence-', nothing, 1)).toEqual(names)
    expect(populated().channelInfos('1001', 'presence-', new Set(['nonsense', '']), 1)).toEqual(names)
  })

  test('are none where the app has none', () => {
    expect(populated().channelInfos('1002', '', everything, 1)).toEqual([])
    expect(populated().channelInfos('1001', 'x', everything, 1)).toEqual([])
  })
})

describe('one channel', () => {
  test.each<[string, object]>([
    ['news', { occupied: true, subscription_count: 2 }],
    ['presence-x', { occupied: true, user_count: 2, subscription_count: 3 }],
    ['cache-x', { occupied: true, subscription_count: 1, cache: lastEvent }],
    ['presence-cache-x', { occupied: true, user_count: 1, subscription_count: 1 }],
    ['empty', { occupied: false }],
  ])('%s has the attributes that are asked for', (name, info) => {
    expect(populated().channelInfo('1001', name, everything, 1)).toEqual(info)
  })

  test('always reports whether it is occupied', () => {
    expect(populated().channelInfo('1001', 'news', nothing, 1)).toEqual({ occupied: true })
    expect(populated().channelInfo('1002', 'news', nothing, 1)).toEqual({ occupied: false })
  })
})

describe('a channel that was published to', () => {
  test.each<[string, object]>([
    ['news', { occupied: true, subscription_count: 2 }],
    ['presence-x', { occupied: true, user_count: 2, subscription_count: 3 }],
    ['cache-x', { occupied: true, subscription_count: 1, cache: lastEvent }],
    ['empty', { occupied: false, subscription_count: 0 }],
    ['presence-empty', { occupied: false, user_count: 0, subscription_count: 0 }],
    ['cache-empty', { occupied: false, subscription_count: 0 }],
  ])('%s has the attributes that are asked for', (name, info) => {
    expect(populated().publishedChannelInfo('1001', name, everything, 1)).toEqual(info)
  })

  test('has no attribute that was not asked for', () => {
    expect(populated().publishedChannelInfo('1001', 'presence-x', nothing, 1)).toEqual({})
    expect(populated().publishedChannelInfo('1001', 'presence-x', new Set(['user_count']), 1)).toEqual({ user_count: 2 })
  })
})

describe('the ids of users', () => {
  test('are the JSON that was signed last, once for each user', () => {
    expect(populated().userIds('1001', 'presence-x')).toEqual(['"1"', '"b"'])
  })

  test('are none on a channel that is empty, or no presence channel', () => {
    expect(populated().userIds('1001', 'presence-empty')).toEqual([])
    expect(populated().userIds('1001', 'news')).toEqual([])
  })
})

describe('the apps', () => {
  const other = testApp({ id: '1002', key: 'other' })

  test('are found by id or key, or listed in the order of the configuration', () => {
    const { queries } = new Hub(appsOf([other, app]))
    expect(queries.apps).toEqual([other, app])
    expect([queries.app('1001'), queries.appWithKey(app.key)]).toEqual([app, app])
    expect([queries.app('9'), queries.appWithKey('9')]).toEqual([undefined, undefined])
  })

  test('are known until their source cannot be read', () => {
    const hub = new Hub(appsOf([app]))
    expect(hub.queries.areAppsKnown).toBe(true)
    hub.markAppsUnavailable()
    expect(hub.queries.areAppsKnown).toBe(false)
  })
})

describe('the sockets', () => {
  test('of this node are open until they are closed, and are listed the oldest first', () => {
    const hub = hubWith(app, 's1', 's2', 's3')
    hub.closed('s2', 1)
    expect(['s1', 's2', 's9'].map(id => hub.queries.isOpen(id))).toEqual([true, false, false])
    expect([0, 1, 9].map(count => hub.queries.oldestSockets(count))).toEqual([[], ['s1'], ['s1', 's3']])
  })

  test('are described with their app, when they were last active, and whether a ping is unanswered', () => {
    const hub = hubWith(app, 's1')
    hub.message('s1', '{"event":"pusher:ping"}', 7)
    expect(hub.queries.socket('s1')).toEqual({ appId: '1001', lastSeenMs: 7, isPinged: false })
    hub.checkLiveness(7 + 1000 * app.pingIntervalSeconds)
    expect(hub.queries.socket('s1')).toEqual({ appId: '1001', lastSeenMs: 7, isPinged: true })
    expect(hub.queries.socket('s9')).toBeUndefined()
  })

  test('of an app are counted on all nodes, and those of this node are the subscribers of a topic', () => {
    const hub = hubWith(app, 's1', 's2')
    put(hub, app, 's2', 'news')
    hub.replica.apply(
      'n2',
      [
        { kind: 'connections', appId: '1001', count: 5 },
        { kind: 'subscriptions', appId: '1001', channel: 'news', count: 5 },
      ],
      1,
    )
    expect([hub.queries.socketCount('1001'), hub.queries.socketCount('9')]).toEqual([7, 0])
    expect([...hub.queries.subscribers('1001/news')]).toEqual(['s2'])
    expect([...hub.queries.subscribers('1001/empty')]).toEqual([])
  })
})
