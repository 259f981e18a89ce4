import { describe, expect, test } from 'bun:test'
import { channel, channels, channelUsers, parseInfo } from '../../src/http/channels.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'

const app = testApp()
const query = (pairs: Record<string, string> = {}) => new Map(Object.entries(pairs))

function populated() {
  const hub = hubWith(app, '1.1', '2.2')
  put(hub, app, '1.1', '0')
  put(hub, app, '1.1', 'presence-x', '{"user_id":1.0}')
  put(hub, app, '2.2', 'presence-x', '{"user_id":"ü\\""}')
  return hub.queries
}

test('info is a list of attributes', () => {
  expect(parseInfo('user_count,cache')).toEqual(new Set(['user_count', 'cache']))
  expect(parseInfo('').has('cache')).toBe(false)
})

describe('the channels of an app', () => {
  test('are all occupied ones, always as an object', () => {
    expect(JSON.stringify(channels(populated(), '1001', query(), 1))).toBe('{"channels":{"0":{},"presence-x":{}}}')
    expect(JSON.stringify(channels(populated(), '1002', query(), 1))).toBe('{"channels":{}}')
  })

  test('can be filtered by prefix, with the attributes that are asked for', () => {
    expect(channels(populated(), '1001', query({ filter_by_prefix: 'presence-', info: 'user_count' }), 1)).toEqual({
      channels: { 'presence-x': { user_count: 2 } },
    })
  })

  test.each([
    ['', { '0': {}, 'presence-x': { user_count: 2 } }],
    ['p', { 'presence-x': { user_count: 2 } }],
    ['0', { '0': {} }],
    ['private-', {}],
  ])('have a count of users where they are presence channels, with any filter: "%s"', (prefix, infos) => {
    expect(channels(populated(), '1001', query({ filter_by_prefix: prefix, info: 'cache,user_count' }), 1)).toEqual({
      channels: infos,
    })
  })

  test('have a count of sockets, also where they are presence channels', () => {
    expect(channels(populated(), '1001', query({ info: 'subscription_count' }), 1)).toEqual({
      channels: { '0': { subscription_count: 1 }, 'presence-x': { subscription_count: 2 } },
    })
  })
})

test('one channel has the attributes that are asked for', () => {
  expect(channel(populated(), '1001', 'presence-x', query({ info: 'user_count' }), 1)).toEqual({ occupied: true, user_count: 2 })
  expect(channel(populated(), '1001', 'presence-x', query(), 1)).toEqual({ occupied: true })
  expect(channel(populated(), '1001', 'nobody', query(), 1)).toEqual({ occupied: false })
})

describe('the users of a channel', () => {
  test('have their ids as they were signed', () => {
    expect(channelUsers(populated(), '1001', 'presence-x')).toBe('{"users":[{"id":1.0},{"id":"ü\\""}]}')
    expect(channelUsers(populated(), '1001', 'presence-empty')).toBe('{"users":[]}')
  })

  test.each(['0', 'private-x', 'presence'])('cannot be listed for %s', name => {
    expect(() => channelUsers(populated(), '1001', name)).toThrow(
      expect.objectContaining({ status: 400, message: 'Only presence channels have users.' }),
    )
  })
})
