/** Sockets that have disconnected are unsubscribed in turns: what is done at once, what in the end, and how much in a turn. */
import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { continueCleanup } from '../../src/core/deferred.ts'
import type { Effect } from '../../src/core/effect.ts'
import { Hub } from '../../src/core/hub.ts'
import { unitsPerTurn } from '../../src/core/pending-unsubscribes.ts'
import { closes } from '../../src/protocol/errors.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put, signedSubscribing, signingIn } from '../support/core.ts'

const app = testApp({ maxConnections: 2 })
const names = (count: number, prefix = 'c') => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
const leftIn = (effects: readonly Effect[]) =>
  effects.flatMap(effect => (effect.type === 'unsubscribe' ? [effect.topic.replace('1001/', '')] : []))
const membersIn = (effects: readonly Effect[]) =>
  effects
    .flatMap(effect => (effect.type === 'broadcast' ? [JSON.parse(effect.frame)] : []))
    .map(({ event, data }) => [event.slice(16), data])
const endedIn = (effects: readonly Effect[]) =>
  effects.flatMap(effect =>
    effect.type === 'replicate' && effect.entry.kind === 'subscriptions' && effect.entry.count === 0
      ? [effect.entry.channel]
      : [],
  )

/** All turns that there are to do, each with its effects. */
function turns(hub: Hub, nowMs: number): Effect[][] {
  const all: Effect[][] = []
  for (;;) {
    const { effects, isDone } = continueCleanup(hub.state, nowMs)
    all.push(effects)
    if (isDone) return all
  }
}

describe('a socket with thousands of channels that disconnects', () => {
  function ended() {
    const hub = hubWith(app, 's1', 's2')
    for (const channel of names(3500)) put(hub, app, 's1', channel)
    put(hub, app, 's1', 'presence-x', '{"user_id":1}')
    put(hub, app, 's2', 'presence-x', '{"user_id":2}')
    return { hub, atOnce: hub.closed('s1', 1) }
  }

  test('is removed at once: it is not counted, leaves room for another, and is unsubscribed from the first thousand channels', () => {
    const { hub, atOnce } = ended()
    expect(leftIn(atOnce).length).toBe(unitsPerTurn)
    expect(hub.state.sockets.has('s1')).toBe(false)
    expect(hub.state.localSocketCounts.get('1001')).toBe(1)
    expect(hub.open('s3', 'app-key', 'https://a.example', 1).map(({ type }) => type)).toEqual(['send'])
    expect(hub.closed('s1', 1)).toEqual([])
    expect(hub.message('s1', '{"event":"pusher:ping"}', 1)).toEqual([])
  })

  test('is unsubscribed from presence channels first, and from the others in their order, a thousand in a turn', () => {
    const { hub, atOnce } = ended()
    const later = turns(hub, 1)
    expect(membersIn(atOnce)).toEqual([['member_removed', '{"user_id":1}']])
    expect(later.map(effects => leftIn(effects).length)).toEqual([1000, 1000, 501])
    expect(leftIn([...atOnce, ...later.flat()])).toEqual(['presence-x', ...names(3500)])
    expect(hub.queries.channelInfos('1001', '', new Set(), 1).map(([name]) => name)).toEqual(['presence-x'])
    expect(continueCleanup(hub.state, 1)).toEqual({ effects: [], isDone: true })
  })

  test('removes no channel to which others are subscribed, or subscribe meanwhile', () => {
    const { hub } = ended()
    put(hub, app, 's2', 'c3499')
    turns(hub, 1)
    expect([...hub.state.channels.get('1001')!.get('c3499')!.localSubscribers]).toEqual(['s2'])
  })

  test('is removed with all others when the server stops', () => {
    const { hub } = ended()
    hub.end(closes.stopped)
    expect(hub.state.pendingUnsubscribes.isEmpty).toBe(true)
    expect(continueCleanup(hub.state, 1)).toEqual({ effects: [], isDone: true })
  })
})

describe('many sockets that disconnect in one moment', () => {
  const crowd = (count: number) => names(count, 's')

  test('share the allowance for what is done at once, which grows again with time; a typical socket never waits', () => {
    const hub = hubWith(testApp(), ...crowd(40))
    for (const socketId of crowd(40)) for (const channel of names(100, `${socketId}-`)) put(hub, testApp(), socketId, channel)
    const left = (socketIds: readonly string[], nowMs: number) => socketIds.flatMap(id => leftIn(hub.closed(id, nowMs))).length
    expect(left(crowd(20), 100)).toBe(1000)
    expect(left(crowd(25).slice(20), 105)).toBe(500)
    turns(hub, 105)
    expect(hub.state.channels.get('1001')!.size).toBe(1500)
    expect(left(crowd(26).slice(25), 200)).toBe(100)
  })

  test('as the application terminates the connections of their user, are unsubscribed in turns, too', () => {
    const hub = hubWith(testApp(), ...crowd(30))
    for (const socketId of crowd(30)) {
      put(hub, testApp(), socketId, 'presence-x', '{"user_id":"u"}')
      for (const channel of names(100, `${socketId}-`)) put(hub, testApp(), socketId, channel)
    }
    const effects = hub.terminate(testApp(), 'u', 1)
    expect(effects.filter(({ type }) => type === 'close')).toHaveLength(30)
    expect(leftIn(effects).length).toBeLessThanOrEqual(unitsPerTurn)
    expect(hub.state.localSocketCounts.get('1001')).toBe(0)
    for (const turn of turns(hub, 1)) expect(leftIn(turn).length).toBeLessThanOrEqual(unitsPerTurn)
    expect(hub.state.channels.get('1001')!.size).toBe(0)
  })

  test('are unsubscribed from fewer channels in a turn where members are sent each leave', () => {
    const members = crowd(321)
    const hub = hubWith(testApp(), ...members)
    const channels = names(100, 'presence-')
    for (const socketId of members)
      for (const channel of channels) put(hub, testApp(), socketId, channel, `{"user_id":"${socketId}"}`)
    const effects = hub.closed('s0', 1)
    // Each leave costs 1 + 321 / 16 units.
    expect(leftIn(effects)).toHaveLength(48)
    expect(turns(hub, 1).map(turn => membersIn(turn).length)).toEqual([48, 4])
  })

  test('are unsubscribed from fewer channels in a turn where subscribers are sent their number', () => {
    const counting = testApp({ subscriptionCounts: true })
    const hub = hubWith(counting, ...crowd(160))
    for (const socketId of crowd(160)) for (const channel of names(100)) put(hub, counting, socketId, channel)
    expect(leftIn(hub.closed('s0', 1))).toHaveLength(91)
  })
})

describe('a user whose socket is still to be unsubscribed', () => {
  /** With one channel in a turn. */
  function world() {
    const hub = new Hub(appsOf([testApp()]), Number.POSITIVE_INFINITY, 1)
    for (const id of ['busy', 's1', 's2', 'witness']) hub.open(id, 'app-key', null, 0)
    put(hub, testApp(), 'witness', 'presence-x', '{"user_id":"w"}')
    put(hub, testApp(), 's1', 'presence-x', '{"user_id":"u"}')
    put(hub, testApp(), 'busy', 'news')
    // Takes all that may be done at once.
    hub.closed('busy', 0)
    return hub
  }
  const ids = (hub: Hub) => hub.queries.userIds('1001', 'presence-x')

  test('leaves in the next turn', () => {
    const hub = world()
    expect(membersIn(hub.closed('s1', 0))).toEqual([])
    expect(ids(hub)).toEqual(['"w"', '"u"'])
    expect(membersIn(turns(hub, 0).flat())).toEqual([['member_removed', '{"user_id":"u"}']])
    expect(ids(hub)).toEqual(['"w"'])
  })

  test('stays without interruption for all clients where it has reconnected', () => {
    const hub = world()
    hub.closed('s1', 0)
    const effects = hub.message('s2', signedSubscribing(testApp(), 's2', 'presence-x', '{"user_id":"u"}'), 0)
    expect(membersIn(effects)).toEqual([])
    expect(JSON.stringify(effects)).toContain('\\\\\\"ids\\\\\\":[\\\\\\"w\\\\\\",\\\\\\"u\\\\\\"]')
    expect(membersIn(turns(hub, 0).flat())).toEqual([])
    expect(ids(hub)).toEqual(['"w"', '"u"'])
  })

  test('is not terminated again', () => {
    const hub = world()
    hub.message('s1', signingIn(testApp(), 's1', '{"id":"u"}'), 0)
    hub.closed('s1', 0)
    expect(hub.terminate(testApp(), 'u', 0)).toEqual([])
  })
})

describe('an app that is removed while its sockets are still to be unsubscribed', () => {
  function removed() {
    const hub = hubWith(testApp(), 's1')
    hub.replica.join({ nodeId: 'n', isHandOver: false })
    for (const channel of names(1500)) put(hub, testApp(), 's1', channel)
    return { hub, effects: hub.replaceApps([], 1) }
  }

  test('is purged once the last subscription on each of its channels is replicated as ended', () => {
    const { hub, effects } = removed()
    expect(hub.state.channels.has('1001')).toBe(true)
    expect([...endedIn(effects), ...turns(hub, 1).flatMap(endedIn)]).toEqual(names(1500))
    expect(hub.state.channels.has('1001')).toBe(false)
  })

  test('keeps new subscriptions where it is added again meanwhile', () => {
    const { hub } = removed()
    hub.replaceApps([testApp()], 1)
    hub.open('s2', 'app-key', null, 1)
    put(hub, testApp(), 's2', 'c1499')
    turns(hub, 1)
    expect([...hub.state.channels.get('1001')!.keys()]).toEqual(['c1499'])
  })

  test('is purged at once where its last channel is unsubscribed with another socket that disconnects', () => {
    const other = testApp({ id: '2', key: 'two' })
    const hub = new Hub(appsOf([testApp(), other]))
    hub.open('s1', 'app-key', null, 0)
    hub.open('s2', 'two', null, 0)
    for (const channel of names(1500)) put(hub, testApp(), 's1', channel)
    hub.replaceApps([other], 1)
    expect(hub.state.channels.has('1001')).toBe(true)
    // By then the allowance for what is left at once has grown again.
    hub.closed('s2', 100)
    expect(hub.state.pendingUnsubscribes.isEmpty).toBe(true)
    const { channels, localSocketCounts, users } = hub.state
    for (const perApp of [channels, localSocketCounts, users]) expect(perApp.has('1001')).toBe(false)
  })
})
