import { describe, expect, test } from 'bun:test'
import * as query from '../../src/core/query.ts'
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
  return hub.state
}

const lastEvent = { event: 'e', data: 'd', channel: 'cache-x' }

describe('the channels of an app', () => {
  test('are the occupied ones, with the attributes that are asked for', () => {
    expect(query.channelInfos(populated(), '1001', '', everything, 1)).toEqual([
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
    expect(query.channelInfos(populated(), '1001', 'presence-', nothing, 1)).toEqual(names)
    expect(query.channelInfos(populated(), '1001', 'presence-', new Set(['nonsense', '']), 1)).toEqual(names)
  })

  test('are none where the app has none', () => {
    expect(query.channelInfos(populated(), '1002', '', everything, 1)).toEqual([])
    expect(query.channelInfos(populated(), '1001', 'x', everything, 1)).toEqual([])
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
    expect(query.channelInfo(populated(), '1001', name, everything, 1)).toEqual(info)
  })

  test('always reports whether it is occupied', () => {
    expect(query.channelInfo(populated(), '1001', 'news', nothing, 1)).toEqual({ occupied: true })
    expect(query.channelInfo(populated(), '1002', 'news', nothing, 1)).toEqual({ occupied: false })
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
    expect(query.publishedChannelInfo(populated(), '1001', name, everything, 1)).toEqual(info)
  })

  test('has no attribute that was not asked for', () => {
    expect(query.publishedChannelInfo(populated(), '1001', 'presence-x', nothing, 1)).toEqual({})
    expect(query.publishedChannelInfo(populated(), '1001', 'presence-x', new Set(['user_count']), 1)).toEqual({ user_count: 2 })
  })
})

describe('the ids of users', () => {
  test('are the JSON that was signed last, once for each user', () => {
    expect(query.userIds(populated(), '1001', 'presence-x')).toEqual(['"1"', '"b"'])
  })

  test('are none on a channel that is empty, or no presence channel', () => {
    expect(query.userIds(populated(), '1001', 'presence-empty')).toEqual([])
    expect(query.userIds(populated(), '1001', 'news')).toEqual([])
  })
})
