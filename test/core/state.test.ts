import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import type { Effect } from '../../src/core/effect.ts'
import { newSocket } from '../../src/core/socket.ts'
import * as states from '../../src/core/state.ts'
import { testApp } from '../support/apps.ts'

const one = testApp({ id: '1', key: 'a' })
const two = testApp({ id: '2', key: 'b' })
const stateOfTwo = () => states.newState(appsOf([one, two]))

describe('sockets', () => {
  test('are counted for each app', () => {
    const state = stateOfTwo()
    const socket = newSocket('s1', one, 0)
    states.addSocket(state, socket)
    states.addSocket(state, newSocket('s2', one, 0))
    states.addSocket(state, newSocket('s3', two, 0))
    expect(states.socketCount(state, '1')).toBe(2)
    expect(states.socketCount(state, '2')).toBe(1)
    expect(states.socketCount(state, '3')).toBe(0)
    states.removeSocket(state, socket)
    states.removeSocket(state, socket)
    expect(states.socketCount(state, '1')).toBe(1)
    expect([...state.sockets.keys()]).toEqual(['s2', 's3'])
  })
})

describe('channels', () => {
  test('are made once, and said to be', () => {
    const state = stateOfTwo()
    const effects: Effect[] = []
    const channel = states.occupyChannel(state, '1', 'news', effects)
    expect(states.occupyChannel(state, '1', 'news', effects)).toBe(channel)
    expect(states.occupyChannel(state, '2', 'news', effects)).not.toBe(channel)
    states.occupyChannel(state, '1', 'other', effects)
    expect(effects).toEqual([
      { type: 'notify', notice: { event: 'channel_created', appId: '1', channel: 'news' } },
      { type: 'notify', notice: { event: 'channel_created', appId: '2', channel: 'news' } },
      { type: 'notify', notice: { event: 'channel_created', appId: '1', channel: 'other' } },
    ])
    expect([...states.channelsOf(state, '1').keys()]).toEqual(['news', 'other'])
    expect([...states.channelsOf(state, '3').keys()]).toEqual([])
  })

  test('are found by name and by topic', () => {
    const state = stateOfTwo()
    const channel = states.occupyChannel(state, '1', 'news', [])
    expect(states.findChannel(state, '1', 'news')).toBe(channel)
    expect(states.findChannel(state, '2', 'news')).toBeUndefined()
    expect(states.channelOfTopic(state, '1/news')).toBe(channel)
    expect(states.channelOfTopic(state, '2/news')).toBeUndefined()
    expect(states.channelOfTopic(state, '1/other')).toBeUndefined()
    const ofUser = states.occupyChannel(state, '1', '#server-to-user-a/b', [])
    expect(states.channelOfTopic(state, '1/#server-to-user-a/b')).toBe(ofUser)
  })

  test('are forgotten when nobody is on them', () => {
    const state = stateOfTwo()
    const channel = states.occupyChannel(state, '1', 'news', [])
    const effects: Effect[] = []
    state.countsToTell.add(channel)
    states.vacateChannel(state, channel, effects)
    expect(effects).toEqual([{ type: 'notify', notice: { event: 'channel_removed', appId: '1', channel: 'news' } }])
    expect(states.findChannel(state, '1', 'news')).toBeUndefined()
    expect(state.countsToTell.size).toBe(0)
  })
})

describe('last events', () => {
  test('are kept for each app and channel, as long as the app says', () => {
    const state = stateOfTwo()
    states.keepLastEvent(state, one, 'cache-x', 'first', 0)
    states.keepLastEvent(state, one, 'cache-x', 'second', 0)
    states.keepLastEvent(state, one, 'cache-y', 'third', 0)
    expect(states.lastEvent(state, '1', 'cache-x', 1_799_999)).toBe('second')
    expect(states.lastEvent(state, '1', 'cache-x', 1_800_000)).toBeUndefined()
    expect(states.lastEvent(state, '1', 'cache-y', 0)).toBe('third')
    expect(states.lastEvent(state, '2', 'cache-x', 0)).toBeUndefined()
  })

  test('are bounded in number and in bytes of UTF-8', () => {
    const few = testApp({ id: '1', cache: { ttlSeconds: 9, maxChannels: 2, maxBytes: 10 } })
    const state = states.newState(appsOf([few]))
    const kept = () => ['a', 'b', 'c'].filter(name => states.lastEvent(state, '1', name, 0) !== undefined)
    for (const name of ['a', 'b', 'c']) states.keepLastEvent(state, few, name, 'x', 0)
    expect(kept()).toEqual(['b', 'c'])
    states.keepLastEvent(state, few, 'a', 'ääää', 0)
    expect(kept()).toEqual(['a', 'c'])
    states.keepLastEvent(state, few, 'a', 'äääää', 0)
    expect(kept()).toEqual(['a'])
  })
})

test('the users of an app are the same at every look', () => {
  const state = stateOfTwo()
  const users = states.usersOf(state, '1')
  expect(states.usersOf(state, '1')).toBe(users)
  expect(states.usersOf(state, '2')).not.toBe(users)
})
