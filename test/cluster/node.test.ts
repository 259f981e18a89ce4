import { describe, expect, test } from 'bun:test'
import { lastEvent } from '../../src/core/last-events.ts'
import { socketCount } from '../../src/core/state.ts'
import { testApp } from '../support/apps.ts'
import { TestCluster } from '../support/cluster.ts'
import { cachedEvent, memberEvents, recordMessages, view } from '../support/cluster-view.ts'
import { signingIn } from '../support/core.ts'

/** Three nodes with a presence member each. */
function threeWithMembers(): TestCluster {
  const cluster = new TestCluster('a', 'b', 'c')
  for (const id of ['a', 'b', 'c']) {
    cluster.node(id).open(`s-${id}`)
    cluster.node(id).join(`s-${id}`, 'presence-x', id)
  }
  cluster.advance()
  return cluster
}

describe('nodes of a cluster', () => {
  test('answer queries alike, and count a user once', () => {
    const cluster = new TestCluster('a', 'b', 'c')
    for (const [node, socketId] of [
      ['a', 's1'],
      ['b', 's2'],
      ['c', 's3'],
    ] as const) {
      cluster.node(node).open(socketId)
      cluster.node(node).join(socketId, 'presence-x', node === 'c' ? 'user-a' : `user-${node}`)
      cluster.node(node).join(socketId, 'news')
    }
    cluster.deliver()
    const expected = {
      connections: 3,
      channels: { news: { subscription_count: 3 }, 'presence-x': { user_count: 2, subscription_count: 3 } },
      users: ['"user-a"', '"user-b"'],
    }
    for (const node of cluster.nodes.values()) expect(view(node)).toEqual(expected)
  })

  test('deliver an event once to every subscriber but the excluded socket, whichever node that is on', () => {
    const cluster = new TestCluster('a', 'b')
    for (const [node, socketId] of [
      ['a', 's1'],
      ['b', 's2'],
      ['b', 's3'],
    ] as const) {
      cluster.node(node).open(socketId)
      cluster.node(node).join(socketId, 'news')
    }
    cluster.node('a').publish('news', 'd', 's3')
    cluster.deliver()
    const events = (node: string, socketId: string) =>
      cluster
        .node(node)
        .received.get(socketId)!
        .filter(frame => frame.includes('"e"'))
    expect([events('a', 's1'), events('b', 's2'), events('b', 's3')].map(({ length }) => length)).toEqual([1, 1, 0])
  })

  test('send member_added once for a user on several nodes, and member_removed when it has left all of them', () => {
    const cluster = new TestCluster('a', 'b', 'c')
    cluster.node('a').open('s1')
    cluster.node('a').join('s1', 'presence-x', 'me')
    for (const [node, socketId] of [
      ['b', 's2'],
      ['c', 's3'],
      ['a', 's4'],
    ] as const) {
      cluster.node(node).open(socketId)
      cluster.node(node).join(socketId, 'presence-x', 'you')
      cluster.deliver()
    }
    for (const [node, socketId] of [
      ['a', 's4'],
      ['b', 's2'],
    ] as const) {
      cluster.node(node).close(socketId)
      cluster.deliver()
    }
    expect(memberEvents(cluster.node('a'), 's1')).toEqual(['added you'])
    cluster.node('c').close('s3')
    cluster.deliver()
    expect(memberEvents(cluster.node('a'), 's1')).toEqual(['added you', 'removed you'])
  })

  test('cache the same event of a cache channel when two of them publish at once', () => {
    const cluster = new TestCluster('a', 'b')
    cluster.node('a').publish('cache-x', '1')
    cluster.node('b').publish('cache-x', '2')
    cluster.deliver()
    expect(cachedEvent(cluster, 'a')).toContain('"2"')
    expect(cachedEvent(cluster, 'b')).toContain('"2"')
  })

  test('close the connections of a terminated user on all of them', () => {
    const cluster = new TestCluster('a', 'b')
    cluster.node('b').open('s2')
    cluster.node('b').send('s2', signingIn(cluster.app, 's2', '{"id":"u"}'))
    cluster.node('a').cluster.terminate('1001', 'u')
    cluster.deliver()
    expect(cluster.node('b').hub.state.sockets.size).toBe(0)
  })
})

describe('a node that joins', () => {
  test('has the state of the others, cached events included', () => {
    const cluster = new TestCluster('a')
    cluster.node('a').open('s1')
    cluster.node('a').join('s1', 'presence-x', 'me')
    cluster.node('a').publish('cache-x', 'd')
    cluster.start('b')
    cluster.advance()
    expect(view(cluster.node('b'))).toEqual(view(cluster.node('a')))
    const { state } = cluster.node('b').hub
    expect(lastEvent(state, '1001', 'cache-x', cluster.nowMs)).toContain('"d"')
    expect(lastEvent(state, '1001', 'cache-x', 3_000_000)).toBeUndefined()
  })

  test('is synced once it has the snapshot of every peer', () => {
    const cluster = new TestCluster('a')
    const late = cluster.start('b')
    expect(late.cluster.isSynced).toBe(false)
    cluster.deliver()
    expect(late.cluster.isSynced).toBe(true)
    expect(cluster.node('a').cluster.isSynced).toBe(true)
  })

  test('becomes a peer of the others, which have its state', () => {
    const cluster = new TestCluster('a')
    const late = cluster.start('b')
    late.open('s2')
    late.join('s2', 'news')
    cluster.advance()
    expect(view(cluster.node('a'))).toEqual(view(late))
    expect(cluster.node('a').cluster.peerIds).toEqual(['b1'])
  })
})

describe('a node that stops', () => {
  const succeeds = (cluster: TestCluster, id: string) => cluster.node(id).cluster.hasSuccessor(cluster.nowMs)

  test('has a successor as long as one of its peers has not announced that it stops', () => {
    const cluster = new TestCluster('a')
    expect(succeeds(cluster, 'a')).toBe(false)
    const [b, c] = [cluster.start('b'), cluster.start('c')]
    cluster.deliver()
    expect(succeeds(cluster, 'a')).toBe(true)
    b.cluster.announceStop(cluster.nowMs)
    cluster.deliver()
    expect([succeeds(cluster, 'a'), succeeds(cluster, 'b')]).toEqual([true, true])
    c.cluster.announceStop(cluster.nowMs)
    cluster.advance()
    expect([succeeds(cluster, 'a'), succeeds(cluster, 'b')]).toEqual([false, true])
    b.cluster.leave(cluster.nowMs)
    cluster.deliver()
    cluster.start('d')
    cluster.advance()
    expect(succeeds(cluster, 'a')).toBe(true)
  })

  test('has no successor in a peer that has crashed, as soon as it has missed two heartbeats', () => {
    const cluster = new TestCluster('a', 'b')
    cluster.advance(4)
    cluster.kill('b')
    cluster.advance(2)
    expect(succeeds(cluster, 'a')).toBe(true)
    cluster.advance(3)
    expect([succeeds(cluster, 'a'), cluster.node('a').cluster.peerIds]).toEqual([false, ['b1']])
  })

  test('has no successor in a former node of which messages are replayed', () => {
    const cluster = new TestCluster('a', 'b')
    const messages = ['heartbeat', 'ask', 'snapshot'].flatMap(type => recordMessages(cluster, 'b', type))
    const heartbeats = recordMessages(cluster, 'b', 'heartbeat')
    cluster.advance(4)
    cluster.node('b').cluster.leave(cluster.nowMs)
    cluster.kill('b')
    cluster.advance(1)
    for (const text of [...messages, ...heartbeats]) cluster.node('a').receive(text)
    expect(heartbeats).not.toBeEmpty()
    expect(succeeds(cluster, 'a')).toBe(false)
  })
})

test('a node whose apps have changed requests the state of its peers again', () => {
  const cluster = new TestCluster('a', 'b')
  const { hub, cluster: node } = cluster.node('a')
  cluster.node('a').apply(hub.replaceApps([testApp({ id: '1002', key: 'other' })], cluster.nowMs))
  cluster.node('b').open('s1')
  cluster.advance()
  expect(socketCount(hub.state, '1001')).toBe(0)
  hub.replaceApps([cluster.app], cluster.nowMs)
  node.resync(cluster.nowMs)
  cluster.deliver()
  expect(socketCount(hub.state, '1001')).toBe(1)
})

describe('a node that leaves', () => {
  function twoMembers() {
    const cluster = new TestCluster('a', 'b')
    cluster.node('a').open('s1')
    cluster.node('a').join('s1', 'presence-x', 'me')
    cluster.node('b').open('s2')
    cluster.node('b').join('s2', 'presence-x', 'you')
    cluster.advance()
    return cluster
  }

  test('without a leave message is removed within ten seconds', () => {
    const cluster = twoMembers()
    cluster.kill('b')
    cluster.advance(7)
    expect(view(cluster.node('a')).users).toEqual(['"me"', '"you"'])
    cluster.advance(4)
    expect(view(cluster.node('a'))).toMatchObject({ connections: 1, users: ['"me"'] })
    expect(memberEvents(cluster.node('a'), 's1')).toEqual(['added you', 'removed you'])
  })

  test('sends nothing afterwards, and is removed', () => {
    const cluster = twoMembers()
    cluster.node('b').cluster.leave(cluster.nowMs)
    cluster.node('b').publish('news', 'of a request that was under way')
    cluster.deliver()
    cluster.advance(3)
    expect(view(cluster.node('a')).users).toEqual(['"me"'])
    expect(memberEvents(cluster.node('a'), 's1')).toEqual(['added you', 'removed you'])
  })

  test('with a leave message is removed at once', () => {
    const cluster = twoMembers()
    cluster.node('b').cluster.leave(cluster.nowMs)
    cluster.kill('b')
    cluster.deliver()
    expect(view(cluster.node('a')).users).toEqual(['"me"'])
  })

  test('because its backplane is closed removes all its peers', () => {
    const cluster = twoMembers()
    const { cluster: node } = cluster.node('a')
    cluster.node('a').apply(node.removeAllPeers(cluster.nowMs))
    expect(view(cluster.node('a')).users).toEqual(['"me"'])
  })
})

describe('a cluster that loses messages', () => {
  test('notices a gap in the changes at the next changes or heartbeat, and requests a snapshot', () => {
    for (const more of [true, false]) {
      const cluster = new TestCluster('a', 'b')
      const b = cluster.node('b')
      b.open('s1')
      cluster.deliver()
      b.join('s1', 'presence-x', 'one')
      b.flush()
      cluster.inFlight.length = 0
      if (more) b.join('s1', 'news')
      cluster.advance(3)
      expect(view(cluster.node('a'))).toEqual(view(b))
    }
  })

  test('requests a snapshot again where no answer arrives', () => {
    const cluster = new TestCluster('a')
    cluster.start('b')
    cluster.node('a').open('s1')
    cluster.nowMs += 3000
    cluster.node('a').tick()
    cluster.node('a').flush()
    for (const { text } of cluster.inFlight.splice(0)) cluster.node('b').receive(text)
    expect(cluster.inFlight).not.toBeEmpty()
    cluster.inFlight.length = 0
    cluster.advance(4)
    expect(view(cluster.node('b')).connections).toBe(1)
  })

  test('requests a snapshot again as soon as the peer has reconnected, however long the last answer took', () => {
    const cluster = new TestCluster('a', 'b')
    const [a, b] = [cluster.node('a'), cluster.node('b')]
    // The answer to a request takes five seconds.
    a.cluster.resync(cluster.nowMs)
    cluster.nowMs += 5000
    cluster.deliver()
    cluster.cutLinks.add('b a')
    a.cluster.resync(cluster.nowMs)
    cluster.deliver()
    b.cluster.onDisconnected()
    cluster.cutLinks.clear()
    expect(a.cluster.isSynced).toBe(false)
    b.cluster.onConnected(cluster.nowMs)
    cluster.deliver()
    expect(a.cluster.isSynced).toBe(true)
  })

  test('serves on both sides of a partition, and converges when it heals', () => {
    const cluster = threeWithMembers()
    cluster.isolate('c')
    cluster.advance(12)
    expect(view(cluster.node('a')).users).toEqual(['"a"', '"b"'])
    expect(view(cluster.node('c')).users).toEqual(['"c"'])
    cluster.node('c').open('s-d')
    cluster.node('c').join('s-d', 'presence-x', 'd')
    cluster.cutLinks.clear()
    cluster.advance(4)
    for (const node of cluster.nodes.values()) expect(view(node)).toEqual(view(cluster.node('a')))
    expect(view(cluster.node('a')).users).toEqual(['"a"', '"b"', '"c"', '"d"'])
    expect(memberEvents(cluster.node('a'), 's-a')).toEqual(['added b', 'added c', 'removed c', 'added c', 'added d'])
  })
})

describe('a node that misses an echo', () => {
  test('acknowledges the event with the echo of the next one, and a node that joins later rejects a replay of both', () => {
    const cluster = new TestCluster('a', 'b')
    cluster.node('b').open('s-b')
    cluster.node('b').join('s-b', 'news')
    cluster.advance()
    cluster.cutLinks.add('a a')
    cluster.node('a').publish('news', '0')
    cluster.deliver()
    cluster.cutLinks.clear()
    const events = recordMessages(cluster, 'a', 'event')
    for (const data of ['1', '2']) cluster.node('a').publish('news', data)
    cluster.advance()
    // The snapshot names the oldest unacknowledged event: earlier ones are not delivered to a node that joins later.
    const late = cluster.start('c')
    late.open('s-c')
    late.join('s-c', 'news')
    cluster.advance()
    for (const text of events) late.receive(text)
    expect(late.received.get('s-c')!.filter(frame => frame.includes('"e"'))).toEqual([])
    expect(late.cluster.counters.replayed).toBe(2)
  })
})

describe('a node whose echoes do not arrive', () => {
  test('keeps its peers, and gives them the whole timeout once echoes arrive again', () => {
    const cluster = threeWithMembers()
    cluster.cutOff('c')
    cluster.advance(60)
    expect(view(cluster.node('a')).users).toEqual(['"a"', '"b"'])
    expect(view(cluster.node('c')).users).toEqual(['"a"', '"b"', '"c"'])
    cluster.kill('b')
    cluster.cutLinks.clear()
    cluster.advance(7)
    expect(view(cluster.node('c')).users).toEqual(['"a"', '"b"', '"c"'])
    cluster.advance(3)
    expect(view(cluster.node('c')).users).toEqual(['"a"', '"c"'])
    expect(memberEvents(cluster.node('c'), 's-c')).toEqual(['added a', 'added b', 'removed b'])
  })

  test('does not take a replay of its own messages for echoes', () => {
    const cluster = threeWithMembers()
    const { cluster: c } = cluster.node('c')
    c.tick(cluster.nowMs + 2000)
    const recordMessages = cluster.inFlight.filter(({ from }) => from === 'c').map(({ text }) => text)
    cluster.deliver()
    cluster.cutOff('c')
    for (let second = 0; second < 20; second++) {
      cluster.advance(1)
      for (const text of recordMessages) c.receive(text, cluster.nowMs)
    }
    expect(c.peerIds).toHaveLength(2)
  })
})
