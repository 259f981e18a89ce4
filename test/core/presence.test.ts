/** Members who leave and join again and again: what the other clients are sent. */
import { describe, expect, test } from 'bun:test'
import type { App } from '../../src/core/app.ts'
import { runDeferred } from '../../src/core/deferred.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { Hub } from '../../src/core/hub.ts'
import { userIds } from '../../src/core/query.ts'
import { applyEntries } from '../../src/core/replica.ts'
import { bytesPerSecond, maxAllowanceBytes } from '../../src/core/resubscriptions.ts'
import { testApp } from '../support/apps.ts'
import { type AnsweringHub, hubWith, put, signedSubscribing, signingIn, subscribing, unsubscribing } from '../support/core.ts'

const app = testApp()
const channel = 'presence-x'

/** What the effects say of members: `+` joined, `-` left, with the socket that is not sent it, or the only one that is. */
const members = (effects: readonly Effect[]) =>
  effects.flatMap(effect => {
    if (effect.type !== 'broadcast' && effect.type !== 'send') return []
    const { event, data } = JSON.parse(effect.frame)
    if (!/member_(added|removed)$/.test(event)) return []
    const { user_id, user_info } = JSON.parse(data)
    const what = `${event.endsWith('added') ? '+' : '-'}${user_id}${user_info === undefined ? '' : `:${user_info}`}`
    return effect.type === 'send' ? `${what} to ${effect.socketId}` : `${what} not ${effect.exceptSocketId}`
  })
const lists = (effects: readonly Effect[]) =>
  effects.flatMap(effect => {
    if (effect.type !== 'send' || !effect.frame.includes('subscription_succeeded')) return []
    return [`${effect.socketId} ${JSON.stringify(JSON.parse(JSON.parse(effect.frame).data).presence?.ids)}`]
  })
const join = (hub: Hub, socketId: string, userId: string, nowMs: number, info?: number | string) =>
  hub.message(socketId, signedSubscribing(app, socketId, channel, JSON.stringify({ user_id: userId, user_info: info })), nowMs)
const leave = (hub: Hub, socketId: string, nowMs: number) => hub.message(socketId, unsubscribing(channel), nowMs)

describe('a member that leaves and joins again and again', () => {
  /** Bob is on the channel by s1, and Ann, who has left and joined, by s2. */
  function hubWithAnn(): AnsweringHub {
    const hub = hubWith(app, 's1', 's2', 's3', 's4')
    join(hub, 's1', 'bob', 0)
    join(hub, 's2', 'ann', 0)
    expect(members(leave(hub, 's2', 100))).toEqual(['-ann not s2'])
    expect(members(join(hub, 's2', 'ann', 200))).toEqual(['+ann not s2'])
    return hub
  }

  test('is announced to the others again after a second, and only where it has left', () => {
    const hub = hubWithAnn()
    for (let i = 0; i < 10; i++) {
      expect(members(leave(hub, 's2', 300))).toEqual([])
      expect(members(join(hub, 's2', 'ann', 300))).toEqual([])
    }
    leave(hub, 's2', 300)
    expect(userIds(hub.state, '1001', channel)).toEqual(['"bob"'])
    expect(runDeferred(hub.state, 1099)).toEqual([])
    expect(members(runDeferred(hub.state, 1100))).toEqual(['-ann not undefined'])
    expect(members(join(hub, 's2', 'ann', 1200))).toEqual(['+ann not s2'])
    expect(runDeferred(hub.state, 2100)).toEqual([])
    expect(hub.state.unsettledChannels.size).toBe(0)
  })

  test('is announced by the same rule where it has a new connection each time', () => {
    const hub = hubWithAnn()
    const sent = Array.from({ length: 10 }, (_, i) => {
      const effects = [...hub.closed(`s${i + 2}`, 300), ...hub.open(`s${i + 3}`, app.key, null, 300)]
      return [...effects, ...join(hub, `s${i + 3}`, 'ann', 300)]
    })
    expect(members(sent.flat())).toEqual([])
    expect(members(runDeferred(hub.state, 1100))).toEqual([])
  })

  test('is on the list of clients that join meanwhile, which are then sent its leave', () => {
    const hub = hubWithAnn()
    leave(hub, 's2', 300)
    expect(lists(join(hub, 's3', 'cat', 400))).toEqual(['s3 ["bob","ann","cat"]'])
    expect(members(runDeferred(hub.state, 1100))).toEqual(['-ann not undefined'])
    expect(lists(join(hub, 's4', 'dan', 1200))).toEqual(['s4 ["bob","cat","dan"]'])
  })

  test('is announced again to all but its own connections where its data has changed', () => {
    const hub = hubWithAnn()
    leave(hub, 's2', 300)
    for (const socketId of ['s2', 's3']) join(hub, socketId, 'ann', 400, 7)
    join(hub, 's4', 'cat', 500)
    expect(members(runDeferred(hub.state, 1100))).toEqual(['-ann to s1', '-ann to s4', '+ann:7 to s1', '+ann:7 to s4'])
    expect(runDeferred(hub.state, 2100)).toEqual([])
  })

  test('is announced by the same rule where it is on another node', () => {
    const hub = hubWith(app, 's1')
    join(hub, 's1', 'bob', 0)
    const ann = { key: 'ann', idJson: '"ann"', infoJson: undefined }
    const say = (member: typeof ann | undefined, nowMs: number) =>
      members(applyEntries(hub.state, 'n1', [{ kind: 'member', appId: '1001', channel, key: 'ann', member }], nowMs))
    expect([say(ann, 0), say(undefined, 0), say(ann, 0)].flat()).toEqual([
      '+ann not undefined',
      '-ann not undefined',
      '+ann not undefined',
    ])
    for (let i = 0; i < 10; i++) expect([say(undefined, 500), say(ann, 500)]).toEqual([[], []])
    expect(say(undefined, 500)).toEqual([])
    expect(members(runDeferred(hub.state, 1000))).toEqual(['-ann not undefined'])
  })

  test('is no longer announced once its channel is removed', () => {
    const hub = hubWithAnn()
    leave(hub, 's2', 300)
    leave(hub, 's1', 300)
    expect(hub.state.unsettledChannels.size).toBe(0)
    expect(lists(join(hub, 's3', 'cat', 400))).toEqual(['s3 ["cat"]'])
    expect(runDeferred(hub.state, 5000)).toEqual([])
  })

  test('is no longer announced once the server has stopped', () => {
    const hub = hubWithAnn()
    hub.end({ code: 1001, reason: 'Server is stopping' })
    expect(hub.state.unsettledChannels.size).toBe(0)
    expect(runDeferred(hub.state, 5000)).toEqual([])
  })
})

describe('a user who signs in with one connection after another', () => {
  const online = (effects: readonly Effect[]) =>
    effects.flatMap(effect => {
      if (effect.type !== 'send' || !effect.frame.includes('watchlist_events')) return []
      const { events } = JSON.parse(JSON.parse(effect.frame).data) as { events: { name: string; user_ids: string[] }[] }
      return events.map(({ name, user_ids }) => `${effect.socketId} ${name} ${user_ids}`)
    })
  const signIn = (hub: Hub, socketId: string, id: string, watchlist: string[], nowMs: number) => {
    if (!hub.state.sockets.has(socketId)) hub.open(socketId, app.key, null, nowMs)
    return online(hub.message(socketId, signingIn(app, socketId, JSON.stringify({ id, watchlist })), nowMs))
  }

  test('is announced to its watchers by the same rule', () => {
    const hub = hubWith(app)
    signIn(hub, 's1', 'bob', ['ann'], 0)
    expect(signIn(hub, 's2', 'ann', [], 0)).toEqual(['s1 online ann'])
    expect(online(hub.closed('s2', 100))).toEqual(['s1 offline ann'])
    expect(signIn(hub, 's2', 'ann', [], 200)).toEqual(['s1 online ann'])
    for (let i = 0; i < 10; i++) {
      expect(online(hub.closed('s2', 300))).toEqual([])
      expect(signIn(hub, 's2', 'ann', ['ann'], 300)).toEqual(['s2 online ann'])
    }
    expect(online(hub.closed('s2', 400))).toEqual([])
    expect(signIn(hub, 's3', 'cat', ['ann'], 500)).toEqual(['s3 online ann'])
    expect(runDeferred(hub.state, 1099)).toEqual([])
    expect(online(runDeferred(hub.state, 1100))).toEqual(['s1 offline ann', 's3 offline ann'])
    expect(signIn(hub, 's4', 'dan', ['ann'], 1200)).toEqual(['s4 offline ann'])
    expect(runDeferred(hub.state, 2100)).toEqual([])
    expect(hub.state.unsettledUsers.size).toBe(0)
  })

  test('is not announced again where it is online in the end', () => {
    const hub = hubWith(app)
    signIn(hub, 's1', 'bob', ['ann'], 0)
    for (let i = 0; i < 3; i++) {
      signIn(hub, 's2', 'ann', [], 0)
      hub.closed('s2', 0)
    }
    signIn(hub, 's2', 'ann', [], 0)
    expect(runDeferred(hub.state, 1000)).toEqual([])
  })

  test('is announced by the same rule where it is on another node', () => {
    const hub = hubWith(app)
    signIn(hub, 's1', 'bob', ['ann'], 0)
    const say = (isHere: boolean) =>
      online(applyEntries(hub.state, 'n1', [{ kind: 'user', appId: '1001', userId: 'ann', isHere }], 0))
    expect([say(true), say(false), say(true), say(false), say(true), say(false)].flat()).toEqual([
      's1 online ann',
      's1 offline ann',
      's1 online ann',
    ])
    expect(online(runDeferred(hub.state, 1000))).toEqual(['s1 offline ann'])
  })
})

describe('a socket that subscribes again and again', () => {
  const info = 'x'.repeat(5000)

  /** Full of members: their list has about so many bytes. */
  function fullHub(bytes: number, of: App = app): AnsweringHub {
    const hub = hubWith(of, 's1', 's2')
    for (let i = 0; i * info.length < bytes; i++) {
      hub.open(`m${i}`, of.key, null, 0)
      put(hub, of, `m${i}`, channel, JSON.stringify({ user_id: `m${i}`, user_info: info }))
    }
    return hub
  }
  const listBytes = 200_000
  /** A time at which a socket that opened at 0 has its largest allowance. */
  const t = (maxAllowanceBytes / bytesPerSecond) * 1000
  /** How many subscriptions to a channel that it is on, or has just left, are answered at once then. */
  const answered = Math.ceil(maxAllowanceBytes / listBytes)

  test.each([
    ['without leaving', () => {}],
    ['after leaving', (hub: Hub, nowMs: number) => void leave(hub, 's1', nowMs)],
  ])('%s is answered at once only so often, and then as its allowance grows', (_, between) => {
    const hub = fullHub(listBytes)
    expect(lists(join(hub, 's1', 'ann', t))).toHaveLength(1)
    const again = () => {
      between(hub, t)
      return lists(join(hub, 's1', 'ann', t)).length
    }
    const counts = Array.from({ length: answered + 20 }, again)
    const atOnce = counts.filter(count => count === 1).length
    expect(atOnce).toBeGreaterThan(answered * 0.8)
    expect(atOnce).toBeLessThanOrEqual(answered)
    expect(counts.indexOf(0)).toBe(atOnce)
    const late = new Set(hub.refused.map(({ refusal, about }) => `${refusal} ${about}`))
    expect([...late]).toEqual([`subscription-repeat ${channel}`])
    let bytes = 0
    for (let nowMs = t + 100; nowMs <= t + 2000; nowMs += 100) {
      between(hub, nowMs)
      const effects = [...join(hub, 's1', 'ann', nowMs), ...runDeferred(hub.state, nowMs)]
      for (const effect of effects) if (effect.type === 'send') bytes += effect.frame.length
    }
    expect(bytes).toBeGreaterThan(bytesPerSecond)
    expect(bytes).toBeLessThan(2 * bytesPerSecond + 2 * listBytes)
  })

  test('is subscribed when it is answered, once, and delays no other socket', () => {
    const hub = fullHub(listBytes)
    join(hub, 's1', 'ann', t)
    for (let i = 0; i < answered + 5; i++) {
      leave(hub, 's1', t)
      join(hub, 's1', 'ann', t)
    }
    const { subscriptions } = hub.state.sockets.get('s1')!
    expect(subscriptions.has(channel)).toBe(false)
    expect(lists(join(hub, 's2', 'bob', t))).toHaveLength(1)
    expect(lists(runDeferred(hub.state, t + 1000))).toEqual([expect.stringMatching(/^s1 .*"ann"/)])
    expect(subscriptions.has(channel)).toBe(true)
    expect(runDeferred(hub.state, t + 9000)).toEqual([])
    expect(lists(join(hub, 's1', 'ann', t + 9000))).toHaveLength(1)
  })

  test('is not subscribed where it unsubscribes meanwhile, or disconnects', () => {
    const hub = fullHub(listBytes)
    for (const socketId of ['s1', 's2']) {
      join(hub, socketId, socketId, t)
      for (let i = 0; i < answered + 5; i++) {
        leave(hub, socketId, t)
        join(hub, socketId, socketId, t)
      }
    }
    leave(hub, 's1', t)
    hub.closed('s2', t)
    expect(lists(runDeferred(hub.state, t + 5000))).toEqual([])
    expect(hub.state.channels.get('1001')!.get(channel)!.localSubscribers.has('s1')).toBe(false)
  })

  test('is not subscribed where the application terminates the connections of its user meanwhile', () => {
    const hub = fullHub(listBytes)
    for (const [socketId, userId] of [
      ['s1', 'ann'],
      ['s2', 'bob'],
    ] as const) {
      for (let i = 0; i < answered + 5; i++) {
        leave(hub, socketId, t)
        join(hub, socketId, userId, t)
      }
      expect(hub.state.sockets.get(socketId)!.subscriptions.has(channel)).toBe(false)
    }
    const closed = hub.terminate(app, 'ann', t).flatMap(effect => (effect.type === 'close' ? [effect.socketId] : []))
    expect(closed).toEqual(['s1'])
    expect(lists(runDeferred(hub.state, t + 5000))).toEqual([expect.stringMatching(/^s2 .*"bob"/)])
  })

  test('is not terminated for a user of another application', () => {
    const other = testApp({ id: '1002', key: 'other-key', secret: 'other-secret' })
    const hub = fullHub(listBytes)
    for (let i = 0; i < answered + 5; i++) {
      leave(hub, 's1', t)
      join(hub, 's1', 'ann', t)
    }
    expect(hub.terminate(other, 'ann', t)).toEqual([])
  })

  test('is not subscribed once the server has stopped', () => {
    const hub = fullHub(listBytes)
    for (let i = 0; i < answered + 5; i++) join(hub, 's1', 'ann', t)
    hub.end({ code: 1001, reason: 'Server is stopping' })
    expect(runDeferred(hub.state, t + 5000)).toEqual([])
  })

  test('is refused where the channel is full by then', () => {
    const small = testApp({ limits: { presenceMembers: 41 } })
    const hub = fullHub(listBytes, small)
    const joining = (socketId: string, userId: string) =>
      hub.message(socketId, signedSubscribing(small, socketId, channel, JSON.stringify({ user_id: userId })), t)
    joining('s1', 'ann')
    for (let i = 0; i < answered + 5; i++) {
      leave(hub, 's1', t)
      joining('s1', 'ann')
    }
    joining('s2', 'bob')
    const effects = runDeferred(hub.state, t + 1000).filter(effect => effect.type !== 'broadcast')
    expect(effects.map(effect => effect.type)).toEqual(['refused', 'send', 'send'])
    expect(JSON.stringify(effects)).toContain('The channel is full: it can have 41 members at most.')
  })

  test('counts for the limit of channels while it waits', () => {
    const small = testApp({ limits: { channelsPerSocket: 3 } })
    const hub = hubWith(small, 's1')
    hub.publish(small, { name: 'e', data: 'x'.repeat(maxAllowanceBytes), channels: ['cache-x'], exceptSocketId: undefined }, 0)
    const entering = (name: string) =>
      hub.message('s1', signedSubscribing(small, 's1', name), t).map(({ type }) => (type === 'send' ? 'sent' : type))
    // Its allowance is used up, and it waits for two channels, of which it is on one already.
    entering('cache-y')
    for (let i = 0; i < 3; i++) entering('cache-x')
    hub.message('s1', unsubscribing('cache-y'), t)
    expect(entering('cache-y')).toEqual([])
    expect(entering('news')).toContain('subscribe')
    expect(hub.message('s1', subscribing({ channel: 'sports' }), t)).toContainEqual(
      expect.objectContaining({ type: 'send', frame: expect.stringContaining('A connection can be on 3 channels at most.') }),
    )
    expect(entering('cache-y')).toEqual([])
    for (const seconds of [60, 120]) runDeferred(hub.state, t + seconds * 1000)
    const { subscriptions } = hub.state.sockets.get('s1')!
    expect(['cache-x', 'cache-y', 'news'].map(name => subscriptions.has(name))).toEqual([true, true, true])
  })

  test('is charged on a cache channel for the event that it is sent', () => {
    const hub = hubWith(app, 's1')
    hub.publish(app, { name: 'e', data: 'x'.repeat(100_000), channels: ['cache-x'], exceptSocketId: undefined }, 0)
    const events = Array.from({ length: 40 }, () => {
      hub.message('s1', unsubscribing('cache-x'), t)
      return hub.message('s1', signedSubscribing(app, 's1', 'cache-x'), t).filter(effect => effect.type === 'send').length
    })
    expect(events.filter(count => count === 2).length).toBe(1 + Math.ceil(maxAllowanceBytes / 100_100))
    expect(events.at(-1)).toBe(0)
    expect(runDeferred(hub.state, t + 1000).filter(effect => effect.type === 'send')).toHaveLength(2)
  })

  test('never waits on a hundred channels in one turn, as with a page that navigates', () => {
    const hub = hubWith(app, 's1')
    const channels = Array.from({ length: 100 }, (_, i) => `presence-${i}`)
    for (let i = 0; i < 50; i++) {
      hub.open(`m${i}`, app.key, null, 0)
      for (const name of channels)
        put(hub, app, `m${i}`, name, JSON.stringify({ user_id: i, user_info: { name: `Member ${i}` } }))
    }
    const enter = (name: string) => lists(hub.message('s1', signedSubscribing(app, 's1', name, '{"user_id":"ann"}'), t)).length
    expect(channels.map(enter).every(count => count === 1)).toBe(true)
    for (const name of channels) hub.message('s1', unsubscribing(name), t)
    expect(channels.map(enter).every(count => count === 1)).toBe(true)
  })

  test('is answered each time on channels that are neither presence nor cache channels', () => {
    const hub = hubWith(app, 's1')
    for (const name of ['news', 'private-x']) {
      for (let i = 0; i < 50_000; i += 1000) {
        hub.message('s1', unsubscribing(name), t)
        expect(lists(hub.message('s1', signedSubscribing(app, 's1', name), 0))).toHaveLength(1)
      }
    }
    expect(hub.refused).toEqual([])
  })
})
