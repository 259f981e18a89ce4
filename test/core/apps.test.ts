import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import type { Effect } from '../../src/core/effect.ts'
import { Hub } from '../../src/core/hub.ts'
import { lastEvent } from '../../src/core/last-events.ts'
import * as frames from '../../src/protocol/frames.ts'
import { testApp } from '../support/apps.ts'
import { put, subscribing, visible } from '../support/core.ts'

const one = testApp({ id: '1', key: 'one' })
const two = testApp({ id: '2', key: 'two' })

/** s1 and s2 are of app 1, s3 is of app 2. */
function hubOfTwo() {
  const hub = new Hub(appsOf([one, two]))
  for (const [socketId, app] of [
    ['s1', one],
    ['s2', one],
    ['s3', two],
  ] as const)
    hub.open(socketId, app.key, null, 0)
  return hub
}
const closedWithError = (socketId: string, code: number, reason: string): Effect[] => [
  { type: 'send', socketId, frame: frames.error(code, reason) },
  { type: 'close', socketId, close: { code, reason } },
]
const codeOf = (effects: ReturnType<Hub['open']>) =>
  effects.flatMap(effect => (effect.type === 'close' ? [effect.close.code] : []))

describe('replacing the apps', () => {
  test('accepts clients of a new app at once', () => {
    const hub = hubOfTwo()
    expect(codeOf(hub.open('s4', 'three', null, 1))).toEqual([4001])
    expect(hub.replaceApps([one, two, testApp({ id: '3', key: 'three' })], 1)).toEqual([])
    expect(codeOf(hub.open('s4', 'three', null, 1))).toEqual([])
  })

  test('closes the sockets of an app that was removed, and no others', () => {
    const hub = hubOfTwo()
    put(hub, one, 's1', 'presence-x', '{"user_id":1}')
    put(hub, one, 's2', 'presence-x', '{"user_id":2}')
    put(hub, two, 's3', 'news')
    hub.publish(one, { name: 'e', data: 'd', channels: ['cache-x'], exceptSocketId: undefined }, 1)
    hub.publish(two, { name: 'e', data: 'd', channels: ['cache-x'], exceptSocketId: undefined }, 1)
    const closed = hub.replaceApps([two], 1).filter(({ type }) => type === 'close' || type === 'send')
    expect(closed).toEqual(['s1', 's2'].flatMap(socketId => closedWithError(socketId, 4001, 'Application does not exist')))
    expect([...hub.state.sockets.keys()]).toEqual(['s3'])
    expect(hub.state.channels.get('1')).toBeUndefined()
    expect(hub.state.channels.get('2')!.size).toBe(1)
    expect(lastEvent(hub.state, '1', 'cache-x', 1)).toBeUndefined()
    expect(lastEvent(hub.state, '2', 'cache-x', 1)).toBeDefined()
  })

  test('closes the sockets of an app that is disabled', () => {
    const hub = hubOfTwo()
    expect(hub.replaceApps([testApp({ ...one, enabled: false }), two], 1)).toEqual([
      ...closedWithError('s1', 4003, 'Application disabled'),
      ...closedWithError('s2', 4003, 'Application disabled'),
    ])
  })

  test('applies new rules to the sockets that stay', () => {
    const hub = hubOfTwo()
    put(hub, one, 's1', 'a')
    hub.replaceApps([testApp({ ...one, key: 'renamed', limits: { channelsPerSocket: 1 } }), two], 1)
    expect(JSON.stringify(hub.message('s1', subscribing({ channel: 'b' }), 1))).toContain('1 channels at most')
    expect(visible(hub.message('s3', subscribing({ channel: 'b' }), 1))).toHaveLength(2)
    expect(codeOf(hub.open('s4', 'one', null, 1))).toEqual([4001])
    expect(codeOf(hub.open('s4', 'renamed', null, 1))).toEqual([])
  })

  test('applies new bounds to cached events at once', () => {
    const hub = hubOfTwo()
    const publish = (app: typeof one, channel: string) =>
      hub.publish(app, { name: 'e', data: 'd', channels: [channel], exceptSocketId: undefined }, 1)
    publish(one, 'cache-a')
    publish(one, 'cache-b')
    const few = testApp({ ...one, cache: { ttlSeconds: 1, maxChannels: 1, maxBytes: 1000 } })
    hub.replaceApps([few], 1)
    const kept = () => ['a', 'b', 'c'].filter(name => lastEvent(hub.state, '1', `cache-${name}`, 2) !== undefined)
    expect(kept()).toEqual(['b'])
    publish(few, 'cache-c')
    expect(kept()).toEqual(['c'])
  })
})

test('nothing is kept of an app that was removed, nor of what other nodes have of it', () => {
  const counting = testApp({ id: '1', key: 'one', subscriptionCounts: true })
  const hub = new Hub(appsOf([counting, two]))
  hub.replica.apply(
    'n2',
    ['1', '2'].flatMap(appId => [
      { kind: 'connections' as const, appId, count: 1 },
      { kind: 'subscriptions' as const, appId, channel: 'news', count: 1 },
      { kind: 'user' as const, appId, userId: 'u', isHere: true },
    ]),
    1,
  )
  hub.state.pendingCounts.add(hub.state.channels.get('1')!.get('news')!).add(hub.state.channels.get('2')!.get('news')!)
  for (const appId of ['1', '2']) {
    hub.state.unsettledChannels.add(hub.state.channels.get(appId)!.get('news')!)
    hub.state.unsettledUsers.add(appId)
  }
  hub.replaceApps([two], 1)
  const { channels, remoteSocketCounts, users, pendingCounts, unsettledChannels, unsettledUsers } = hub.state
  for (const held of [channels, remoteSocketCounts, users]) expect([...held.keys()]).toEqual(['2'])
  for (const ofChannels of [pendingCounts, unsettledChannels]) expect([...ofChannels].map(({ appId }) => appId)).toEqual(['2'])
  expect([...unsettledUsers]).toEqual(['2'])
})

test('a removed app keeps its number of sockets until the last of them is closed, also where one that was removed before is still cleaned up', () => {
  const three = testApp({ id: '3', key: 'three' })
  const hub = new Hub(appsOf([one, two, three]), undefined, 2)
  hub.replica.join({ nodeId: 'n', isHandOver: false })
  hub.open('s1', 'one', null, 0)
  for (const channel of ['a', 'b', 'c']) put(hub, one, 's1', channel)
  for (const socketId of ['s2', 's3']) hub.open(socketId, 'two', null, 0)
  hub.replaceApps([two, three], 0)
  expect(hub.state.pendingUnsubscribes.isEmpty).toBe(false)
  const effects = hub.replaceApps([three], 1000)
  const counts = effects.flatMap(effect =>
    effect.type === 'replicate' && effect.entry.kind === 'connections' ? [[effect.entry.appId, effect.entry.count]] : [],
  )
  expect(counts).toEqual([
    ['2', 1],
    ['2', 0],
  ])
  expect([...hub.state.localSocketCounts.keys()]).toEqual([])
})

describe('while the apps are unavailable', () => {
  test('a client with an unknown key is closed with a code after which it reconnects, as its app may exist', () => {
    const hub = hubOfTwo()
    hub.markAppsUnavailable()
    expect(codeOf(hub.open('s4', 'three', null, 1))).toEqual([4100])
    expect(codeOf(hub.open('s5', 'one', null, 1))).toEqual([])
    hub.replaceApps([one, two], 1)
    expect(codeOf(hub.open('s6', 'three', null, 1))).toEqual([4001])
  })
})
