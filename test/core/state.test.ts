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
  test('are counted for each app, on all nodes', () => {
    const state = stateOfTwo()
    const effects: Effect[] = []
    const socket = newSocket('s1', one, 0)
    states.addSocket(state, socket, effects)
    states.addSocket(state, newSocket('s2', one, 0), effects)
    states.addSocket(state, newSocket('s3', two, 0), effects)
    expect(states.socketCount(state, '1')).toBe(2)
    expect(states.socketCount(state, '2')).toBe(1)
    expect(states.socketCount(state, '3')).toBe(0)
    states.removeSocket(state, socket, effects)
    states.removeSocket(state, socket, effects)
    expect(states.socketCount(state, '1')).toBe(1)
    expect([...state.sockets.keys()]).toEqual(['s2', 's3'])
    expect(effects).toEqual([])
    state.remoteSocketCounts.set(
      '1',
      new Map([
        ['n1', 5],
        ['n2', 2],
      ]),
    )
    expect(states.socketCount(state, '1')).toBe(8)
  })
})

describe('channels', () => {
  test('are created once', () => {
    const state = stateOfTwo()
    const channel = states.findOrMakeChannel(state, '1', 'news')
    expect(states.findOrMakeChannel(state, '1', 'news')).toBe(channel)
    expect(states.findOrMakeChannel(state, '2', 'news')).not.toBe(channel)
    states.findOrMakeChannel(state, '1', 'other')
    expect([...states.channelsOf(state, '1').keys()]).toEqual(['news', 'other'])
    expect([...states.channelsOf(state, '3').keys()]).toEqual([])
  })

  test('are found by name and by topic', () => {
    const state = stateOfTwo()
    const channel = states.findOrMakeChannel(state, '1', 'news')
    expect(states.findChannel(state, '1', 'news')).toBe(channel)
    expect(states.findChannel(state, '2', 'news')).toBeUndefined()
    expect(states.channelOfTopic(state, '1/news')).toBe(channel)
    expect(states.channelOfTopic(state, '2/news')).toBeUndefined()
    expect(states.channelOfTopic(state, '1/other')).toBeUndefined()
    const ofUser = states.findOrMakeChannel(state, '1', '#server-to-user-a/b')
    expect(states.channelOfTopic(state, '1/#server-to-user-a/b')).toBe(ofUser)
  })

  test('are removed once they have no subscriber on any node', () => {
    const state = stateOfTwo()
    const channel = states.findOrMakeChannel(state, '1', 'presence-x')
    state.pendingCounts.add(channel)
    const isThere = () => {
      states.removeIfEmpty(state, channel)
      return states.findChannel(state, '1', 'presence-x') !== undefined
    }
    channel.localSubscribers.add('s1')
    expect(isThere()).toBe(true)
    channel.localSubscribers.clear()
    channel.remoteSubscriberCounts.set('n1', 1)
    expect(isThere()).toBe(true)
    channel.remoteSubscriberCounts.clear()
    channel.members.joinRemote('n1', { key: '1', idJson: '1', infoJson: undefined })
    expect(isThere()).toBe(true)
    channel.members.leaveRemote('n1', '1', 0)
    state.unsettledChannels.add(channel)
    expect(isThere()).toBe(false)
    expect(state.pendingCounts.size).toBe(0)
    expect(state.unsettledChannels.size).toBe(0)
  })
})

test('the users of an app are the same at every look', () => {
  const state = stateOfTwo()
  const users = states.usersOf(state, '1')
  expect(states.usersOf(state, '1')).toBe(users)
  expect(states.usersOf(state, '2')).not.toBe(users)
})

test('the entries of a node are replicated where there are other nodes', () => {
  const state = stateOfTwo()
  const effects: Effect[] = []
  states.addSocket(state, newSocket('s1', one, 0), effects)
  expect(effects).toEqual([])
  state.isClustered = true
  states.addSocket(state, newSocket('s2', one, 0), effects)
  expect(effects).toEqual([{ type: 'replicate', entry: { kind: 'connections', appId: '1', count: 2 } }])
})
