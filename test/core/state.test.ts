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
  })

  test('are forgotten when nobody is on them', () => {
    const state = stateOfTwo()
    const channel = states.occupyChannel(state, '1', 'news', [])
    const effects: Effect[] = []
    channel.subscribers.add('s1')
    states.vacateChannel(state, channel, effects)
    expect(effects).toEqual([])
    expect(states.findChannel(state, '1', 'news')).toBe(channel)
    channel.subscribers.delete('s1')
    states.vacateChannel(state, channel, effects)
    expect(effects).toEqual([{ type: 'notify', notice: { event: 'channel_removed', appId: '1', channel: 'news' } }])
    expect(states.findChannel(state, '1', 'news')).toBeUndefined()
  })
})
