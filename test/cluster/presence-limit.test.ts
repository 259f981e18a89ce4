/** `presence_members` over several nodes. The protocol cannot revoke a subscription, so what they have accepted together stays. */
import { expect, test } from 'bun:test'
import { TestCluster, type TestNode } from '../support/cluster.ts'

const limit = 10
const channel = 'presence-x'

class LimitedCluster extends TestCluster {
  override get rules() {
    return { limits: { presenceMembers: limit } }
  }
}

/** So many users try to join on a node. Returns how many were accepted. */
function join(node: TestNode, prefix: string, count: number): number {
  const before = node.hub.state.sockets.size
  let accepted = 0
  for (let i = 0; i < count; i++) {
    const socketId = `${prefix}${before + i}`
    node.open(socketId)
    node.join(socketId, channel, socketId)
    if (node.received.get(socketId)!.some(frame => frame.includes('subscription_succeeded'))) accepted++
  }
  return accepted
}

test.each([2, 3, 4])('%i nodes that have not heard of each other accept the limit each, and no more once they have', count => {
  const ids = Array.from({ length: count }, (_, i) => `n${i}`)
  const cluster = new LimitedCluster(...ids)
  expect(ids.map(id => join(cluster.node(id), id, 2 * limit))).toEqual(ids.map(() => limit))
  cluster.advance(16)
  for (const id of ids) {
    expect(cluster.node(id).hub.queries.userIds(cluster.app.id, channel)).toHaveLength(count * limit)
    expect(join(cluster.node(id), id, 1)).toBe(0)
  }
})

test('a channel that has too many members accepts the next one when fewer than the limit are left', () => {
  const cluster = new LimitedCluster('a', 'b')
  for (const id of ['a', 'b']) join(cluster.node(id), id, limit)
  cluster.advance()
  const [a, b] = [cluster.node('a'), cluster.node('b')]
  for (let i = 0; i < limit; i++) a.close(`a${i}`)
  cluster.deliver()
  expect(join(b, 'late', 1)).toBe(0)
  b.close('b0')
  expect(join(b, 'later', 2)).toBe(1)
})
