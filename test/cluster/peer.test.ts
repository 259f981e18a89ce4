import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlBody } from '../../src/cluster/envelope.ts'
import { Peer, type PeerInput, type PeerState, type Tombstone, transitions } from '../../src/cluster/peer.ts'
import { type PendingEvent, PendingRoom } from '../../src/cluster/pending-events.ts'

const event = (number: number, epoch = 1): PendingEvent => ({
  number,
  epoch,
  body: { type: 'event', topic: '1001/news', frame: String(number), exceptSocketId: undefined },
})
const heartbeat = (sequence: number, from = 1, isStopping = false) => ({ type: 'heartbeat', sequence, from, isStopping }) as const
type Snapshot = Extract<ControlBody, { type: 'snapshot' }>
const part = (number: number, hasMore: boolean, more: Partial<Snapshot> = {}): Snapshot => ({
  type: 'snapshot',
  to: 'a',
  answers: 1,
  sequence: 7,
  from: 1,
  part: number,
  hasMore,
  entries: [],
  kept: [],
  ...more,
})

/** A peer that was found at 0 ms. */
function found(tombstone?: Tombstone) {
  const room = new PendingRoom()
  return { peer: new Peer('b', tombstone, room, 0), room }
}

/** A peer in a state, as it comes to be in it. */
function peerIn(state: PeerState): Peer {
  const { peer } = found()
  const ways: Record<PeerState, () => void> = {
    unverified() {},
    suspect() {
      peer.receivePart(10, part(0, false), 0)
      peer.reconnect(0)
    },
    outdated() {
      peer.receivePart(10, part(0, false), 0)
      peer.receiveChanges(9)
    },
    receiving: () => void peer.receivePart(10, part(0, true), 0),
    'receiving-outdated'() {
      peer.receivePart(10, part(0, true), 0)
      peer.receiveChanges(9)
    },
    synced: () => void peer.receivePart(10, part(0, false), 0),
    gone: () => peer.remove(),
  }
  ways[state]()
  return peer
}

const states = Object.keys(transitions) as PeerState[]
const inputs: Record<PeerInput, (peer: Peer) => void> = {
  'first-part': peer => void peer.receivePart(20, part(0, true), 0),
  'next-part': peer => void peer.receivePart(20, part(1, true), 0),
  'last-part': peer => void peer.receivePart(20, part(1, false), 0),
  'only-part': peer => void peer.receivePart(20, part(0, false), 0),
  gap: peer => peer.receiveHeartbeat(20, heartbeat(99)),
  invalidate: peer => peer.invalidate(),
  reconnect: peer => peer.reconnect(0),
  remove: peer => peer.remove(),
}

describe('the table of transitions', () => {
  test.each(states.flatMap(state => (Object.keys(inputs) as PeerInput[]).map(input => [state, input] as const)))(
    'from %s by %s',
    (state, input) => {
      const peer = peerIn(state)
      expect(peer.state).toBe(state)
      inputs[input](peer)
      expect(peer.state).toBe(transitions[state][input] ?? state)
    },
  )

  test('verifies a peer by an answer alone, and keeps its state until a snapshot has replaced it', () => {
    for (const input of Object.keys(inputs) as PeerInput[]) {
      if (!input.endsWith('-part') && input !== 'remove') expect(transitions.unverified[input]).toBeUndefined()
    }
    expect(Object.values(transitions.synced)).not.toContain('unverified')
    expect(transitions.gone).toEqual({})
  })
})

describe('events of a peer', () => {
  test('are pending until it is verified, then accepted once', () => {
    const { peer } = found()
    expect([5, 6, 5].map(number => peer.receiveEvent(event(number), 0))).toEqual(['pending', 'pending', 'replayed'])
    const accepted = peer.receivePart(8, part(0, false, { from: 6 }), 0)
    expect(accepted).toMatchObject({ accepted: [{ body: { frame: '6' }, isLate: false }], replayed: 1 })
    expect([6, 9, 9].map(number => peer.receiveEvent(event(number), 0))).toEqual(['replayed', 'accepted', 'replayed'])
  })

  test('are dropped and counted where it is removed before', () => {
    const { peer, room } = found()
    peer.receiveEvent(event(5), 0)
    peer.receiveEvent(event(6), 0)
    peer.remove()
    expect([peer.state, room.dropped]).toEqual(['gone', 2])
  })

  test('are received again by no later peer of the same id', () => {
    const former = peerIn('synced')
    former.receiveEvent(event(12), 0)
    former.receiveControl(13, 1, false, 0)
    former.remove()
    const { peer } = found(former.tombstone)
    expect([peer.receiveEvent(event(12), 0), peer.receiveControl(13, 1, false, 0)]).toEqual(['replayed', 'replayed'])
    expect([peer.receiveEvent(event(14), 0), peer.receiveControl(15, 1, false, 0)]).toEqual(['pending', 'accepted'])
  })

  test('are rejected where every node has received them, or the peer has sent them in an earlier epoch', () => {
    const peer = peerIn('synced')
    peer.receiveHeartbeat(30, heartbeat(7, 25))
    expect([24, 25].map(number => peer.receiveEvent(event(number), 0))).toEqual(['replayed', 'accepted'])
    peer.receiveControl(40, 2, false, 0)
    expect([peer.receiveEvent(event(41, 1), 0), peer.receiveEvent(event(41, 2), 0)]).toEqual(['replayed', 'accepted'])
  })
})

describe('changes of a peer', () => {
  test('are applied in their order while its snapshot arrives, and afterwards', () => {
    for (const state of ['receiving', 'receiving-outdated', 'synced'] as const) {
      const peer = peerIn(state)
      const last = state === 'receiving-outdated' ? 9 : 7
      expect([last, last + 1, last + 1].map(sequence => peer.receiveChanges(sequence))).toEqual([false, true, false])
    }
  })

  test('are ignored until a snapshot has begun', () => {
    for (const state of ['unverified', 'suspect', 'outdated'] as const) expect(peerIn(state).receiveChanges(8)).toBe(false)
  })

  test('are applied across a gap while a snapshot arrives, and ignored where none does', () => {
    expect(peerIn('receiving').receiveChanges(9)).toBe(true)
    expect(peerIn('synced').receiveChanges(9)).toBe(false)
  })
})

describe('requests to a peer', () => {
  test('are for a whole snapshot, or for the next part', () => {
    for (const state of ['unverified', 'suspect', 'outdated'] as const) expect(peerIn(state).dueRequest(0)).toEqual({ part: 0 })
    for (const state of ['receiving', 'receiving-outdated'] as const)
      expect(peerIn(state).dueRequest(0)).toEqual({ part: 1, after: 10 })
    for (const state of ['synced', 'gone'] as const) expect(peerIn(state).dueRequest(1e9)).toBeUndefined()
  })

  test('are repeated after two seconds, and at once where a part has arrived or the peer may not have received the last one', () => {
    const peer = peerIn('unverified')
    peer.requested(1, 0)
    expect([peer.dueRequest(1999), peer.dueRequest(2000)]).toEqual([undefined, { part: 0 }])
    // The first message of the peer: by now it is subscribed.
    peer.receiveControl(1, 1, false, 100)
    expect(peer.dueRequest(100)).toEqual({ part: 0 })
    peer.requested(2, 100)
    peer.receiveControl(2, 1, false, 200)
    expect(peer.dueRequest(200)).toBeUndefined()
    peer.receiveControl(3, 2, false, 300)
    expect(peer.dueRequest(300)).toEqual({ part: 0 })
    peer.requested(3, 300)
    peer.receivePart(4, part(0, true), 400)
    expect(peer.dueRequest(400)).toEqual({ part: 1, after: 4 })
    peer.requested(5, 400)
    peer.invalidate()
    expect(peer.dueRequest(400)).toEqual({ part: 0 })
  })

  test('for a snapshot after a gap wait as long as repeated ones: gaps must not cost the peer one snapshot after the other', () => {
    const peer = peerIn('receiving-outdated')
    peer.requested(2, 0)
    peer.receivePart(20, part(1, false), 0)
    expect([peer.state, peer.dueRequest(1999), peer.dueRequest(2000)]).toEqual(['outdated', undefined, { part: 0 }])
  })

  test('are answered by messages that name them, also after the peer was removed meanwhile', () => {
    const former = peerIn('unverified')
    former.requested(5, 0)
    expect([4, 5, 6, 7].map(answers => former.isAnswer(answers, 6))).toEqual([false, true, true, false])
    former.remove()
    const { peer } = found(former.tombstone)
    expect(peer.isAnswer(5, 6)).toBe(true)
    peer.receivePart(9, part(0, false), 12_000)
    expect([peer.state, peer.isAnswer(5, 6)]).toEqual(['synced', false])
  })

  test('are forgotten where this node connects again', () => {
    const peer = peerIn('unverified')
    peer.requested(5, 0)
    peer.reconnect(10)
    expect([peer.isAnswer(5, 6), peer.dueRequest(10)]).toEqual([false, { part: 0 }])
  })
})

describe('a part of a snapshot', () => {
  test('is of no use where another one has to come first', () => {
    for (const number of [1, 2]) expect(peerIn('unverified').receivePart(20, part(number, false), 0)).toBeUndefined()
    expect(peerIn('receiving').receivePart(20, part(2, false), 0)).toBeUndefined()
    expect(peerIn('synced').receivePart(20, part(1, false), 0)).toBeUndefined()
  })
})

describe('a peer', () => {
  test('times out eight seconds after its last message that counts', () => {
    const { peer } = found()
    peer.receiveControl(1, 1, false, 7000)
    peer.receiveEvent(event(2), 7000)
    expect([peer.hasTimedOut(7999), peer.hasTimedOut(8000)]).toEqual([false, true])
    peer.receivePart(3, part(0, false), 7000)
    peer.receiveControl(4, 1, false, 9000)
    expect([peer.hasTimedOut(16_999), peer.hasTimedOut(17_000)]).toEqual([false, true])
    peer.receiveEvent(event(5), 10_000)
    expect(peer.hasTimedOut(17_999)).toBe(false)
    peer.resetTimeout(20_000)
    expect(peer.hasTimedOut(27_999)).toBe(false)
  })

  test('is a successor where it is verified, has not announced that it stops, and has missed one heartbeat at most', () => {
    const successors = states.filter(state => peerIn(state).isSuccessor(0))
    expect(successors).toEqual(['outdated', 'receiving', 'receiving-outdated', 'synced'])
    const peer = peerIn('synced')
    expect([peer.isSuccessor(4999), peer.isSuccessor(5000)]).toEqual([true, false])
    peer.receiveHeartbeat(20, heartbeat(7, 1, true))
    expect(peer.isSuccessor(0)).toBe(false)
    peer.receiveHeartbeat(21, heartbeat(7, 1, false))
    expect(peer.isSuccessor(0)).toBe(true)
  })

  test('of which all messages of four seconds were replays has its numbers corrected by an answer', () => {
    const peer = peerIn('synced')
    peer.receiveControl(1_000_000, 1, false, 0)
    expect(peer.receiveControl(11, 1, false, 3999)).toBe('replayed')
    expect(peer.state).toBe('synced')
    expect(peer.receiveControl(12, 1, false, 4000)).toBe('stalled')
    expect(peer.state).toBe('outdated')
    expect(peer.receiveControl(13, 1, true, 4000)).toBe('accepted')
    expect(peer.receiveControl(14, 1, false, 4000)).toBe('accepted')
  })
})

test('PROTOCOL.md shows the table of transitions', () => {
  const names = Object.keys(inputs) as PeerInput[]
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const table = [
    row(['state', ...names.map(name => `\`${name}\``)]),
    row(['state', ...names].map(() => '---')),
    ...states.map(state => row([`\`${state}\``, ...names.map(name => transitions[state][name] ?? '')])),
  ]
  const cells = (text: string) => text.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---')
  const protocol = readFileSync(join(import.meta.dir, '../../src/cluster/PROTOCOL.md'), 'utf8')
  expect(cells(protocol)).toContain(cells(table.join('\n')))
})
