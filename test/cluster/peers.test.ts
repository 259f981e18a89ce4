import { expect, test } from 'bun:test'
import type { ControlBody } from '../../src/cluster/envelope.ts'
import type { Peer } from '../../src/cluster/peer.ts'
import { Peers } from '../../src/cluster/peers.ts'

const answer = (hasMore = false): Extract<ControlBody, { type: 'snapshot' }> => ({
  type: 'snapshot',
  to: 'a',
  answers: 1,
  sequence: 0,
  from: 1,
  part: 0,
  hasMore,
  entries: [],
  kept: [],
})
/** Two peers that have answered. */
function two(): { peers: Peers; b: Peer; c: Peer } {
  const peers = new Peers()
  const [b, c] = [peers.getOrAdd('b', 0), peers.getOrAdd('c', 0)]
  for (const peer of [b, c]) peer.receivePart(1, answer(), 0)
  return { peers, b, c }
}

test('a node is a peer from its first message until it is removed', () => {
  const { peers, b, c } = two()
  expect([peers.getOrAdd('b', 1), peers.ids, [...peers.all]]).toEqual([b, ['b', 'c'], [b, c]])
  peers.remove(b)
  expect([peers.ids, b.state]).toEqual([['c'], 'gone'])
  expect(peers.getOrAdd('b', 2)).not.toBe(b)
})

test('all peers are synced where there are peers and the state of each is complete', () => {
  expect(new Peers().areAllSynced).toBe(false)
  const { peers } = two()
  expect(peers.areAllSynced).toBe(true)
  peers.getOrAdd('d', 0).receivePart(1, answer(true), 0)
  expect(peers.areAllSynced).toBe(false)
})

test('peers are suspect from a reconnection until they answer', () => {
  const { peers, b, c } = two()
  expect(peers.isAnySuspect).toBe(false)
  peers.reconnect(0)
  expect(peers.isAnySuspect).toBe(true)
  for (const peer of [b, c]) peer.receivePart(2, answer(), 0)
  expect(peers.isAnySuspect).toBe(false)
})

test('peers time out, and all have the whole timeout once it is reset', () => {
  const { peers, b, c } = two()
  b.receiveEvent({ number: 5, epoch: 0, body: { type: 'terminate', appId: '1', userId: 'u' } }, 5000)
  expect(peers.timedOut(8000)).toEqual([c])
  peers.resetTimeouts(8000)
  expect([peers.timedOut(15_999), peers.timedOut(16_000)]).toEqual([[], [b, c]])
})

test('a node has a successor in any peer that is one', () => {
  const { peers, b, c } = two()
  expect([peers.hasSuccessor(0), peers.hasSuccessor(7000)]).toEqual([true, false])
  peers.remove(b)
  expect(peers.hasSuccessor(0)).toBe(true)
  peers.remove(c)
  expect(peers.hasSuccessor(0)).toBe(false)
})

test('pending events of all peers have one bound, and are counted where they are dropped', () => {
  const peers = new Peers()
  const [b, c] = [peers.getOrAdd('b', 0), peers.getOrAdd('c', 0)]
  const body = { type: 'event', topic: '1/x', frame: 'x'.repeat(1024 * 1024), exceptSocketId: undefined } as const
  for (const peer of [b, c]) for (let number = 1; number <= 10; number++) peer.receiveEvent({ number, epoch: 0, body }, 0)
  expect(peers.dropped).toBe(5)
  peers.remove(b)
  peers.remove(c)
  expect(peers.dropped).toBe(20)
})

test('the last numbers of ten thousand former peers are kept, those of the latest', () => {
  const peers = new Peers()
  const receive = (id: string, number: number) => peers.getOrAdd(id, 0).receiveControl(number, 1, false, 0)
  for (let i = 0; i <= 10_000; i++) {
    receive(`n${i}`, 5)
    peers.remove(peers.getOrAdd(`n${i}`, 0))
    // It is back for a moment: its tombstone is that of the latest removal.
    if (i === 1) peers.remove(peers.getOrAdd('n0', 0))
  }
  expect([receive('n0', 5), receive('n1', 5), receive('n2', 5)]).toEqual(['replayed', 'accepted', 'replayed'])
})
