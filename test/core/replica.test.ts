import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { Hub } from '../../src/core/hub.ts'
import { lastEvent } from '../../src/core/last-events.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'

const app = testApp()

describe('a node', () => {
  test('replicates its changes while it is in a cluster', () => {
    const hub = hubWith(app)
    const replicated = (socketId: string) =>
      hub.open(socketId, app.key, null, 1).filter(({ type }) => type === 'replicate').length
    expect(replicated('1.1')).toBe(0)
    hub.replica.join({ nodeId: 'n', isHandOver: false })
    expect(replicated('2.2')).toBe(1)
    hub.replica.leave()
    expect(replicated('3.3')).toBe(0)
  })

  test('has users terminated on the other nodes while it is in a cluster', () => {
    const hub = hubWith(app)
    expect(hub.terminate(app, '7', 1)).toEqual([])
    hub.replica.join({ nodeId: 'n', isHandOver: false })
    expect(hub.terminate(app, '7', 1)).toEqual([{ type: 'terminate', appId: '1001', userId: '7' }])
  })

  test('closes the connections of a user that another node has terminated, of an app that it has, and tells no other node', () => {
    const hub = hubWith(app, '1.1', '2.2')
    hub.replica.join({ nodeId: 'n', isHandOver: false })
    put(hub, app, '1.1', 'presence-x', '{"user_id":"7"}')
    const closed = (appId: string) =>
      hub.replica
        .terminate(appId, '7', 1)
        .flatMap(effect => (effect.type === 'close' || effect.type === 'terminate' ? [effect.type] : []))
    expect(closed('9')).toEqual([])
    expect(closed('1001')).toEqual(['close'])
  })
})

describe('the last events of cache channels', () => {
  const ttlMs = app.cache.ttlSeconds * 1000
  const publish = (hub: Hub, channel: string, data: string, nowMs = 0) =>
    hub.publish(app, { name: 'e', data, channels: [channel], exceptSocketId: undefined }, nowMs)
  const cached = (hub: Hub, channel: string, nowMs: number) => {
    const frame = lastEvent(hub.state, '1001', channel, nowMs)
    return frame === undefined ? undefined : JSON.parse(frame).data
  }
  /** Another node sends its last events to one that has connected at that time. */
  const send = (from: Hub, to: Hub, nowMs: number, connectedAtMs: number) =>
    to.replica.applyPart(
      'n2',
      { part: 0, hasMore: false, entries: [], kept: from.replica.cachedEvents(nowMs) },
      nowMs,
      connectedAtMs,
    )

  test('are sent to other nodes with the time that is left', () => {
    const [here, there] = [new Hub(appsOf([app])), new Hub(appsOf([app]))]
    for (const channel of ['cache-x', 'cache-y']) publish(here, channel, 'e')
    expect(here.replica.cachedEvents(60_000).map(({ topic, leftMs }) => [topic, leftMs])).toEqual([
      ['1001/cache-x', ttlMs - 60_000],
      ['1001/cache-y', ttlMs - 60_000],
    ])
    send(here, there, 60_000, 60_000)
    expect([cached(there, 'cache-y', ttlMs - 1), cached(there, 'cache-y', ttlMs)]).toEqual(['e', undefined])
    expect(here.replica.cachedEvents(ttlMs)).toEqual([])
  })

  test('replace an earlier one that a node has from before it was cut off', () => {
    const [here, there] = [new Hub(appsOf([app])), new Hub(appsOf([app]))]
    publish(there, 'cache-x', 'old', 1000)
    publish(here, 'cache-x', 'missed', 5000)
    send(here, there, 10_000, 9000)
    expect(cached(there, 'cache-x', 10_000)).toBe('missed')
  })

  test('do not replace a later one that arrived before the node was cut off', () => {
    const [here, there] = [new Hub(appsOf([app])), new Hub(appsOf([app]))]
    publish(here, 'cache-x', 'old', 1000)
    publish(there, 'cache-x', 'new', 5000)
    send(here, there, 10_000, 9000)
    expect(cached(there, 'cache-x', 10_000)).toBe('new')
  })

  test('do not replace one that has arrived since the node connected, however long the snapshot was under way', () => {
    const [here, there] = [new Hub(appsOf([app])), new Hub(appsOf([app]))]
    publish(here, 'cache-x', 'old', 1000)
    const kept = here.replica.cachedEvents(1000)
    publish(there, 'cache-x', 'new', 1500)
    there.replica.applyPart('n2', { part: 0, hasMore: false, entries: [], kept }, 9000, 1200)
    expect(cached(there, 'cache-x', 9000)).toBe('new')
  })

  test('expire with those of this node, whatever another node says, and are ignored where they are of another app', () => {
    const hub = new Hub(appsOf([app]))
    const kept = ['1001', '9'].map(appId => ({ topic: `${appId}/cache-x`, frame: '{"event":"e","data":1}', leftMs: 1e12 }))
    hub.replica.applyPart('n2', { part: 0, hasMore: false, entries: [], kept }, 0, 0)
    expect([cached(hub, 'cache-x', ttlMs - 1), cached(hub, 'cache-x', ttlMs)]).toEqual([1, undefined])
    expect(hub.replica.cachedEvents(0)).toHaveLength(1)
  })
})

describe('an event of another node', () => {
  test('is relevant for a node with a subscriber, or where it is cached', () => {
    const hub = hubWith(app, 's1')
    put(hub, app, 's1', 'news')
    hub.replica.apply('n2', [{ kind: 'subscriptions', appId: '1001', channel: 'elsewhere', count: 1 }], 1)
    const topics = ['1001/news', '1001/elsewhere', '1001/nowhere', '1001/cache-x', '9/news']
    expect(topics.filter(topic => hub.replica.isRelevant(topic))).toEqual(['1001/news', '1001/cache-x'])
  })

  test('is delivered to the subscribers of this node alone', () => {
    const hub = hubWith(app, 's1')
    expect(hub.replica.deliver({ topic: '1001/news', frame: '{"event":"e"}', exceptSocketId: 's9' }, 1)).toEqual([
      { type: 'broadcast', topic: '1001/news', frame: '{"event":"e"}', exceptSocketId: 's9', scope: 'node' },
    ])
  })

  test('is delivered and not cached where it is late', () => {
    const hub = hubWith(app, 's1')
    const event = { topic: '1001/cache-x', frame: '{"event":"e"}', exceptSocketId: undefined }
    expect(hub.replica.deliverLate(event)).toEqual([{ type: 'broadcast', ...event, scope: 'node' }])
    expect(lastEvent(hub.state, '1001', 'cache-x', 1)).toBeUndefined()
    expect(hub.replica.deliverLate({ ...event, topic: '9/cache-x' })).toEqual([])
  })

  test('is cached on cache channels, unless it is a client event', () => {
    const hub = new Hub(appsOf([app]))
    const relay = (name: string) =>
      hub.replica.deliver({ topic: '1001/cache-x', frame: `{"event":"${name}"}`, exceptSocketId: undefined }, 1)
    relay('e')
    relay('client-x')
    expect(lastEvent(hub.state, '1001', 'cache-x', 1)).toBe('{"event":"e"}')
  })

  test('is not cached where it is no frame, or of an app that this node does not have', () => {
    const hub = new Hub(appsOf([app]))
    for (const frame of ['', '{', 'null', '[]', '{}', '{"event":1}'])
      expect(hub.replica.deliver({ topic: '1001/cache-x', frame, exceptSocketId: undefined }, 1)).toHaveLength(1)
    hub.replica.cache({ topic: '9/cache-x', frame: '{"event":"e"}' }, 1)
    expect(lastEvent(hub.state, '1001', 'cache-x', 1)).toBeUndefined()
    expect(hub.replica.cachedEvents(1)).toEqual([])
  })
})
