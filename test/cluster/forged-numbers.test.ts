import { describe, expect, test } from 'bun:test'
import { type Body, encode } from '../../src/cluster/envelope.ts'
import { socketCount } from '../../src/core/state.ts'
import { TestCluster } from '../support/cluster.ts'
import { recordMessages, view } from '../support/cluster-view.ts'

/** The messages are signed: an attacker who has the key of the cluster, or a node with a bug, sends them. */
describe('a forged number that the node has not reached', () => {
  const forgedNumber = Number.MAX_SAFE_INTEGER
  const forge = (body: Body, number = forgedNumber, node = 'b1') => encode({ node, number, epoch: 1, body }, 'key')

  /** Two nodes, of which one has a client on a channel. */
  function two() {
    const cluster = new TestCluster('a', 'b')
    const [a, b] = [cluster.node('a'), cluster.node('b')]
    a.open('s1')
    a.join('s1', 'news')
    cluster.advance()
    const events = () => a.received.get('s1')!.flatMap(frame => (frame.includes('"e"') ? [JSON.parse(frame).data as string] : []))
    /** Expects that events and state of `b` reach `a` again within so many seconds. */
    function recovers(seconds: number): void {
      cluster.advance(seconds)
      b.publish('news', 'again')
      b.open('s-late')
      b.join('s-late', 'presence-x', 'late')
      cluster.advance(1)
      expect(events()).toEqual(['again'])
      expect(view(a)).toEqual(view(b))
      expect(a.cluster.peerIds).toEqual(['b1'])
      expect(a.cluster.isSynced).toBe(true)
    }
    return { cluster, a, b, recovers }
  }

  test.each<[string, Body]>([
    ['heartbeat', { type: 'heartbeat', sequence: forgedNumber, from: forgedNumber }],
    ['entries', { type: 'entries', sequence: forgedNumber, entries: [] }],
    ['snapshot request', { type: 'ask', to: 'a', part: 0 }],
    [
      'snapshot',
      {
        type: 'snapshot',
        to: 'a',
        answers: forgedNumber,
        sequence: forgedNumber,
        from: forgedNumber,
        part: 0,
        hasMore: false,
        entries: [],
        kept: [],
      },
    ],
    [
      'snapshot for another',
      { type: 'snapshot', to: 'c', answers: 1, sequence: 1, from: 1, part: 0, hasMore: false, entries: [], kept: [] },
    ],
    ['leave', { type: 'leave' }],
  ])('in a %s has the messages of the node rejected for nine seconds at most', (_, body) => {
    const { a, recovers } = two()
    a.receive(forge(body))
    recovers(9)
  })

  test.each<[string, Body]>([
    ['event', { type: 'event', topic: '1001/news', frame: '{"event":"other"}', exceptSocketId: undefined }],
    ['termination of a user', { type: 'terminate', appId: '1001', userId: 'unknown' }],
  ])('in an %s is corrected by the next heartbeat', (_, body) => {
    const { a, recovers } = two()
    a.receive(forge(body))
    recovers(2)
  })

  test('is corrected also before the node is verified', () => {
    const { cluster, a, recovers } = two()
    cluster.isolate('b')
    cluster.advance(12)
    expect(a.cluster.peerIds).toEqual([])
    cluster.cutLinks.clear()
    a.receive(forge({ type: 'event', topic: '1001/news', frame: '{"event":"other"}', exceptSocketId: undefined }))
    a.receive(forge({ type: 'heartbeat', sequence: 0, from: forgedNumber }))
    recovers(9)
  })

  test('in the name of the receiving node is counted as forged, and acknowledges nothing', () => {
    const { cluster, a, recovers } = two()
    a.receive(forge({ type: 'heartbeat', sequence: forgedNumber, from: forgedNumber }, forgedNumber, 'a'))
    a.receive(
      forge({ type: 'event', topic: '1001/news', frame: '{"event":"other"}', exceptSocketId: undefined }, forgedNumber, 'a'),
    )
    expect(a.cluster.counters.forged).toBe(2)
    expect(a.cluster.peerIds).toEqual(['b1'])
    recovers(9)
    // A node whose echoes are overdue would keep a peer that has timed out.
    cluster.kill('b')
    cluster.advance(12)
    expect(a.cluster.peerIds).toEqual([])
  })

  test('does not make a replayed answer a new one', () => {
    const { cluster, a, b } = two()
    const answers = recordMessages(cluster, 'b', 'snapshot')
    a.cluster.resync(cluster.nowMs)
    cluster.deliver()
    b.open('s9')
    cluster.advance()
    expect(answers).toHaveLength(1)
    a.receive(forge({ type: 'heartbeat', sequence: forgedNumber, from: forgedNumber }))
    cluster.advance(9)
    a.receive(answers[0]!)
    cluster.advance(1)
    expect(socketCount(a.hub.state, '1001')).toBe(2)
  })

  test('causes no request while messages of the node are accepted: replays cost it no snapshot', () => {
    const { cluster, a } = two()
    const heartbeats = recordMessages(cluster, 'b', 'heartbeat')
    cluster.advance(3)
    const requests = recordMessages(cluster, 'a', 'ask')
    for (let second = 0; second < 20; second++) {
      for (const beat of heartbeats.slice(0, 1)) a.receive(beat)
      cluster.advance(1)
    }
    expect(requests).toEqual([])
    expect(a.cluster.counters.replayed).toBe(20)
  })
})
