import { expect, test } from 'bun:test'
import type { EventEnvelope } from '../../src/cluster/envelope.ts'
import { Inbox } from '../../src/cluster/inbox.ts'
import { Peers } from '../../src/cluster/peers.ts'
import { appsOf } from '../../src/core/app.ts'
import { Hub } from '../../src/core/hub.ts'
import { testApp } from '../support/apps.ts'

const mebibyte = 1024 * 1024

/** An inbox, two peers that have not answered yet, and a count of the events that have been delivered. */
function receiving() {
  const turns: ((nowMs: number) => unknown[])[] = []
  const inbox = new Inbox({
    replica: new Hub(appsOf([testApp()])).replica,
    later: act => turns.push(act),
  })
  const peers = new Peers()
  const [x, y] = [peers.getOrAdd('x', 0), peers.getOrAdd('y', 0)]
  let delivered = 0
  const event = (node: string, number: number, bytes: number): EventEnvelope => ({
    node,
    number,
    epoch: 0,
    body: { type: 'event', topic: '1001/news', frame: 'x'.repeat(bytes), exceptSocketId: undefined },
  })
  /** Passes events with these numbers to the inbox. */
  const receive = (peer: typeof x, from: number, to: number, bytes: number) => {
    for (let number = from; number <= to; number++)
      delivered += inbox.receive(peer, event(peer === x ? 'x' : 'y', number, bytes), 0).length
  }
  const answer = (peer: typeof x, number: number) => {
    delivered += inbox.acceptPending(peer, number, 1, 0).length
    peer.isVerified = true
  }
  const finish = () => {
    for (let act = turns.shift(); act !== undefined; act = turns.shift()) delivered += act(0).length
    return delivered
  }
  return { inbox, x, y, receive, answer, finish }
}

test('a peer that does not answer causes no accepted event of another peer to be dropped', () => {
  const { inbox, x, y, receive, answer, finish } = receiving()
  receive(y, 1, 5, 100_000)
  receive(x, 1, 40, mebibyte)
  const { dropped } = inbox
  expect(dropped).toBeGreaterThan(20)
  answer(y, 6)
  receive(y, 7, 16, 100_000)
  expect(inbox.dropped).toBe(dropped)
  expect(finish()).toBe(15)
})

test('a peer that does not answer leaves room for the events of another one that has not answered yet', () => {
  const { inbox, x, y, receive, answer, finish } = receiving()
  receive(x, 1, 40, mebibyte)
  const { dropped } = inbox
  receive(y, 1, 5, mebibyte)
  expect(inbox.dropped).toBe(dropped + 5)
  answer(y, 6)
  expect(finish()).toBe(5)
})

test('events of peers that have not answered are bounded, and so are accepted events', () => {
  const { inbox, x, y, receive, answer, finish } = receiving()
  receive(x, 1, 40, mebibyte)
  expect(inbox.dropped).toBe(25)
  answer(x, 41)
  // The first of 15 is delivered at once, the others are queued.
  receive(y, 1, 40, mebibyte)
  expect(inbox.dropped).toBe(50)
  receive(x, 42, 60, mebibyte)
  expect(inbox.dropped).toBe(68)
  expect(finish()).toBe(16)
})
