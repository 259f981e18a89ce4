import { describe, expect, test } from 'bun:test'
import { type Body, decode, type Envelope } from '../../src/cluster/envelope.ts'
import { lastEvent } from '../../src/core/last-events.ts'
import { socketCount } from '../../src/core/state.ts'
import type { Member } from '../../src/protocol/member.ts'
import { TestCluster, type TestNode } from '../support/cluster.ts'
import { memberEvents, recordMessages, view } from '../support/cluster-view.ts'

const info = new Set(['user_count', 'subscription_count'])
describe('a snapshot of many entries', () => {
  const name = (i: number) => `c${i}-`.padEnd(190, 'x')
  /** A node with 3,000 channels, and one that starts. `onPart` is called with each part that is sent. */
  function withPeer(onPart: (part: Extract<Body, { type: 'snapshot' }>, cluster: TestCluster) => void) {
    const cluster = new TestCluster('a', 'c')
    cluster.node('a').open('s1')
    for (let i = 0; i < 3000; i++) cluster.node('a').join('s1', name(i))
    cluster.node('a').join('s1', 'presence-x', 'me')
    for (let i = 0; i < 3; i++) cluster.node('a').publish(`cache-${i}`, 'x'.repeat(60_000))
    cluster.advance()
    cluster.onSend = ({ from, text }) => {
      const { body } = decode(text, 'key') as Envelope
      if (from === 'a' && body.type === 'snapshot') onPart(body, cluster)
    }
    return { cluster, b: cluster.start('b') }
  }
  const counts = (node: TestNode) => Object.fromEntries(node.hub.queries.channelInfos('1001', '', info, 0).sort())

  test('is sent in parts, each when the one before has been applied, and the peer is synced with the last one', () => {
    const sizes: number[] = []
    const parts: [number, boolean, boolean][] = []
    const { cluster, b } = withPeer(body => {
      sizes.push(JSON.stringify(body).length)
      parts.push([body.part, body.hasMore, b.cluster.isSynced])
    })
    cluster.deliver()
    expect(parts.map(([part]) => part)).toEqual(parts.map((_, i) => i))
    expect(parts.length).toBeGreaterThan(7)
    expect(parts.map(([, hasMore]) => hasMore)).toEqual(parts.map((_, i) => i < parts.length - 1))
    expect(parts.map(([, , isSynced]) => isSynced)).toEqual(parts.map(() => false))
    expect(Math.max(...sizes)).toBeLessThan(256 * 1024)
    expect(b.cluster.isSynced).toBe(true)
    expect(view(b)).toEqual(view(cluster.node('a')))
    expect([0, 1, 2].map(i => lastEvent(b.hub.state, '1001', `cache-${i}`, cluster.nowMs)?.length)).toEqual(
      [0, 1, 2].map(() => expect.any(Number)),
    )
    expect(b.hub.state.resyncs.size).toBe(0)
  })

  test('has the changes that are made while it is sent', () => {
    const { cluster, b } = withPeer(({ part }, { nodes }) => {
      const a = nodes.get('a')!
      if (part === 2) {
        for (const i of [0, 2999]) a.send('s1', JSON.stringify({ event: 'pusher:unsubscribe', data: { channel: name(i) } }))
        a.join('s1', 'late')
      }
    })
    cluster.deliver()
    expect(counts(b)).toEqual(counts(cluster.node('a')))
    expect(Object.keys(counts(b))).toHaveLength(3000)
  })

  test('replaces the state that the peer had, of which it removes what the snapshot has not', () => {
    const { cluster, b } = withPeer(() => {})
    cluster.deliver()
    cluster.isolate('b')
    for (let i = 0; i < 2500; i++)
      cluster.node('a').send('s1', JSON.stringify({ event: 'pusher:unsubscribe', data: { channel: name(i) } }))
    cluster.node('a').send('s1', JSON.stringify({ event: 'pusher:unsubscribe', data: { channel: 'presence-x' } }))
    cluster.deliver()
    cluster.cutLinks.clear()
    cluster.advance(4)
    expect(counts(b)).toEqual(counts(cluster.node('a')))
    expect(Object.keys(counts(b))).toHaveLength(500)
  })

  test('of which a part is lost is requested again', () => {
    let isCut = true
    const { cluster, b } = withPeer(({ part }, { cutLinks }) => {
      if (part !== 3 || !isCut) return
      isCut = false
      cutLinks.add('a b')
    })
    cluster.deliver()
    expect(b.cluster.isSynced).toBe(false)
    cluster.cutLinks.clear()
    cluster.advance(4)
    expect(b.cluster.isSynced).toBe(true)
    expect(counts(b)).toEqual(counts(cluster.node('a')))
  })

  test('is ignored by nodes that have not requested it', () => {
    const { cluster } = withPeer(() => {})
    const { state } = cluster.node('c').hub
    const before = state.channels.get('1001')
    cluster.deliver()
    expect(cluster.node('c').cluster.counters).toEqual({ forged: 0, unsupported: 0, malformed: 0, replayed: 0, dropped: 0 })
    expect(state.channels.get('1001')).toBe(before!)
  })

  test('of a peer that is removed ends in turns, members first', () => {
    const { cluster, b } = withPeer(() => {})
    cluster.deliver()
    b.open('witness')
    b.join('witness', 'presence-x', 'w')
    cluster.node('a').cluster.leave(cluster.nowMs)
    const leave = cluster.inFlight.splice(0)
    for (const { text } of leave) b.receive(text)
    expect(b.hub.queries.userIds('1001', 'presence-x')).toEqual(['"w"'])
    expect(socketCount(b.hub.state, '1001')).toBe(1)
    expect(Object.keys(counts(b)).length).toBeGreaterThan(2000)
    let turns = 1
    while (!b.turn()) turns++
    expect(turns).toBe(3)
    expect(Object.keys(counts(b))).toEqual(['presence-x'])
    expect(memberEvents(b, 'witness')).toEqual(['removed me'])
  })

  test('of a peer that is back while its former state is still being removed is applied', () => {
    const { cluster, b } = withPeer(() => {})
    cluster.deliver()
    b.apply(b.hub.replica.remove(b.cluster.peerIds[0]!, cluster.nowMs))
    expect(b.hub.state.resyncs.size).toBe(1)
    b.cluster.resync(cluster.nowMs)
    cluster.deliver()
    expect(b.hub.state.resyncs.size).toBe(0)
    expect(counts(b)).toEqual(counts(cluster.node('a')))
  })
})

describe('a snapshot while changes exceed the rate of the backplane', () => {
  const stepMs = 100
  const infoJson = JSON.stringify('x'.repeat(4096))
  const member = (i: number): Member => ({ key: `m${i}`, idJson: `"m${i}"`, infoJson })

  /**
   * A node whose snapshot has 17 parts, and one that starts. The first publishes 4 MB of changes a second.
   *
   * @param bytesPerStep what the backplane delivers in 100 ms
   */
  function overloaded(bytesPerStep: number) {
    const cluster = new TestCluster('a')
    const a = cluster.node('a')
    a.open('s1')
    a.join('s1', 'presence-x', 'me')
    for (let i = 0; i < 50; i++) a.publish(`cache-${i}`, 'x'.repeat(60_000))
    cluster.advance()
    let allowance = 0
    const snapshots = { begun: 0, completed: 0 }
    cluster.onSend = ({ from, text }) => {
      const { body } = decode(text, 'key') as Envelope
      if (from !== 'a' || body.type !== 'snapshot') return
      if (body.part === 0) snapshots.begun++
      if (!body.hasMore) snapshots.completed++
    }
    /** All members of a channel join, or all leave. */
    const change = (isThere: boolean) => {
      for (let i = 0; i < 350; i++)
        a.cluster.replicate({
          kind: 'member',
          appId: '1001',
          channel: 'presence-x',
          key: `m${i}`,
          member: isThere ? member(i) : undefined,
        })
    }
    const run = (seconds: number, isChanging: boolean) => {
      for (let i = 0; i < (seconds * 1000) / stepMs; i++) {
        if (isChanging && i % 4 === 0) change(i % 8 === 0)
        cluster.nowMs += stepMs
        if (cluster.nowMs % 1000 === 0) for (const node of cluster.nodes.values()) node.tick()
        allowance = Math.min(allowance, 0) + bytesPerStep
        if (allowance > 0) allowance -= cluster.deliver(allowance)
      }
    }
    return { a, b: cluster.start('b'), snapshots, change, run }
  }

  test.each([
    ['a part arrives within a second', 200_000, 40],
    ['a part takes longer to arrive than two seconds, after which a request is repeated', 60_000, 120],
  ])('is completed, and followed by one with what the peer has missed: %s', (_, bytesPerStep, seconds) => {
    const { a, b, snapshots, change, run } = overloaded(bytesPerStep)
    run(seconds, true)
    expect(snapshots.completed).toBeGreaterThan(0)
    expect(snapshots.begun).toBeLessThan(5)
    change(false)
    run(60, false)
    expect(b.cluster.isSynced).toBe(true)
    expect(view(b)).toEqual(view(a))
  })
})

describe('an answer to a request', () => {
  test('that arrives when the request is due again is followed by no further request', () => {
    const cluster = new TestCluster('a', 'b')
    const { cluster: a } = cluster.node('a')
    const requests = recordMessages(cluster, 'a', 'ask')
    a.resync(cluster.nowMs)
    cluster.nowMs += 5000
    cluster.deliver()
    expect([requests.length, a.isSynced]).toEqual([1, true])
  })
})
