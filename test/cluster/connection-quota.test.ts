/** `max_connections` over several nodes, in the situations in which they accept too many. */
import { describe, expect, test } from 'bun:test'
import { TestCluster, type TestNode } from '../support/cluster.ts'

const limit = 100

class QuotaCluster extends TestCluster {
  override get rules() {
    return { maxConnections: limit }
  }
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`)
const openOn = ({ hub }: TestNode) => [...hub.state.sockets.keys()]
const errorsOf = (node: TestNode) =>
  [...node.received].flatMap(([socketId, frames]) => (frames.some(frame => frame.includes('4004')) ? [socketId] : []))

/** How many sockets all of these have together. */
const countOf = (...nodes: TestNode[]) => nodes.flatMap(openOn).length

/** As a node of the release before: it sends no opening times, and closes nobody that it has accepted. */
function downgrade({ hub }: TestNode): void {
  hub.tick = () => []
}

describe('of a burst of clients', () => {
  test.each([2, 3, 4])('that %i nodes accept at once the oldest are left, within two seconds', count => {
    const ids = names('n', count)
    const cluster = new QuotaCluster(...ids)
    for (let i = 0; i < 300; i++) {
      cluster.nowMs++
      for (const id of ids) cluster.node(id).open(`${id}.${i}`)
    }
    expect(ids.map(id => openOn(cluster.node(id)).length)).toEqual(ids.map(() => limit))
    cluster.deliver()
    cluster.advance(2)
    const oldest = Array.from({ length: limit }, (_, i) => `${ids[i % count]}.${Math.floor(i / count)}`)
    expect(ids.flatMap(id => openOn(cluster.node(id))).sort()).toEqual(oldest.sort())
    for (const id of ids) expect(errorsOf(cluster.node(id))).toHaveLength(300 - openOn(cluster.node(id)).length)
  })

  test('a node without one sees all of it, and closes nobody', () => {
    const cluster = new QuotaCluster('a', 'b', 'c')
    for (const id of names('', limit)) for (const node of ['a', 'b']) cluster.node(node).open(`${node}${id}`)
    cluster.advance(3)
    expect(openOn(cluster.node('a')).length + openOn(cluster.node('b')).length).toBe(limit)
    cluster.node('c').open('late')
    expect(errorsOf(cluster.node('c'))).toEqual(['late'])
  })
})

describe('after a partition', () => {
  test('those are left that were there before it, then the oldest', () => {
    const cluster = new QuotaCluster('a', 'b')
    const before = { a: names('a', 40), b: names('b', 40) }
    for (const id of before.a) cluster.node('a').open(id)
    for (const id of before.b) cluster.node('b').open(id)
    cluster.advance()
    cluster.isolate('b')
    cluster.advance(10)
    for (const id of names('first', 15)) cluster.node('b').open(id)
    cluster.advance(10)
    for (const id of names('then', 60)) cluster.node('a').open(id)
    expect([openOn(cluster.node('a')).length, openOn(cluster.node('b')).length]).toEqual([100, 55])
    cluster.cutLinks.clear()
    cluster.advance(10)
    expect(openOn(cluster.node('b'))).toEqual([...before.b, ...names('first', 15)])
    expect(openOn(cluster.node('a'))).toEqual([...before.a, ...names('then', 5)])
  })
})

describe('beside a node of the release before', () => {
  test('the others close nobody because of its clients, and agree among each other', () => {
    const cluster = new QuotaCluster('a', 'b', 'old')
    downgrade(cluster.node('old'))
    for (const id of names('', limit)) for (const node of ['old', 'a', 'b']) cluster.node(node).open(`${node}${id}`)
    cluster.advance(10)
    expect(openOn(cluster.node('old'))).toHaveLength(limit)
    expect([...openOn(cluster.node('a')), ...openOn(cluster.node('b'))]).toHaveLength(limit)
    for (const { cluster: node } of cluster.nodes.values()) expect(node.counters.malformed).toBe(0)
    cluster.kill('old')
    cluster.advance(10)
    expect([...openOn(cluster.node('a')), ...openOn(cluster.node('b'))]).toHaveLength(limit)
  })
})

describe('beside a node that has crashed', () => {
  test('and is still counted, nobody is closed who has been accepted', () => {
    const cluster = new QuotaCluster('a', 'b')
    for (const id of names('a', 40)) cluster.node('a').open(id)
    for (const id of names('b', 60)) cluster.node('b').open(id)
    cluster.advance()
    cluster.kill('b')
    const restarted = cluster.start('b')
    for (const id of names('back', 60)) restarted.open(id)
    cluster.advance(15)
    expect(openOn(cluster.node('a'))).toEqual(names('a', 40))
    expect(openOn(restarted)).toEqual(names('back', 60))
  })
})

describe('where the quota is lowered while the nodes run', () => {
  const lowered = 50

  /** Nodes that have as many sockets as the app may have, in turns. */
  function fullCluster(...ids: string[]) {
    const cluster = new QuotaCluster(...ids)
    for (let i = 0; i < limit; i++) {
      cluster.nowMs++
      cluster.node(ids[i % ids.length]!).open(String(i))
      cluster.deliver()
    }
    return { cluster, nodes: ids.map(id => cluster.node(id)) }
  }

  test('those that are connected stay, and nobody else is accepted until fewer are left', () => {
    const { cluster, nodes } = fullCluster('a', 'b', 'c')
    for (const node of nodes) node.reload(lowered)
    cluster.advance(20)
    expect(countOf(...nodes)).toBe(limit)
    const [a, b, c] = nodes as [TestNode, TestNode, TestNode]
    for (const id of [...openOn(a), ...openOn(b).slice(0, limit - lowered - openOn(a).length)]) {
      b.open(`early ${id}`)
      ;(openOn(a).includes(id) ? a : b).close(id)
      cluster.deliver()
    }
    expect([openOn(a).length, countOf(b, c)]).toEqual([0, lowered])
    a.open('too many')
    c.close(openOn(c)[0]!)
    cluster.deliver()
    a.open('in time')
    cluster.advance(5)
    expect(openOn(a)).toEqual(['in time'])
    expect(errorsOf(b)).toHaveLength(limit - lowered)
    expect(countOf(b, c)).toBe(lowered - 1)
  })

  test('those stay, too, that a node accepts before it has read the new quota', () => {
    const { cluster, nodes } = fullCluster('a', 'b', 'c')
    const [a, b, c] = nodes as [TestNode, TestNode, TestNode]
    for (const id of openOn(a).slice(0, 10)) a.close(id)
    cluster.deliver()
    a.reload(lowered)
    cluster.advance()
    for (const id of names('late', 10)) b.open(id)
    cluster.advance()
    b.reload(lowered)
    cluster.advance()
    c.reload(lowered)
    cluster.advance(10)
    expect(countOf(a, b, c)).toBe(limit)
    expect(nodes.flatMap(errorsOf)).toEqual([])
  })

  test('those that were too many before are closed', () => {
    const { cluster, nodes } = fullCluster('a', 'b')
    const [a, b] = nodes as [TestNode, TestNode]
    for (const id of openOn(a)) a.close(id)
    cluster.deliver()
    cluster.isolate('b')
    for (const id of names('a', 30)) a.open(id)
    cluster.nowMs++
    a.reload(lowered)
    for (const id of names('more', limit - lowered)) b.open(id)
    b.reload(lowered)
    cluster.cutLinks.clear()
    cluster.advance(10)
    expect(countOf(a, b)).toBe(limit)
    expect(errorsOf(b)).toEqual(names('more', limit - lowered).slice(20))
    expect(errorsOf(a)).toEqual([])
  })

  test('those are closed that nodes have accepted since, where they have not heard of each other', () => {
    const { cluster, nodes } = fullCluster('a', 'b')
    const [a, b] = nodes as [TestNode, TestNode]
    for (const node of nodes) node.reload(lowered)
    for (const id of openOn(a).slice(0, 20)) a.close(id)
    cluster.isolate('b')
    cluster.advance(10)
    for (const id of names('new', 60)) a.open(id)
    expect(openOn(a)).toHaveLength(lowered)
    cluster.cutLinks.clear()
    cluster.advance(10)
    expect([openOn(a).length, openOn(b).length]).toEqual([30, 50])
  })

  test('nobody is closed because a node that has them was away, or because one starts that knows the new quota alone', () => {
    const { cluster, nodes } = fullCluster('a', 'b')
    const [a, b] = nodes as [TestNode, TestNode]
    for (const node of nodes) node.reload(lowered)
    cluster.isolate('b')
    cluster.advance(10)
    cluster.cutLinks.clear()
    const started = cluster.start('c')
    started.reload(lowered)
    cluster.advance(10)
    started.open('new')
    cluster.advance(10)
    expect([countOf(a, b), openOn(started)]).toEqual([limit, []])
  })
})

test('where the clock of a node is wrong, as many are left', () => {
  const cluster = new QuotaCluster('a', 'b')
  for (const id of names('a', limit)) cluster.node('a').open(id)
  cluster.nowMs += 3_600_000
  for (const id of names('b', limit)) cluster.node('b').open(id)
  cluster.nowMs -= 3_600_000
  cluster.advance()
  expect([openOn(cluster.node('a')).length, openOn(cluster.node('b')).length]).toEqual([limit, 0])
})
