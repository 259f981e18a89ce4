import { describe, expect, test } from 'bun:test'
import { decode, encode } from '../../src/cluster/envelope.ts'
import * as query from '../../src/core/query.ts'
import { lastEvent, socketCount } from '../../src/core/state.ts'
import { signText } from '../../src/protocol/signature.ts'
import { testApp } from '../support/apps.ts'
import { TestCluster, type TestNode } from '../support/cluster.ts'
import { signingIn } from '../support/core.ts'

const info = new Set(['user_count', 'subscription_count'])
/** What a node answers, in an order of its own. */
const view = ({ hub: { state } }: TestNode) => ({
  connections: socketCount(state, '1001'),
  channels: Object.fromEntries(query.channels(state, '1001', '', info, 0).sort()),
  users: query.userIds(state, '1001', 'presence-x').sort(),
})
/** How often a socket was told of members, by event and id. */
const told = (node: TestNode, socketId: string) =>
  node.heard.get(socketId)!.flatMap(frame => {
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
      channels: { news: { subscription_count: 3 }, 'presence-x': { user_count: 2 } },
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
        .heard.get(socketId)!
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
    cluster.settle()
    expect(view(cluster.node('b'))).toEqual(view(cluster.node('a')))
    const { state } = cluster.node('b').hub
    expect(lastEvent(state, '1001', 'cache-x', cluster.nowMs)).toContain('"d"')
    expect(lastEvent(state, '1001', 'cache-x', 3_000_000)).toBeUndefined()
  })

  test('knows when it has heard everything', () => {
    const cluster = new TestCluster('a')
    const late = cluster.start('b')
    expect(late.cluster.isInformed).toBe(false)
    late.apply(late.cluster.hello(cluster.nowMs))
    expect(late.cluster.isInformed).toBe(false)
    cluster.deliver()
    expect(late.cluster.isInformed).toBe(true)
    expect(cluster.node('a').cluster.isInformed).toBe(true)
  })

  test('is known to the others', () => {
    const cluster = new TestCluster('a')
    const late = cluster.start('b')
    late.open('s2')
    late.join('s2', 'news')
    cluster.settle()
    expect(view(cluster.node('a'))).toEqual(view(late))
    expect(cluster.node('a').cluster.peerIds).toEqual(['b1'])
  })
})

test('a node that serves other apps now hears everything anew', () => {
  const cluster = new TestCluster('a', 'b')
  const { hub, cluster: node } = cluster.node('a')
  cluster.node('a').apply(hub.replaceApps([testApp({ id: '1002', key: 'other' })], cluster.nowMs))
  cluster.node('b').open('s1')
  cluster.settle()
  expect(socketCount(hub.state, '1001')).toBe(0)
  hub.replaceApps([cluster.app], cluster.nowMs)
  node.refresh(cluster.nowMs)
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
    cluster.settle()
    return cluster
  }

  test('without a word is gone after ten seconds', () => {
    const cluster = withGuest()
    cluster.kill('b')
    cluster.settle(7)
    expect(view(cluster.node('a')).users).toEqual(['"me"', '"you"'])
    cluster.settle(4)
    expect(view(cluster.node('a'))).toMatchObject({ connections: 1, users: ['"me"'] })
    expect(told(cluster.node('a'), 's1')).toEqual(['added you', 'removed you'])
  })

  test('and says so is gone at once', () => {
    const cluster = withGuest()
    cluster.node('b').cluster.leave()
    cluster.kill('b')
    cluster.deliver()
    expect(view(cluster.node('a')).users).toEqual(['"me"'])
  })

  test('with the backplane takes everybody else with it', () => {
    const cluster = withGuest()
    const { hub, cluster: node } = cluster.node('a')
    cluster.node('a').apply(node.loseAll(cluster.nowMs))
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
      cluster.underWay.length = 0
      if (more) b.join('s1', 'news')
      cluster.settle(3)
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
    for (const { text } of cluster.underWay.splice(0)) cluster.node('b').hear(text)
    expect(cluster.underWay).not.toBeEmpty()
    cluster.underWay.length = 0
    cluster.settle(4)
    expect(view(cluster.node('b')).connections).toBe(1)
  })

  test('a partition has both sides serve, and then agree', () => {
    const cluster = new TestCluster('a', 'b', 'c')
    for (const id of ['a', 'b', 'c']) {
      cluster.node(id).open(`s-${id}`)
      cluster.node(id).join(`s-${id}`, 'presence-x', id)
    }
    cluster.settle()
    cluster.isolate('c')
    cluster.settle(12)
    expect(view(cluster.node('a')).users).toEqual(['"a"', '"b"'])
    expect(view(cluster.node('c')).users).toEqual(['"c"'])
    cluster.node('c').open('s-d')
    cluster.node('c').join('s-d', 'presence-x', 'd')
    cluster.cut.clear()
    cluster.settle(4)
    for (const node of cluster.nodes.values()) expect(view(node)).toEqual(view(cluster.node('a')))
    expect(view(cluster.node('a')).users).toEqual(['"a"', '"b"', '"c"', '"d"'])
    expect(told(cluster.node('a'), 's-a')).toEqual(['added b', 'added c', 'removed c', 'added c', 'added d'])
  })
})

describe('what is not from a node of ours', () => {
  const event = (number: number, key = 'key', node = 'x') =>
    encode({ node, number, body: { type: 'event', topic: '1001/news', frame: '{"event":"e"}', exceptSocketId: undefined } }, key)

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
    expect(node.counters).toEqual({ forged: 6, replayed: 0, snapshots: 0 })
  })

  test('is not even looked at where nobody is to hear of it', () => {
    const { cluster: node } = new TestCluster('a').node('a')
    expect(node.receive(event(1, 'other'), 1)).toEqual([])
    expect(node.counters.forged).toBe(0)
  })

  test('nor is what it said before, also when it is gone', () => {
    const cluster = listening()
    const { cluster: node } = cluster.node('a')
    expect(node.receive(event(5), 1)).toHaveLength(1)
    expect(node.receive(event(5), 1)).toEqual([])
    expect(node.receive(event(4), 1)).toEqual([])
    node.tick(20_000)
    expect(node.peerIds).toEqual([])
    expect(node.receive(event(5), 20_001)).toEqual([])
    expect(node.receive(event(6), 20_001)).toHaveLength(1)
    expect(node.counters.replayed).toBe(3)
  })

  test('is of another version', () => {
    const text = encode({ node: 'x', number: 1, body: { type: 'leave' } }, 'key')
    expect(decode(text, 'key')).toEqual({ node: 'x', number: 1, body: { type: 'leave' } })
    expect(text.slice(64)).toStartWith('[1,')
    const other = text.slice(64).replace('[1,', '[2,')
    expect(decode(`${signText('key', other)}${other}`, 'key')).toBeUndefined()
  })

  test('comes back to the one who said it', () => {
    const cluster = new TestCluster('a')
    cluster.settle()
    expect(cluster.node('a').cluster.heardItselfAtMs).toBeGreaterThan(0)
    expect(cluster.node('a').cluster.peerIds).toEqual([])
  })
})
