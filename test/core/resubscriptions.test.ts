import { describe, expect, test } from 'bun:test'
import type { App } from '../../src/core/app.ts'
import { runDeferred } from '../../src/core/deferred.ts'
import type { Hub } from '../../src/core/hub.ts'
import {
  bytesPerSecond,
  initialAllowanceBytes,
  maxAllowanceBytes,
  Resubscriptions,
  repeatWindowMs,
} from '../../src/core/resubscriptions.ts'
import { testApp } from '../support/apps.ts'
import { type AnsweringHub, hubWith, put, signedSubscribing, subscribing, unsubscribing } from '../support/core.ts'
import { app, channel, join, leave, lists } from '../support/presence.ts'

const s1 = { id: 's1', openedAtMs: 0 }
/** From when on the allowance is at its largest. */
const fullMs = ((maxAllowanceBytes - initialAllowanceBytes) / bytesPerSecond) * 1000
const due = (resubscriptions: Resubscriptions, nowMs: number, bytes = 0) =>
  Array.from(resubscriptions.due(nowMs), ({ socketId, channel }) => {
    resubscriptions.charge(socketId, bytes)
    return `${socketId} ${channel}`
  })

describe('a channel from which a socket has unsubscribed', () => {
  test('is a repeat for ten seconds, for that socket alone', () => {
    const resubscriptions = new Resubscriptions()
    resubscriptions.unsubscribed('s1', 'a', 0)
    expect(resubscriptions.isRepeat('s1', 'a', repeatWindowMs - 1)).toBe(true)
    expect(resubscriptions.isRepeat('s1', 'b', 0)).toBe(false)
    expect(resubscriptions.isRepeat('s2', 'a', 0)).toBe(false)
    expect(resubscriptions.isRepeat('s1', 'a', repeatWindowMs)).toBe(false)
    resubscriptions.expire(repeatWindowMs)
    expect(resubscriptions.isRepeat('s1', 'a', 0)).toBe(false)
  })
})

describe('the allowance of a socket', () => {
  const admits = (resubscriptions: Resubscriptions, nowMs: number, socket = s1) =>
    resubscriptions.admit(socket, 'a', undefined, nowMs)

  test('is small at first, and then grows', () => {
    const resubscriptions = new Resubscriptions()
    expect(admits(resubscriptions, 0)).toBe(true)
    resubscriptions.charge('s1', initialAllowanceBytes + bytesPerSecond)
    expect(admits(resubscriptions, 500)).toBe(false)
    expect(due(resubscriptions, 1000)).toEqual([])
    expect(due(resubscriptions, 1001)).toEqual(['s1 a'])
  })

  test('grows from the time the socket opens, up to a maximum', () => {
    const resubscriptions = new Resubscriptions()
    for (let bytes = 0; bytes < maxAllowanceBytes; bytes += maxAllowanceBytes / 8) {
      expect(admits(resubscriptions, 3_600_000)).toBe(true)
      resubscriptions.charge('s1', maxAllowanceBytes / 8)
    }
    expect(admits(resubscriptions, 3_600_000)).toBe(false)
    expect(admits(resubscriptions, 3_600_000, { id: 's2', openedAtMs: 3_600_000 })).toBe(true)
  })

  test('grows again after it was used', () => {
    const resubscriptions = new Resubscriptions()
    for (const nowMs of [fullMs, 10 * fullMs]) {
      expect(admits(resubscriptions, nowMs)).toBe(true)
      resubscriptions.charge('s1', maxAllowanceBytes - 1)
      expect(admits(resubscriptions, nowMs)).toBe(true)
      resubscriptions.charge('s1', 1)
      expect(admits(resubscriptions, nowMs)).toBe(false)
      resubscriptions.cancel('s1', 'a')
      expect(due(resubscriptions, 9 * fullMs)).toEqual([])
    }
  })
})

describe('subscriptions that wait', () => {
  function waiting(...channels: string[]): Resubscriptions {
    const resubscriptions = new Resubscriptions()
    resubscriptions.admit(s1, 'first', undefined, 0)
    resubscriptions.charge('s1', initialAllowanceBytes)
    for (const channel of channels) expect(resubscriptions.admit(s1, channel, undefined, 0)).toBe(false)
    return resubscriptions
  }

  test('are completed one after the other, as far as the allowance goes', () => {
    const resubscriptions = waiting('a', 'b', 'c')
    expect(resubscriptions.isRepeat('s1', 'a', repeatWindowMs)).toBe(true)
    expect(due(resubscriptions, 125, bytesPerSecond / 4)).toEqual(['s1 a'])
    expect(resubscriptions.isRepeat('s1', 'a', repeatWindowMs)).toBe(false)
    expect(due(resubscriptions, 200)).toEqual([])
    expect(due(resubscriptions, 500, bytesPerSecond / 16)).toEqual(['s1 b', 's1 c'])
    expect(due(resubscriptions, 600)).toEqual([])
  })

  test('are one for each channel, the last one', () => {
    const resubscriptions = waiting('a', 'b')
    const member = { key: '1', idJson: '1', infoJson: undefined }
    expect(resubscriptions.admit(s1, 'a', member, 0)).toBe(false)
    expect([...resubscriptions.due(1000)]).toEqual([
      { socketId: 's1', channel: 'a', member },
      { socketId: 's1', channel: 'b', member: undefined },
    ])
  })

  test('are not overtaken by a later one', () => {
    const resubscriptions = waiting('a')
    expect(resubscriptions.admit(s1, 'b', undefined, 1000)).toBe(false)
    expect(due(resubscriptions, 1000)).toEqual(['s1 a', 's1 b'])
    expect(resubscriptions.admit(s1, 'c', undefined, 1000)).toBe(true)
  })

  test('are discarded when the socket unsubscribes, or disconnects', () => {
    const resubscriptions = waiting('a', 'b')
    resubscriptions.cancel('s1', 'a')
    resubscriptions.cancel('s2', 'a')
    expect(due(resubscriptions, 100, bytesPerSecond)).toEqual(['s1 b'])
    expect(resubscriptions.admit(s1, 'a', undefined, 100)).toBe(false)
    resubscriptions.remove('s1')
    expect(due(resubscriptions, 9000)).toEqual([])
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
