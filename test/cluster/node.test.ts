import { describe, expect, test } from 'bun:test'
import { type Body, decode, type Envelope, encode } from '../../src/cluster/envelope.ts'
import { lastEvent } from '../../src/core/last-events.ts'
import * as query from '../../src/core/query.ts'
import { removeNode } from '../../src/core/resyncs.ts'
import { socketCount } from '../../src/core/state.ts'
import { signText } from '../../src/protocol/signature.ts'
import { testApp } from '../support/apps.ts'
import { TestCluster, type TestNode } from '../support/cluster.ts'
import { signingIn } from '../support/core.ts'

const info = new Set(['user_count', 'subscription_count'])
/** What a node answers, in an order of its own. */
const view = ({ hub: { state } }: TestNode) => ({
  connections: socketCount(state, '1001'),
  channels: Object.fromEntries(query.channelInfos(state, '1001', '', info, 0).sort()),
  users: query.userIds(state, '1001', 'presence-x').sort(),
})
/** Three nodes with a member each. */
function threeWithMembers(): TestCluster {
  const cluster = new TestCluster('a', 'b', 'c')
  for (const id of ['a', 'b', 'c']) {
    cluster.node(id).open(`s-${id}`)
    cluster.node(id).join(`s-${id}`, 'presence-x', id)
  }
  cluster.advance()
  return cluster
}
/** What a node says from now on, of that type. */
function recorded(cluster: TestCluster, from: string, type: string): string[] {
  const texts: string[] = []
  cluster.onSend = item => {
    if (item.from === from && (decode(item.text, 'key') as Envelope).body.type === type) texts.push(item.text)
  }
  return texts
}
const lastOf = (cluster: TestCluster, id: string) => lastEvent(cluster.node(id).hub.state, '1001', 'cache-x', cluster.nowMs)
/** How often a socket was told of members, by event and id. */
const told = (node: TestNode, socketId: string) =>
  node.received.get(socketId)!.flatMap(frame => {
    const { event, data } = JSON.parse(frame)
    return /member_/.test(event) ? [`${event.slice(23)} ${JSON.parse(data).user_id}`] : []
  })

describe('three nodes', () => {
  test('answer alike, and count a user once', () => {
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

  test('deliver an event once to everybody, apart from the one who is left out, wherever it is', () => {
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

  test('tell of a user once, and of its end once, however many nodes it is on', () => {
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
    expect(told(cluster.node('a'), 's1')).toEqual(['added you'])
    cluster.node('c').close('s3')
    cluster.deliver()
    expect(told(cluster.node('a'), 's1')).toEqual(['added you', 'removed you'])
  })

  test('keep the same last event of a cache channel when two publish at once', () => {
    const cluster = new TestCluster('a', 'b')
    cluster.node('a').publish('cache-x', '1')
    cluster.node('b').publish('cache-x', '2')
    cluster.deliver()
    expect(lastOf(cluster, 'a')).toContain('"2"')
    expect(lastOf(cluster, 'b')).toContain('"2"')
  })

  test('close the sockets of a user on all of them', () => {
    const cluster = new TestCluster('a', 'b')
    cluster.node('b').open('s2')
    cluster.node('b').say('s2', signingIn(cluster.app, 's2', '{"id":"u"}'))
    cluster.node('a').cluster.terminate('1001', 'u')
    cluster.deliver()
    expect(cluster.node('b').hub.state.sockets.size).toBe(0)
  })
})

describe('a node that comes', () => {
  test('knows what was there before, kept events too', () => {
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

  test('knows when it has heard everything', () => {
    const cluster = new TestCluster('a')
    const late = cluster.start('b')
    expect(late.cluster.isSynced).toBe(false)
    cluster.deliver()
    expect(late.cluster.isSynced).toBe(true)
    expect(cluster.node('a').cluster.isSynced).toBe(true)
  })

  test('is known to the others', () => {
    const cluster = new TestCluster('a')
    const late = cluster.start('b')
    late.open('s2')
    late.join('s2', 'news')
    cluster.advance()
    expect(view(cluster.node('a'))).toEqual(view(late))
    expect(cluster.node('a').cluster.peerIds).toEqual(['b1'])
  })
})

test('a node can send its clients to others as long as one of them does not stop itself', () => {
  const cluster = new TestCluster('a')
  const a = cluster.node('a').cluster
  expect(a.peers.isAnyStaying).toBe(false)
  const [b, c] = [cluster.start('b'), cluster.start('c')]
  cluster.deliver()
  expect(a.peers.isAnyStaying).toBe(true)
  b.cluster.announceStop(cluster.nowMs)
  cluster.deliver()
  expect([a.peers.isAnyStaying, b.cluster.peers.isAnyStaying]).toEqual([true, true])
  c.cluster.announceStop(cluster.nowMs)
  cluster.advance()
  expect([a.peers.isAnyStaying, b.cluster.peers.isAnyStaying]).toEqual([false, true])
  b.cluster.leave(cluster.nowMs)
  cluster.deliver()
  cluster.start('d')
  cluster.advance()
  expect(a.peers.isAnyStaying).toBe(true)
})

test('a node that serves other apps now hears everything anew', () => {
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

describe('a node that goes', () => {
  function withGuest() {
    const cluster = new TestCluster('a', 'b')
    cluster.node('a').open('s1')
    cluster.node('a').join('s1', 'presence-x', 'me')
    cluster.node('b').open('s2')
    cluster.node('b').join('s2', 'presence-x', 'you')
    cluster.advance()
    return cluster
  }

  test('without a word is gone after ten seconds', () => {
    const cluster = withGuest()
    cluster.kill('b')
    cluster.advance(7)
    expect(view(cluster.node('a')).users).toEqual(['"me"', '"you"'])
    cluster.advance(4)
    expect(view(cluster.node('a'))).toMatchObject({ connections: 1, users: ['"me"'] })
    expect(told(cluster.node('a'), 's1')).toEqual(['added you', 'removed you'])
  })

  test('answers nobody any more', () => {
    const cluster = withGuest()
    cluster.node('b').cluster.leave(cluster.nowMs)
    cluster.node('b').publish('news', 'of a request that was under way')
    cluster.deliver()
    cluster.advance(3)
    expect(view(cluster.node('a')).users).toEqual(['"me"'])
    expect(told(cluster.node('a'), 's1')).toEqual(['added you', 'removed you'])
  })

  test('and says so is gone at once', () => {
    const cluster = withGuest()
    cluster.node('b').cluster.leave(cluster.nowMs)
    cluster.kill('b')
    cluster.deliver()
    expect(view(cluster.node('a')).users).toEqual(['"me"'])
  })

  test('with the backplane takes everybody else with it', () => {
    const cluster = withGuest()
    const { hub, cluster: node } = cluster.node('a')
    cluster.node('a').apply(node.removeAllPeers(cluster.nowMs))
    expect(view(cluster.node('a')).users).toEqual(['"me"'])
    expect(hub.state.isClustered).toBe(false)
  })
})

describe('what gets lost', () => {
  test('is made up for: a gap is noticed at the next entries, or at the next heartbeat', () => {
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

  test('an answer that never came is asked for again', () => {
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

  test('a partition has both sides serve, and then agree', () => {
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
    expect(told(cluster.node('a'), 's-a')).toEqual(['added b', 'added c', 'removed c', 'added c', 'added d'])
  })
})

describe('a node that misses something of its own', () => {
  test('waits for what comes after it', () => {
    const cluster = new TestCluster('a', 'b')
    cluster.node('b').open('s-b')
    cluster.node('b').join('s-b', 'news')
    cluster.advance()
    cluster.cutLinks.add('a a')
    cluster.node('a').publish('news', '0')
    cluster.deliver()
    cluster.cutLinks.clear()
    const events = recorded(cluster, 'a', 'event')
    for (const data of ['1', '2']) cluster.node('a').publish('news', data)
    cluster.advance()
    // Whoever comes later is told what has been said to all.
    const late = cluster.start('c')
    late.open('s-c')
    late.join('s-c', 'news')
    cluster.advance()
    for (const text of events) late.receive(text)
    expect(late.received.get('s-c')!.filter(frame => frame.includes('"e"'))).toEqual([])
    expect(late.cluster.counters.replayed).toBe(2)
  })
})

describe('a node that does not hear itself', () => {
  test('keeps what it knows of the others, and gives them time when it hears again', () => {
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
    expect(told(cluster.node('c'), 's-c')).toEqual(['added a', 'added b', 'removed b'])
  })

  test('is not deceived by what it said before', () => {
    const cluster = threeWithMembers()
    const { cluster: c } = cluster.node('c')
    c.tick(cluster.nowMs + 2000)
    const recorded = cluster.inFlight.filter(({ from }) => from === 'c').map(({ text }) => text)
    cluster.deliver()
    cluster.cutOff('c')
    for (let second = 0; second < 20; second++) {
      cluster.advance(1)
      for (const text of recorded) c.receive(text, cluster.nowMs)
    }
    expect(c.peerIds).toHaveLength(2)
  })
})

describe('while nothing gets through', () => {
  /** Three nodes with a subscriber each; what they were told of events, in order. */
  function listening() {
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
    /** Redis is gone for all of them, with all that is under way. */
    const lose = () => {
      cluster.inFlight.length = 0
      for (const node of cluster.nodes.values()) node.cluster.onDisconnected()
    }
    return { cluster, events, lose }
  }

  test('events wait for everybody to be back, and reach each once, in order', () => {
    const { cluster, events, lose } = listening()
    cluster.node('a').publish('news', '0')
    cluster.deliver()
    lose()
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

  test('events do not wait for one that does not come back', () => {
    const { cluster, events, lose } = listening()
    lose()
    cluster.node('a').publish('news', '1')
    cluster.kill('c')
    for (const id of ['a', 'b']) cluster.node(id).cluster.onConnected(cluster.nowMs)
    cluster.advance(7)
    expect(events('b')).toEqual([])
    cluster.advance(2)
    expect(events('b')).toEqual(['1'])
  })

  test('nor for one that never was of them', () => {
    const { cluster, events, lose } = listening()
    const { cluster: a } = cluster.node('a')
    a.receive(
      encode({ node: 'ghost', number: 1, epoch: 1, body: { type: 'heartbeat', sequence: 1, from: 1 } }, 'key'),
      cluster.nowMs,
    )
    lose()
    cluster.node('a').publish('news', '1')
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance(1)
    expect(events('b')).toEqual(['1'])
  })

  test('nor for ever for one that is heard, and does not answer', () => {
    const { cluster, events } = listening()
    cluster.node('a').cluster.onDisconnected()
    cluster.cutLinks.add('a c')
    cluster.node('a').cluster.onConnected(cluster.nowMs)
    cluster.node('a').publish('news', '1')
    cluster.advance(9)
    expect(events('b')).toEqual(['1'])
  })

  test('nor for one that is dead, whatever is said again of it', () => {
    const { cluster, events } = listening()
    const beats = recorded(cluster, 'c', 'heartbeat')
    cluster.node('a').cluster.onDisconnected()
    cluster.isolate('a')
    cluster.advance(60)
    cluster.kill('c')
    cluster.advance(10)
    cluster.cutLinks.clear()
    cluster.node('a').cluster.onConnected(cluster.nowMs)
    cluster.node('a').publish('news', '1')
    for (let second = 0; second < 9; second++) {
      cluster.inFlight.push({ from: 'x', text: beats.shift()! })
      cluster.advance(1)
    }
    expect(events('b')).toEqual(['1'])
  })

  test('however many wait, and whoever is back first', () => {
    const { cluster, events, lose } = listening()
    lose()
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

  test('what one says that starts in the meantime reaches those whom it meets', () => {
    const { cluster, events, lose } = listening()
    lose()
    cluster.kill('a')
    const fresh = cluster.start('a', { isUp: false })
    fresh.publish('news', '1')
    for (const id of ['b', 'c', 'a']) cluster.node(id).cluster.onConnected(cluster.nowMs)
    cluster.deliver()
    expect([events('b'), events('c')]).toEqual([['1'], ['1']])
  })

  test('the last event of a cache channel is the same everywhere afterwards', () => {
    const { cluster, lose } = listening()
    lose()
    cluster.node('a').publish('cache-x', '1')
    cluster.node('b').publish('cache-x', '2')
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    expect(lastOf(cluster, 'a')).toBe(lastOf(cluster, 'b'))
    expect(lastOf(cluster, 'c')).toBe(lastOf(cluster, 'b'))
  })

  test('what was on its way is said again, to those who have not heard it', () => {
    const { cluster, events, lose } = listening()
    for (const data of ['1', '2', '3']) cluster.node('a').publish('news', data)
    for (const { text } of cluster.inFlight.slice(0, 2)) cluster.node('b').receive(text)
    lose()
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.advance()
    for (const id of ['a', 'b', 'c']) expect(events(id)).toEqual(['1', '2', '3'])
    expect(cluster.node('b').cluster.counters).toEqual({ forged: 0, malformed: 0, replayed: 2, dropped: 0 })
  })

  test('users are put out when it is over', () => {
    const { cluster, lose } = listening()
    cluster.node('b').say('s-b', signingIn(cluster.app, 's-b', '{"id":"u"}'))
    cluster.advance()
    lose()
    cluster.node('a').cluster.terminate('1001', 'u')
    for (const node of cluster.nodes.values()) node.cluster.onConnected(cluster.nowMs)
    cluster.deliver()
    expect(cluster.node('b').hub.state.sockets.size).toBe(0)
  })

  test('a node that leaves all the same says before what it has to say', () => {
    const { cluster, events, lose } = listening()
    lose()
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

  test('what was sent before the outage and arrives late is not taken for what is sent again', () => {
    const { cluster, events } = listening()
    const sent = recorded(cluster, 'a', 'event')
    for (const data of ['1', '2', '3']) cluster.node('a').publish('news', data)
    cluster.inFlight.length = 0
    for (const id of ['a', 'b', 'c']) cluster.node(id).cluster.onDisconnected()
    for (const id of ['a', 'b', 'c']) cluster.node(id).cluster.onConnected(cluster.nowMs)
    // Redis has carried out the first of them while nobody was subscribed.
    const late = sent.slice(1, 3)
    for (const text of late) for (const node of cluster.nodes.values()) node.receive(text)
    cluster.deliver()
    for (const text of late) for (const node of cluster.nodes.values()) node.receive(text)
    cluster.advance()
    for (const id of ['b', 'c']) expect(events(id)).toEqual(['1', '2', '3'])
    expect(cluster.node('a').cluster.pace(cluster.nowMs).events).toBe(0)
    expect(cluster.node('a').cluster.counters.dropped).toBe(0)
  })

  test('what the backplane has lost while it delivered later ones is counted', () => {
    const { cluster, events } = listening()
    for (const data of ['1', '2', '3']) cluster.node('a').publish('news', data)
    cluster.inFlight.splice(0, 2)
    cluster.deliver()
    expect([events('b'), cluster.node('a').cluster.counters.dropped]).toEqual([['3'], 2])
  })

  test('what there is no room for is counted', () => {
    const { cluster, lose } = listening()
    lose()
    for (let i = 0; i < 20; i++) cluster.node('a').publish('news', 'x'.repeat(1024 * 1024))
    expect(cluster.node('a').cluster.counters.dropped).toBeGreaterThanOrEqual(4)
  })
})

describe('a backplane that is slow', () => {
  /** Two nodes, of which one has published events that have not come back. */
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

  test('has a few MiB to deliver at a time, and all of it in the end, in order', () => {
    const { cluster, a } = publishing(10_000)
    expect(bytes(cluster)).toBeGreaterThan(3 * 1024 * 1024)
    expect(bytes(cluster)).toBeLessThan(4 * 1024 * 1024)
    expect(a.pace(0).events).toBe(10_000)
    cluster.deliver()
    const heard = cluster
      .node('b')
      .received.get('s1')!
      .flatMap(frame => (frame.includes('"e"') ? [Number.parseInt(JSON.parse(frame).data, 10)] : []))
    expect(heard).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
    expect([a.pace(0).events, a.counters.dropped]).toEqual([0, 0])
  })

  test('is known by how long the oldest text has been under way, events or not', () => {
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

  test('that has lost reports and delivers events is sent reports again', () => {
    const { cluster, a } = publishing(0)
    const beats = () => cluster.inFlight.filter(({ text }) => text.includes('"heartbeat"')).length
    for (let i = 0; i < 20_000; i++) {
      cluster.node('a').open(`s-${i}`)
      cluster.node('a').join(`s-${i}`, `presence-${i}`, 'x'.repeat(100))
      if (i % 100 === 0) cluster.node('a').flush()
    }
    cluster.inFlight.length = 0
    cluster.nowMs += 2000
    cluster.node('a').tick()
    expect(beats()).toBe(0)
    cluster.node('a').publish('news', 'later')
    cluster.deliver()
    expect(a.pace(cluster.nowMs).lagMs).toBe(0)
    cluster.node('a').tick()
    expect(beats()).toBe(1)
  })

  test('is sent no more reports than fit: what changes meanwhile is known in the end', () => {
    const { cluster, a } = publishing(0)
    for (let i = 0; i < 20_000; i++) {
      cluster.node('a').open(`s-${i}`)
      cluster.node('a').join(`s-${i}`, `presence-${i}`, 'x'.repeat(100))
      if (i % 100 === 0) cluster.node('a').flush()
    }
    cluster.node('a').flush()
    expect(bytes(cluster)).toBeLessThan(2 * 1024 * 1024)
    cluster.advance(5)
    expect(query.channelInfos(cluster.node('b').hub.state, '1001', 'presence-', info, 0)).toHaveLength(20_000)
    expect(a.counters.dropped).toBe(0)
  })
})

describe('what is not from a node of ours', () => {
  const event = (number: number, key = 'key', node = 'x') =>
    encode(
      { node, number, epoch: 1, body: { type: 'event', topic: '1001/news', frame: '{"event":"e"}', exceptSocketId: undefined } },
      key,
    )

  /** A node that has somebody to hear of the event. */
  function listening(): TestCluster {
    const cluster = new TestCluster('a')
    cluster.node('a').open('s1')
    cluster.node('a').join('s1', 'news')
    return cluster
  }

  test('is counted and ignored', () => {
    const cluster = listening()
    const { cluster: node } = cluster.node('a')
    for (const text of [
      '',
      'x',
      '{}',
      event(1, 'other'),
      `${event(1)} `,
      event(1).replace(/^./, digit => (digit === '0' ? '1' : '0')),
    ]) {
      expect(node.receive(text, 1)).toEqual([])
    }
    expect(node.counters).toEqual({ forged: 6, malformed: 0, replayed: 0, dropped: 0 })
  })

  test('is not even looked at where nobody is to hear of it', () => {
    const { cluster: node } = new TestCluster('a').node('a')
    expect(node.receive(event(1, 'other'), 1)).toEqual([])
    expect(node.counters.forged).toBe(0)
  })

  describe('before it has answered', () => {
    const body = (type: 'heartbeat' | 'leave') =>
      type === 'leave' ? ({ type } as const) : ({ type, sequence: 0, from: 1 } as const)
    const says = (number: number, type: 'heartbeat' | 'leave' = 'heartbeat') =>
      encode({ node: 'x', number, epoch: 1, body: body(type) }, 'key')

    /** A node that has heard of `x`, and asks it; and how `x` answers. */
    function asking(start = 1) {
      const cluster = listening()
      const { cluster: a } = cluster.node('a')
      const asked = () =>
        cluster.inFlight.splice(0).flatMap(({ text }) => {
          const { number, body } = decode(text, 'key') as Envelope
          return body.type === 'ask' && body.to === 'x' ? [number] : []
        })
      const hear = (text: string, nowMs = cluster.nowMs) => {
        cluster.node('a').apply(a.receive(text, nowMs))
      }
      const answer = (number: number, answers: number, from = number) =>
        hear(
          encode(
            {
              node: 'x',
              number,
              epoch: 1,
              body: { type: 'snapshot', to: 'a', answers, sequence: 0, from, part: 0, hasMore: false, entries: [], kept: [] },
            },
            'key',
          ),
        )
      const heard = () =>
        cluster
          .node('a')
          .received.get('s1')!
          .filter(frame => frame.includes('"e"')).length
      asked()
      hear(says(start))
      const [question] = asked() as [number]
      return { cluster, a, asked, hear, answer, heard, question }
    }

    test('its events wait, and count when it has', () => {
      const { hear, answer, heard, question, a } = asking()
      hear(event(10))
      hear(event(11))
      expect(heard()).toBe(0)
      answer(12, question, 11)
      expect(heard()).toBe(1)
      hear(event(11))
      hear(event(13))
      expect(heard()).toBe(2)
      expect(a.counters).toEqual({ forged: 0, malformed: 0, replayed: 2, dropped: 0 })
    })

    test('they come to nothing if it does not, however often they are said', () => {
      const { hear, heard, answer, question, cluster, a } = asking()
      for (let i = 0; i < 3; i++) hear(event(10))
      hear(event(9))
      answer(12, question - 1)
      expect(heard()).toBe(0)
      cluster.advance(12)
      expect([a.peerIds, heard(), a.counters.replayed]).toEqual([[], 0, 3])
    })

    test('only so much waits, of all of them', () => {
      const { hear, heard, answer, question, cluster, a } = asking()
      const frame = JSON.stringify({ event: 'e', data: 'x'.repeat(1024 * 1024) })
      const large = (node: string, number: number) =>
        encode({ node, number, epoch: 1, body: { type: 'event', topic: '1001/news', frame, exceptSocketId: undefined } }, 'key')
      for (let number = 10; number < 20; number++) {
        hear(large('x', number))
        hear(large('y', number))
      }
      expect(a.counters.dropped).toBe(5)
      answer(2000, question, 10)
      // In turns, so that they do not hold up others.
      expect(heard()).toBe(1)
      cluster.node('a').flush()
      expect(heard()).toBe(8)
      // Of one that is gone without an answer, nothing waits any more.
      cluster.advance(9)
      for (let number = 20; number < 30; number++) hear(large('z', number))
      expect(a.counters.dropped).toBe(5)
    })

    test('and of one that is back, all that was not heard before', () => {
      const { hear, heard, answer, question, cluster, asked, a } = asking()
      answer(2, question)
      hear(event(3))
      cluster.advance(12)
      expect([a.peerIds, heard()]).toEqual([[], 1])
      asked()
      hear(event(3))
      hear(event(4))
      expect(heard()).toBe(1)
      const [again] = asked() as [number]
      answer(5, again)
      expect(heard()).toBe(2)
    })

    test('an answer counts once, and so does everything else', () => {
      const { hear, heard, answer, question, asked, a } = asking()
      answer(2, question)
      answer(2, question)
      hear(says(1))
      answer(3, question)
      hear(event(4))
      hear(event(4))
      expect([heard(), a.counters.replayed]).toEqual([1, 3])
      hear(says(5, 'leave'))
      expect(a.peerIds).toEqual([])
      asked()
      hear(says(1))
      answer(2, question)
      expect(asked()).toEqual([])
      hear(event(6))
      expect(heard()).toBe(1)
    })

    test('nobody is answered twice for a question that is said again', () => {
      const cluster = new TestCluster('a', 'b')
      const questions = recorded(cluster, 'g', 'ask')
      const gone = cluster.start('g')
      cluster.deliver()
      const leaves = recorded(cluster, 'g', 'leave')
      gone.cluster.leave(cluster.nowMs)
      cluster.kill('g')
      cluster.deliver()
      for (let i = 0; i < 100; i++) for (const text of [...questions, ...leaves]) cluster.node('a').receive(text)
      expect([questions.length, leaves.length]).toEqual([expect.any(Number), 1])
      expect(cluster.inFlight).toEqual([])
    })

    test('what nobody was to hear when it was said comes to nothing later', () => {
      const { hear, heard, answer, question, cluster } = asking()
      answer(2, question)
      const unheard = encode(
        {
          node: 'x',
          number: 3,
          epoch: 1,
          body: { type: 'event', topic: '1001/late', frame: '{"event":"e"}', exceptSocketId: undefined },
        },
        'key',
      )
      hear(unheard)
      hear(encode({ node: 'x', number: 4, epoch: 1, body: { type: 'heartbeat', sequence: 0, from: 4 } }, 'key'))
      cluster.node('a').join('s1', 'late')
      hear(unheard)
      expect(heard()).toBe(0)
    })
  })

  test('is of another version', () => {
    const text = encode({ node: 'x', number: 1, epoch: 1, body: { type: 'leave' } }, 'key')
    expect(decode(text, 'key')).toEqual({ node: 'x', number: 1, epoch: 1, body: { type: 'leave' } })
    expect(text.slice(64)).toStartWith('[1,')
    const other = text.slice(64).replace('[1,', '[2,')
    expect(decode(`${signText('key', other)}${other}`, 'key')).toBe('forged')
  })
})

/** Whoever has the key of the cluster, or a node with a bug, claims what cannot be. */
describe('a number that a node has not come to', () => {
  const absurd = Number.MAX_SAFE_INTEGER
  const invent = (body: Body, number = absurd, node = 'b1') => encode({ node, number, epoch: 1, body }, 'key')

  /** Two nodes, of which one has a client on a channel. */
  function two() {
    const cluster = new TestCluster('a', 'b')
    const [a, b] = [cluster.node('a'), cluster.node('b')]
    a.open('s1')
    a.join('s1', 'news')
    cluster.advance()
    const events = () => a.received.get('s1')!.flatMap(frame => (frame.includes('"e"') ? [JSON.parse(frame).data as string] : []))
    /** Within so many seconds, what `b` publishes and has is known to `a` again. */
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
    ['heartbeat', { type: 'heartbeat', sequence: absurd, from: absurd }],
    ['entries', { type: 'entries', sequence: absurd, entries: [] }],
    ['question', { type: 'ask', to: 'a', part: 0 }],
    [
      'snapshot',
      {
        type: 'snapshot',
        to: 'a',
        answers: absurd,
        sequence: absurd,
        from: absurd,
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
  ])('in a %s silences the node for some seconds at most', (_, body) => {
    const { a, recovers } = two()
    a.receive(invent(body))
    recovers(9)
  })

  test.each<[string, Body]>([
    ['event', { type: 'event', topic: '1001/news', frame: '{"event":"other"}', exceptSocketId: undefined }],
    ['end of a user', { type: 'terminate', appId: '1001', userId: 'nobody' }],
  ])('in an %s is corrected by the next heartbeat', (_, body) => {
    const { a, recovers } = two()
    a.receive(invent(body))
    recovers(2)
  })

  test('is corrected while the node has not answered yet', () => {
    const { cluster, a, recovers } = two()
    cluster.isolate('b')
    cluster.advance(12)
    expect(a.cluster.peerIds).toEqual([])
    cluster.cutLinks.clear()
    a.receive(invent({ type: 'event', topic: '1001/news', frame: '{"event":"other"}', exceptSocketId: undefined }))
    a.receive(invent({ type: 'heartbeat', sequence: 0, from: absurd }))
    recovers(9)
  })

  test('in the name of the node itself is not taken for its own, and counted', () => {
    const { cluster, a, recovers } = two()
    a.receive(invent({ type: 'heartbeat', sequence: absurd, from: absurd }, absurd, 'a'))
    a.receive(invent({ type: 'event', topic: '1001/news', frame: '{"event":"other"}', exceptSocketId: undefined }, absurd, 'a'))
    expect(a.cluster.counters.forged).toBe(2)
    expect(a.cluster.peerIds).toEqual(['b1'])
    recovers(9)
    // A node that does not hear itself would keep one that is gone.
    cluster.kill('b')
    cluster.advance(12)
    expect(a.cluster.peerIds).toEqual([])
  })

  test('does not make a recorded answer a new one', () => {
    const { cluster, a, b } = two()
    const answers = recorded(cluster, 'b', 'snapshot')
    a.cluster.resync(cluster.nowMs)
    cluster.deliver()
    b.open('s9')
    cluster.advance()
    expect(answers).toHaveLength(1)
    a.receive(invent({ type: 'heartbeat', sequence: absurd, from: absurd }))
    cluster.advance(9)
    a.receive(answers[0]!)
    cluster.advance(1)
    expect(socketCount(a.hub.state, '1001')).toBe(2)
  })

  test('is not asked about while the node is heard: recordings cost it no snapshot', () => {
    const { cluster, a } = two()
    const beats = recorded(cluster, 'b', 'heartbeat')
    cluster.advance(3)
    const questions = recorded(cluster, 'a', 'ask')
    for (let second = 0; second < 20; second++) {
      for (const beat of beats.slice(0, 1)) a.receive(beat)
      cluster.advance(1)
    }
    expect(questions).toEqual([])
    expect(a.cluster.counters.replayed).toBe(20)
  })
})

describe('a snapshot of many entries', () => {
  const name = (i: number) => `c${i}-`.padEnd(190, 'x')
  /** A node with 3,000 channels, and one that is started. `onPart` is called with each part that is sent. */
  function growing(onPart: (part: Extract<Body, { type: 'snapshot' }>, cluster: TestCluster) => void) {
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
  const counts = (node: TestNode) => Object.fromEntries(query.channelInfos(node.hub.state, '1001', '', info, 0).sort())

  test('is sent in parts, each when the one before has been taken in, and is all known with the last one', () => {
    const sizes: number[] = []
    const parts: [number, boolean, boolean][] = []
    const { cluster, b } = growing(body => {
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

  test('holds what changes meanwhile', () => {
    const { cluster, b } = growing(({ part }, { nodes }) => {
      const a = nodes.get('a')!
      if (part === 2) {
        for (const i of [0, 2999]) a.say('s1', JSON.stringify({ event: 'pusher:unsubscribe', data: { channel: name(i) } }))
        a.join('s1', 'late')
      }
    })
    cluster.deliver()
    expect(counts(b)).toEqual(counts(cluster.node('a')))
    expect(Object.keys(counts(b))).toHaveLength(3000)
  })

  test('replaces what was known, and what is over ends', () => {
    const { cluster, b } = growing(() => {})
    cluster.deliver()
    cluster.isolate('b')
    for (let i = 0; i < 2500; i++)
      cluster.node('a').say('s1', JSON.stringify({ event: 'pusher:unsubscribe', data: { channel: name(i) } }))
    cluster.node('a').say('s1', JSON.stringify({ event: 'pusher:unsubscribe', data: { channel: 'presence-x' } }))
    cluster.deliver()
    cluster.cutLinks.clear()
    cluster.advance(4)
    expect(counts(b)).toEqual(counts(cluster.node('a')))
    expect(Object.keys(counts(b))).toHaveLength(500)
  })

  test('of which a part is lost is asked for anew', () => {
    let isCut = true
    const { cluster, b } = growing(({ part }, { cutLinks }) => {
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

  test('is not read by those who have not asked for it', () => {
    const { cluster } = growing(() => {})
    const { state } = cluster.node('c').hub
    const before = state.channels.get('1001')
    cluster.deliver()
    expect(cluster.node('c').cluster.counters).toEqual({ forged: 0, malformed: 0, replayed: 0, dropped: 0 })
    expect(state.channels.get('1001')).toBe(before!)
  })

  test('of a node that is lost ends in turns, members first', () => {
    const { cluster, b } = growing(() => {})
    cluster.deliver()
    b.open('witness')
    b.join('witness', 'presence-x', 'w')
    cluster.node('a').cluster.leave(cluster.nowMs)
    const leave = cluster.inFlight.splice(0)
    for (const { text } of leave) b.receive(text)
    expect(query.userIds(b.hub.state, '1001', 'presence-x')).toEqual(['"w"'])
    expect(socketCount(b.hub.state, '1001')).toBe(1)
    expect(Object.keys(counts(b)).length).toBeGreaterThan(2000)
    let turns = 1
    while (!b.turn()) turns++
    expect(turns).toBe(3)
    expect(Object.keys(counts(b))).toEqual(['presence-x'])
    expect(told(b, 'witness')).toEqual(['removed me'])
  })

  test('of a node that is back while what it had still ends, counts', () => {
    const { cluster, b } = growing(() => {})
    cluster.deliver()
    b.apply(removeNode(b.hub.state, b.cluster.peerIds[0]!, cluster.nowMs))
    expect(b.hub.state.resyncs.size).toBe(1)
    b.cluster.resync(cluster.nowMs)
    cluster.deliver()
    expect(b.hub.state.resyncs.size).toBe(0)
    expect(counts(b)).toEqual(counts(cluster.node('a')))
  })
})
