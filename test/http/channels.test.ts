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
  return hub.state
}

test('info is a list of words', () => {
  expect(parseInfo('user_count,cache')).toEqual(new Set(['user_count', 'cache']))
  expect(parseInfo('').has('cache')).toBe(false)
})

describe('channels', () => {
  test('all of them, always as an object', () => {
    expect(JSON.stringify(channels(populated(), '1001', query(), 1))).toBe('{"channels":{"0":{},"presence-x":{}}}')
    expect(JSON.stringify(channels(populated(), '1002', query(), 1))).toBe('{"channels":{}}')
  })

  test('by prefix, with what was asked for', () => {
    expect(channels(populated(), '1001', query({ filter_by_prefix: 'presence-', info: 'user_count' }), 1)).toEqual({
      channels: { 'presence-x': { user_count: 2 } },
    })
  })

  test.each([
    ['', { '0': {}, 'presence-x': { user_count: 2 } }],
    ['p', { 'presence-x': { user_count: 2 } }],
    ['0', { '0': {} }],
    ['private-', {}],
  ])('users are counted on presence channels, whatever the filter: "%s"', (prefix, infos) => {
    expect(channels(populated(), '1001', query({ filter_by_prefix: prefix, info: 'cache,user_count' }), 1)).toEqual({
      channels: infos,
    })
  })

  test('sockets are counted on presence channels too', () => {
    expect(channels(populated(), '1001', query({ info: 'subscription_count' }), 1)).toEqual({
      channels: { '0': { subscription_count: 1 }, 'presence-x': { subscription_count: 2 } },
    })
  })
})

test('one channel', () => {
  expect(channel(populated(), '1001', 'presence-x', query({ info: 'user_count' }), 1)).toEqual({ occupied: true, user_count: 2 })
  expect(channel(populated(), '1001', 'presence-x', query(), 1)).toEqual({ occupied: true })
  expect(channel(populated(), '1001', 'nobody', query(), 1)).toEqual({ occupied: false })
})

describe('users', () => {
  test('with their ids as they were given', () => {
    expect(channelUsers(populated(), '1001', 'presence-x')).toBe('{"users":[{"id":1.0},{"id":"ü\\""}]}')
    expect(channelUsers(populated(), '1001', 'presence-empty')).toBe('{"users":[]}')
  })

  test.each(['0', 'private-x', 'presence'])('%s has none', name => {
    expect(() => channelUsers(populated(), '1001', name)).toThrow(
      expect.objectContaining({ status: 400, message: 'Only presence channels have users.' }),
    )
  })
})
