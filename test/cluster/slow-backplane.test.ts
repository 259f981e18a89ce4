import { describe, expect, test } from 'bun:test'
import { TestCluster } from '../support/cluster.ts'

const info = new Set(['user_count', 'subscription_count'])

describe('over a slow backplane', () => {
  /** Two nodes, of which one has published events that are unacknowledged. */
  function publishing(count: number, data = 'x'.repeat(1024)) {
    const cluster = new TestCluster('a', 'b')
    const { cluster: a } = cluster.node('a')
    cluster.node('b').open('s1')
    cluster.node('b').join('s1', 'news')
    cluster.advance()
    for (let i = 0; i < count; i++) cluster.node('a').publish('news', `${i} ${data}`)
    cluster.node('a').flush()
    return { cluster, a }
  }
  const bytes = ({ inFlight }: TestCluster) => inFlight.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)

  test('a node has at most 4 MiB of events in flight, and delivers all in order', () => {
    const { cluster, a } = publishing(10_000)
    expect(bytes(cluster)).toBeGreaterThan(3 * 1024 * 1024)
    expect(bytes(cluster)).toBeLessThan(4 * 1024 * 1024)
    expect(a.pace(0).events).toBe(10_000)
    cluster.deliver()
    const delivered = cluster
      .node('b')
      .received.get('s1')!
      .flatMap(frame => (frame.includes('"e"') ? [Number.parseInt(JSON.parse(frame).data, 10)] : []))
    expect(delivered).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
    expect([a.pace(0).events, a.counters.dropped]).toEqual([0, 0])
  })

  test('the lag is the age of the oldest unacknowledged message, whether it is an event or not', () => {
    const { cluster, a } = publishing(1)
    cluster.nowMs += 2900
    expect(a.pace(cluster.nowMs)).toMatchObject({ events: 1, lagMs: 2900 })
    cluster.deliver()
    expect(a.pace(cluster.nowMs)).toEqual({ events: 0, bytes: 0, lagMs: 0 })
    cluster.node('a').tick()
    cluster.nowMs += 3000
    expect(a.pace(cluster.nowMs).lagMs).toBe(3000)
    a.onDisconnected()
    expect(a.pace(cluster.nowMs).lagMs).toBe(0)
  })

  test('control messages that were lost leave the window when a later event is acknowledged', () => {
    const { cluster, a } = publishing(0)
    const heartbeats = () => cluster.inFlight.filter(({ text }) => text.includes('"heartbeat"')).length
    for (let i = 0; i < 20_000; i++) {
      cluster.node('a').open(`s-${i}`)
      cluster.node('a').join(`s-${i}`, `presence-${i}`, 'x'.repeat(100))
      if (i % 100 === 0) cluster.node('a').flush()
    }
    cluster.inFlight.length = 0
    cluster.nowMs += 2000
    cluster.node('a').tick()
    expect(heartbeats()).toBe(0)
    cluster.node('a').publish('news', 'later')
    cluster.deliver()
    expect(a.pace(cluster.nowMs).lagMs).toBe(0)
    cluster.node('a').tick()
    expect(heartbeats()).toBe(1)
  })

  test('a node has no more control messages in flight than the window allows, and replicates every change in the end', () => {
    const { cluster, a } = publishing(0)
    for (let i = 0; i < 20_000; i++) {
      cluster.node('a').open(`s-${i}`)
      cluster.node('a').join(`s-${i}`, `presence-${i}`, 'x'.repeat(100))
      if (i % 100 === 0) cluster.node('a').flush()
    }
    cluster.node('a').flush()
    expect(bytes(cluster)).toBeLessThan(2 * 1024 * 1024)
    cluster.advance(5)
    expect(cluster.node('b').hub.queries.channelInfos('1001', 'presence-', info, 0)).toHaveLength(20_000)
    expect(a.counters.dropped).toBe(0)
  })
})
