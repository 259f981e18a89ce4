import { describe, expect, test } from 'bun:test'
import { encode } from '../../src/cluster/envelope.ts'
import { TestCluster } from '../support/cluster.ts'
import { cachedEvent, recordMessages, view } from '../support/cluster-view.ts'
import { signingIn } from '../support/core.ts'

describe('in an outage of the backplane', () => {
  /** Three nodes with a subscriber each, and the events that each subscriber has received. */
  function withSubscriber() {
    const cluster = new TestCluster('a', 'b', 'c')
    for (const id of ['a', 'b', 'c']) {
      cluster.node(id).open(`s-${id}`)
      cluster.node(id).join(`s-${id}`, 'news')
    }
    cluster.advance()
    const events = (id: string) =>
      cluster
        .node(id)
        .received.get(`s-${id}`)!
        .flatMap(frame => (JSON.parse(frame).event === 'e' ? [JSON.parse(frame).data] : []))
    /** Disconnects all nodes. Messages in flight are lost. */
    const disconnect = () => {
      cluster.inFlight.length = 0
      for (const node of cluster.nodes.values()) node.cluster.onDisconnected()
    }
    return { cluster, events, disconnect }
  }

  test('events are queued until every peer is back, and are delivered to each once, in order', () => {
    const { cluster, events, disconnect } = withSubscriber()
    cluster.node('a').publish('news', '0')
    cluster.deliver()
    disconnect()
    for (const data of ['1', '2', '3']) cluster.node('a').publish('news', data)
    cluster.advance(30)
    expect([events('b'), view(cluster.node('b')).connections]).toEqual([['0'], 3])
    cluster.node('a').cluster.onConnected(cluster.nowMs)
    cluster.node('b').cluster.onConnected(cluster.nowMs)
    cluster.advance(3)
    cluster.node('a').publish('news', '4')
    cluster.deliver()
    expect(events('b')).toEqual(['0'])
    cluster.node('c').cluster.onConnected(cluster.nowMs)
    cluster.deliver()
    for (const id of ['a', 'b', 'c']) expect(events(id)).toEqual(['0', '1', '2', '3', '4'])
  })

  test('events wait no longer for a peer that has timed out', () => {
    const { cluster, events, disconnect } = withSubscriber()
    disconnect()
    cluster.node('a').publish('news', '1')
    cluster.kill('c')
    for (const id of ['a', 'b']) cluster.node(id).cluster.onConnected(cluster.nowMs)
    cluster.advance(7)
    expect(events('b')).toEqual([])
    cluster.advance(2)
    expect(events('b')).toEqual(['1'])
  })

  test('events do not wait for a node that has never been verified', () => {
    const { cluster, events, disconnect } = withSubscriber()
    const { cluster: a } = cluster.node('a')
    a.receive(
      encode({ node: 'ghost', number: 1, epoch: 1, body: { type: 'heartbeat', sequence: 1, from: 1 } }, 'key'),
      cluster.nowMs,
    )
    disconnect()
    cluster.node('a').publish('news', '1')
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance(1)
    expect(events('b')).toEqual(['1'])
  })

  test('events wait no longer for a peer that sends heartbeats but has answered no request until its timeout', () => {
    const { cluster, events } = withSubscriber()
    cluster.node('a').cluster.onDisconnected()
    cluster.cutLinks.add('a c')
    cluster.node('a').cluster.onConnected(cluster.nowMs)
    cluster.node('a').publish('news', '1')
    cluster.advance(9)
    expect(events('b')).toEqual(['1'])
  })

  test('events wait no longer for a crashed peer whose heartbeats are replayed', () => {
    const { cluster, events } = withSubscriber()
    const heartbeats = recordMessages(cluster, 'c', 'heartbeat')
    cluster.node('a').cluster.onDisconnected()
    cluster.isolate('a')
    cluster.advance(60)
    cluster.kill('c')
    cluster.advance(10)
    cluster.cutLinks.clear()
    cluster.node('a').cluster.onConnected(cluster.nowMs)
    cluster.node('a').publish('news', '1')
    for (let second = 0; second < 9; second++) {
      cluster.inFlight.push({ from: 'x', text: heartbeats.shift()! })
      cluster.advance(1)
    }
    expect(events('b')).toEqual(['1'])
  })

  test('thousands of events are delivered in order, whichever node connects first', () => {
    const { cluster, events, disconnect } = withSubscriber()
    disconnect()
    const all = Array.from({ length: 3000 }, (_, i) => String(i))
    for (const data of all) cluster.node('a').publish('news', data)
    for (const id of ['b', 'c', 'a']) {
      cluster.node(id).cluster.onConnected(cluster.nowMs)
      cluster.deliver()
      cluster.nowMs += 500
    }
    cluster.advance(5)
    for (const id of ['a', 'b', 'c']) expect(events(id)).toEqual(all)
  })

  test('events of a node that starts meanwhile are delivered to the nodes that it discovers', () => {
    const { cluster, events, disconnect } = withSubscriber()
    disconnect()
    cluster.kill('a')
    const fresh = cluster.start('a', { isUp: false })
    fresh.publish('news', '1')
    for (const id of ['b', 'c', 'a']) cluster.node(id).cluster.onConnected(cluster.nowMs)
    cluster.deliver()
    expect([events('b'), events('c')]).toEqual([['1'], ['1']])
  })

  test('two nodes publish to a cache channel, of which all cache the same event afterwards', () => {
    const { cluster, disconnect } = withSubscriber()
    disconnect()
    cluster.node('a').publish('cache-x', '1')
    cluster.node('b').publish('cache-x', '2')
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    expect(cachedEvent(cluster, 'a')).toBe(cachedEvent(cluster, 'b'))
    expect(cachedEvent(cluster, 'c')).toBe(cachedEvent(cluster, 'b'))
  })

  test('events that were in flight are sent again, and delivered where they had not arrived', () => {
    const { cluster, events, disconnect } = withSubscriber()
    for (const data of ['1', '2', '3']) cluster.node('a').publish('news', data)
    for (const { text } of cluster.inFlight.slice(0, 2)) cluster.node('b').receive(text)
    disconnect()
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    for (const id of ['a', 'b', 'c']) expect(events(id)).toEqual(['1', '2', '3'])
    expect(cluster.node('b').cluster.counters).toEqual({ forged: 0, unsupported: 0, malformed: 0, replayed: 0, dropped: 0 })
  })

  test('events whose echo has arrived are sent again where they may not have arrived elsewhere, once to each node', () => {
    const { cluster, events, disconnect } = withSubscriber()
    cluster.node('a').publish('news', '1')
    cluster.deliver()
    cluster.advance(6)
    for (const data of ['2', '3']) cluster.node('a').publish('news', data)
    // The backplane fails before it has delivered them to every node.
    for (const { text } of cluster.inFlight) for (const id of ['a', 'c']) cluster.node(id).receive(text)
    const sent = recordMessages(cluster, 'a', 'event')
    disconnect()
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    for (const id of ['a', 'b', 'c']) expect(events(id)).toEqual(['1', '2', '3'])
    expect(sent).toHaveLength(2)
    for (const id of ['a', 'b', 'c']) expect(cluster.node(id).cluster.counters).toMatchObject({ replayed: 0, dropped: 0 })
  })

  test('events that are sent again are not delivered by a node that starts meanwhile: its clients may have received them elsewhere', () => {
    const { cluster, disconnect } = withSubscriber()
    cluster.node('a').publish('news', '1')
    cluster.deliver()
    disconnect()
    cluster.node('a').publish('news', '2')
    const late = cluster.start('d', { isUp: false })
    late.open('s-d')
    late.join('s-d', 'news')
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    expect(late.received.get('s-d')!.flatMap(frame => (JSON.parse(frame).event === 'e' ? [JSON.parse(frame).data] : []))).toEqual(
      ['2'],
    )
  })

  test('a node does not cache an event again that is sent again', () => {
    const { cluster, disconnect } = withSubscriber()
    cluster.node('a').publish('cache-x', '1')
    cluster.deliver()
    cluster.node('b').publish('cache-x', '2')
    cluster.deliver()
    disconnect()
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    for (const id of ['a', 'b', 'c']) expect(JSON.parse(cachedEvent(cluster, id)!).data).toBe('2')
  })

  test('a node that has missed an event caches it when it is sent again, also where it has cached a later one', () => {
    const { cluster, disconnect } = withSubscriber()
    cluster.cutLinks.add('a c')
    cluster.node('a').publish('cache-x', '1')
    cluster.deliver()
    disconnect()
    cluster.cutLinks.clear()
    cluster.node('b').publish('cache-x', '2')
    for (const id of ['b', 'c', 'a']) cluster.node(id).cluster.onConnected(cluster.nowMs)
    cluster.node('b').cluster.beginLeave(cluster.nowMs)
    cluster.advance()
    expect(['a', 'b', 'c'].map(id => JSON.parse(cachedEvent(cluster, id)!).data)).toEqual(['2', '2', '1'])
  })

  test('a node that leaves in an outage does not count events as dropped that were acknowledged before', () => {
    const { cluster, disconnect } = withSubscriber()
    cluster.node('a').publish('news', '1')
    cluster.deliver()
    disconnect()
    cluster.node('a').publish('news', '2')
    cluster.node('a').cluster.leave(cluster.nowMs)
    expect(cluster.node('a').cluster.counters.dropped).toBe(1)
  })

  test('events that wait for their node to answer, and are sent again after another outage, are delivered', () => {
    const { cluster, events, disconnect } = withSubscriber()
    disconnect()
    for (const data of ['1', '2', '3']) cluster.node('a').publish('news', data)
    // No request of b arrives at a, which does not wait for it.
    cluster.cutLinks.add('b a')
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.node('a').cluster.beginLeave(cluster.nowMs)
    cluster.deliver()
    expect([events('b'), events('c')]).toEqual([[], ['1', '2', '3']])
    disconnect()
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.node('a').cluster.beginLeave(cluster.nowMs)
    cluster.deliver()
    cluster.cutLinks.clear()
    cluster.advance()
    for (const id of ['a', 'b', 'c']) expect(events(id)).toEqual(['1', '2', '3'])
  })

  test('an event is sent again where its echo came right before an outage, however long it had been queued', () => {
    const { cluster, events, disconnect } = withSubscriber()
    disconnect()
    cluster.node('a').publish('news', '1')
    cluster.isolate('a')
    cluster.advance(60)
    cluster.node('a').cluster.onConnected(cluster.nowMs)
    cluster.advance(10)
    expect([events('a'), events('b'), cluster.node('a').cluster.pace(cluster.nowMs).events]).toEqual([['1'], [], 0])
    disconnect()
    cluster.cutLinks.clear()
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    for (const id of ['a', 'b', 'c']) expect(events(id)).toEqual(['1'])
  })

  test('an event is sent again after each of two outages that follow each other, before a node has received it', () => {
    const { cluster, events, disconnect } = withSubscriber()
    cluster.node('a').publish('news', '1')
    for (let outage = 0; outage < 2; outage++) {
      // The backplane fails before it has delivered the event to c.
      cluster.onSend = ({ text }) => void (text.includes('"event"') && cluster.cutLinks.add('a c'))
      for (const { text } of cluster.inFlight) for (const id of ['a', 'b']) cluster.node(id).receive(text)
      disconnect()
      for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
      cluster.deliver()
      expect([events('b'), events('c')]).toEqual([['1'], []])
      disconnect()
      cluster.cutLinks.clear()
    }
    cluster.onSend = () => {}
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    for (const id of ['a', 'b', 'c']) expect(events(id)).toEqual(['1'])
  })

  test('an event is sent again where its echo was the last, however long it takes to notice that the backplane has failed', () => {
    const { cluster, events, disconnect } = withSubscriber()
    cluster.node('a').publish('news', '1')
    for (const { text } of cluster.inFlight) cluster.node('a').receive(text)
    cluster.nowMs += 15_000
    disconnect()
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    for (const id of ['a', 'b', 'c']) expect(events(id)).toEqual(['1'])
  })

  test('a user is terminated, which takes effect when the outage is over', () => {
    const { cluster, disconnect } = withSubscriber()
    cluster.node('b').send('s-b', signingIn(cluster.app, 's-b', '{"id":"u"}'))
    cluster.advance()
    disconnect()
    cluster.node('a').cluster.terminate('1001', 'u')
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.deliver()
    expect(cluster.node('b').hub.state.sockets.size).toBe(0)
  })

  test('a node that leaves before every peer is back sends its queued events first', () => {
    const { cluster, events, disconnect } = withSubscriber()
    disconnect()
    cluster.node('a').publish('news', '1')
    for (const id of ['a', 'b']) cluster.node(id).cluster.onConnected(cluster.nowMs)
    cluster.deliver()
    expect(events('b')).toEqual([])
    cluster.node('a').cluster.leave(cluster.nowMs)
    cluster.deliver()
    expect(events('b')).toEqual(['1'])
    cluster.node('b').cluster.onDisconnected()
    cluster.node('b').cluster.leave(cluster.nowMs)
    expect(cluster.inFlight).toEqual([])
  })

  test('events of before the outage that arrive late are not taken for those that are sent again', () => {
    const { cluster, events } = withSubscriber()
    const sent = recordMessages(cluster, 'a', 'event')
    for (const data of ['1', '2', '3']) cluster.node('a').publish('news', data)
    cluster.inFlight.length = 0
    for (const id of ['a', 'b', 'c']) cluster.node(id).cluster.onDisconnected()
    for (const id of ['a', 'b', 'c']) cluster.node(id).cluster.onConnected(cluster.nowMs)
    // Redis has delivered the first of them while no node was subscribed.
    const late = sent.slice(1, 3)
    for (const text of late) for (const node of cluster.nodes.values()) node.receive(text)
    cluster.deliver()
    for (const text of late) for (const node of cluster.nodes.values()) node.receive(text)
    cluster.advance()
    for (const id of ['b', 'c']) expect(events(id)).toEqual(['1', '2', '3'])
    expect(cluster.node('a').cluster.pace(cluster.nowMs).events).toBe(0)
    expect(cluster.node('a').cluster.counters.dropped).toBe(0)
  })

  test('events that the backplane loses while it delivers later ones are counted as dropped', () => {
    const { cluster, events } = withSubscriber()
    for (const data of ['1', '2', '3']) cluster.node('a').publish('news', data)
    cluster.inFlight.splice(0, 2)
    cluster.deliver()
    expect([events('b'), cluster.node('a').cluster.counters.dropped]).toEqual([['3'], 2])
  })

  test('events that exceed the bound of the queue are counted as dropped', () => {
    const { cluster, disconnect } = withSubscriber()
    disconnect()
    for (let i = 0; i < 20; i++) cluster.node('a').publish('news', 'x'.repeat(1024 * 1024))
    expect(cluster.node('a').cluster.counters.dropped).toBeGreaterThanOrEqual(4)
  })
})
