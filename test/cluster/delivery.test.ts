/** What nodes do not promise each other, and what they do not need: an order of all messages, clocks that agree, answers in time. */
import { describe, expect, test } from 'bun:test'
import { lastEvent } from '../../src/core/last-events.ts'
import { TestCluster, TestNode } from '../support/cluster.ts'
import { cachedEvent, view } from '../support/cluster-view.ts'

/** Two nodes with a subscriber of `news` each, who is on `presence-x` too. */
function twoWithSubscribers(): TestCluster {
  const cluster = new TestCluster('a', 'b')
  for (const id of ['a', 'b']) {
    cluster.node(id).open(`s-${id}`)
    cluster.node(id).join(`s-${id}`, 'news')
    cluster.node(id).join(`s-${id}`, 'presence-x', id)
  }
  cluster.advance()
  return cluster
}

/** The first character of each event, and the announcements of members, which the subscriber of a node has been sent. */
const received = (cluster: TestCluster, id: string) =>
  cluster
    .node(id)
    .received.get(`s-${id}`)!
    .flatMap(frame => {
      const { event, data } = JSON.parse(frame)
      return event === 'e' ? [data[0]] : event.endsWith('member_added') ? [`added ${JSON.parse(data).user_id}`] : []
    })

describe('there is no common order', () => {
  test('of the events of two nodes: the subscribers of each are sent those of their own node first', () => {
    const cluster = twoWithSubscribers()
    for (const id of ['a', 'b']) cluster.node(id).publish('news', id === 'a' ? '1' : '2')
    cluster.deliver()
    expect(received(cluster, 'a').slice(-2)).toEqual(['1', '2'])
    expect(received(cluster, 'b').slice(-2)).toEqual(['2', '1'])
  })

  test('of the events and the members of a node: a join may be announced before events that were published before it', () => {
    const cluster = twoWithSubscribers()
    const [a, b] = [cluster.node('a'), cluster.node('b')]
    b.cluster.onDisconnected()
    b.cluster.onConnected(cluster.nowMs)
    // They are pending on `b` until `a` has answered. The answer has the member.
    for (const data of ['1', '2']) a.publish('news', data)
    a.open('s-c')
    a.join('s-c', 'presence-x', 'c')
    cluster.deliver()
    expect(received(cluster, 'b').slice(-3)).toEqual(['added c', '1', '2'])
  })
})

describe('while a node joins of which one of the others has not heard yet', () => {
  /** A node joins, and subscribes a client. Messages to `b` are not delivered before all nodes have sent what they send. */
  function withJoining(publishes: 'b' | 'c') {
    const cluster = twoWithSubscribers()
    const held: string[] = []
    const deliverToOthers = () => {
      for (;;) {
        for (const node of cluster.nodes.values()) node.flush()
        const next = cluster.inFlight.shift()
        if (next === undefined) return
        held.push(next.text)
        for (const [id, node] of cluster.nodes) if (id !== 'b') node.receive(next.text)
      }
    }
    const joining = cluster.start('c')
    deliverToOthers()
    expect([joining.cluster.isSynced, joining.cluster.peerIds.length]).toEqual([true, 1])
    joining.open('s-c')
    joining.join('s-c', 'news')
    cluster.node(publishes).publish('news', '1')
    deliverToOthers()
    for (let text = held.shift(); text !== undefined; text = held.shift()) {
      cluster.node('b').receive(text)
      deliverToOthers()
    }
    cluster.advance(3)
    return cluster
  }

  test('its events reach the clients of that one', () => {
    expect(received(withJoining('c'), 'b').filter(event => event === '1')).toEqual(['1'])
  })

  test('the events of that one reach its clients', () => {
    expect(received(withJoining('b'), 'c').filter(event => event === '1')).toEqual(['1'])
  })
})

test('an event that a crashed node had not sent is lost, and no node counts it', () => {
  const cluster = twoWithSubscribers()
  cluster.node('a').cluster.onDisconnected()
  cluster.node('a').publish('news', '1')
  cluster.kill('a')
  cluster.advance(10)
  expect(cluster.node('b').cluster.peerIds).toEqual([])
  expect(received(cluster, 'b')).not.toContain('1')
  expect(cluster.node('b').cluster.counters).toEqual({ forged: 0, unsupported: 0, malformed: 0, replayed: 0, dropped: 0 })
})

test('an event that is published while a node is cut off never reaches that node, and no node counts it', () => {
  const cluster = twoWithSubscribers()
  cluster.cutOff('b')
  cluster.node('b').cluster.onDisconnected()
  cluster.node('a').publish('news', '1')
  cluster.advance()
  cluster.cutLinks.clear()
  cluster.node('b').cluster.onConnected(cluster.nowMs)
  cluster.node('a').publish('news', '2')
  cluster.advance()
  expect(received(cluster, 'b')).not.toContain('1')
  expect(received(cluster, 'b').at(-1)).toBe('2')
  for (const id of ['a', 'b']) expect(cluster.node(id).cluster.counters.dropped).toBe(0)
})

describe('a node whose clock differs by a year', () => {
  const yearMs = 365 * 24 * 60 * 60 * 1000

  /** A node with a clock that is ahead of that of the cluster, or behind it. */
  function joinWithClock(cluster: TestCluster, id: string, offsetMs: number) {
    const clock = {
      app: cluster.app,
      units: undefined,
      get nowMs() {
        return cluster.nowMs + offsetMs
      },
    }
    const node = new TestNode(clock, id, text => cluster.inFlight.push({ from: id, text }))
    cluster.nodes.set(id, node)
    node.cluster.onConnected(clock.nowMs)
    cluster.advance()
    return { node, clock }
  }

  describe.each([
    ['ahead', yearMs],
    ['behind', -yearMs],
  ])('%s', (_, offsetMs) => {
    test('has the state of the others, and stays their peer', () => {
      const cluster = twoWithSubscribers()
      const { node } = joinWithClock(cluster, 'c', offsetMs)
      node.open('s-c')
      node.join('s-c', 'news')
      cluster.advance(30)
      cluster.node('a').publish('news', '1')
      node.publish('news', '2')
      cluster.deliver()
      expect(received(cluster, 'c')).toEqual(['2', '1'])
      expect(received(cluster, 'b').slice(-2)).toEqual(['1', '2'])
      expect(view(node)).toEqual(view(cluster.node('a')))
      expect(cluster.node('a').cluster.peerIds).toEqual(['b1', 'c'])
    })

    test('caches the last event of a channel for as long as the others', () => {
      const cluster = twoWithSubscribers()
      cluster.node('a').publish('cache-x', '1')
      cluster.deliver()
      const expiresAtMs = cluster.nowMs + cluster.app.cache.ttlSeconds * 1000
      cluster.nowMs += 600_000
      const { node, clock } = joinWithClock(cluster, 'c', offsetMs)
      const cached = () => [
        cachedEvent(cluster, 'a') !== undefined,
        lastEvent(node.hub.state, '1001', 'cache-x', clock.nowMs) !== undefined,
      ]
      cluster.nowMs = expiresAtMs - 1
      expect(cached()).toEqual([true, true])
      cluster.nowMs = expiresAtMs
      expect(cached()).toEqual([false, false])
    })
  })
})

describe('while messages take 5 s, and so an answer to a request 10 s', () => {
  const delayMs = 5000

  /** Advances the clock second by second, and delivers each message that long after it was sent. */
  function advanceOverSlowLink(cluster: TestCluster, seconds: number): void {
    const onTheirWay: { readonly text: string; readonly atMs: number }[] = []
    const collect = () => {
      for (const node of cluster.nodes.values()) node.flush()
      for (const { text } of cluster.inFlight.splice(0)) onTheirWay.push({ text, atMs: cluster.nowMs + delayMs })
    }
    for (let second = 0; second < seconds; second++) {
      collect()
      cluster.nowMs += 1000
      for (const node of cluster.nodes.values()) node.tick()
      while ((onTheirWay[0]?.atMs ?? Number.POSITIVE_INFINITY) <= cluster.nowMs) {
        const { text } = onTheirWay.shift()!
        for (const node of cluster.nodes.values()) node.receive(text)
      }
    }
    collect()
    cluster.inFlight.push(...onTheirWay.map(({ text }) => ({ from: '', text })))
  }

  test('nodes that have verified each other stay peers, and deliver events', () => {
    const cluster = twoWithSubscribers()
    advanceOverSlowLink(cluster, 30)
    cluster.node('a').publish('news', '1')
    advanceOverSlowLink(cluster, 30)
    expect(received(cluster, 'b')).toContain('1')
    expect(view(cluster.node('b'))).toEqual(view(cluster.node('a')))
    for (const { cluster: node } of cluster.nodes.values()) expect([node.peerIds.length, node.isSynced]).toEqual([1, true])
  })

  test('nodes that have not verified each other do so, though each takes the other for timed out meanwhile', () => {
    const cluster = twoWithSubscribers()
    const { cluster: late } = cluster.start('c')
    advanceOverSlowLink(cluster, 60)
    expect(late.isSynced).toBe(true)
    expect(view(cluster.node('c'))).toEqual(view(cluster.node('a')))
  })
})
