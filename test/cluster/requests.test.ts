import { expect, test } from 'bun:test'
import type { ControlBody } from '../../src/cluster/envelope.ts'
import { type Peer, Peers } from '../../src/cluster/peers.ts'
import { allowRequest, Requests } from '../../src/cluster/requests.ts'

/** The requests of a node to one peer, which has numbers 1, 2, … */
function requesting() {
  const sent: ControlBody[] = []
  const publisher = {
    isConnected: true,
    publishControl: (body: ControlBody): number | undefined => sent.push(body),
    get lastNumber() {
      return sent.length
    },
  }
  const peer: Peer = new Peers().getOrAdd('b', 0)
  const requested = () => sent.map(body => (body.type === 'ask' ? [body.part, body.after] : body.type))
  return { requests: new Requests(publisher), publisher, peer, requested }
}

test('a request for a snapshot is repeated after two seconds, or at once where the peer may not have received it', () => {
  const { requests, peer, requested } = requesting()
  for (const nowMs of [0, 1999]) requests.requestSnapshot('b', peer, nowMs)
  expect(requested()).toEqual([[0, undefined]])
  requests.requestSnapshot('b', peer, 2000)
  allowRequest(peer)
  requests.requestSnapshot('b', peer, 2001)
  expect(requested()).toHaveLength(3)
})

test('a request is repeated after three times as long as the last answer took', () => {
  const { requests, peer, requested } = requesting()
  requests.requestSnapshot('b', peer, 0)
  Object.assign(peer, { sequence: 1, answerMs: 4000, snapshot: { part: 0, number: 9, hasGap: false } })
  requests.requestNext('b', peer, 4000)
  requests.repeatRequest('b', peer, 15_999)
  expect(requested()).toEqual([
    [0, undefined],
    [1, 9],
  ])
  requests.repeatRequest('b', peer, 16_000)
  expect(requested().at(-1)).toEqual([1, 9])
  expect(requested()).toHaveLength(3)
})

test('a request is repeated after a minute, however long the last answer took', () => {
  const { requests, peer, requested } = requesting()
  Object.assign(peer, { answerMs: 3_600_000 })
  for (const nowMs of [0, 59_999]) requests.requestSnapshot('b', peer, nowMs)
  expect(requested()).toHaveLength(1)
  requests.requestSnapshot('b', peer, 60_000)
  expect(requested()).toHaveLength(2)
})

test('a request for which the control window has no room is sent as soon as there is room', () => {
  const { requests, publisher, peer, requested } = requesting()
  const { publishControl } = publisher
  Object.assign(peer, { answerMs: 4000 })
  publisher.publishControl = () => undefined
  requests.requestSnapshot('b', peer, 0)
  expect(peer.request).toBeUndefined()
  publisher.publishControl = publishControl
  requests.requestSnapshot('b', peer, 1)
  expect(requested()).toEqual([[0, undefined]])
})

test('a gap in the changes has a snapshot requested, after the one that is under way', () => {
  const { requests, peer, requested } = requesting()
  Object.assign(peer, { sequence: 1, snapshot: { part: 2, number: 9, hasGap: false } })
  requests.onGap('b', peer, 0)
  expect([requested(), peer.snapshot, peer.sequence]).toEqual([[], { part: 2, number: 9, hasGap: true }, 1])
  peer.snapshot = undefined
  requests.onGap('b', peer, 0)
  expect([requested(), peer.sequence]).toEqual([[[0, undefined]], undefined])
})

test('only a message that names a request since the last answer is an answer', () => {
  const { requests, peer } = requesting()
  expect(requests.isAnswer(peer, 1)).toBe(false)
  requests.requestSnapshot('b', peer, 0)
  requests.requestSnapshot('b', peer, 2000)
  expect([0, 1, 2, 3].map(number => requests.isAnswer(peer, number))).toEqual([false, true, true, false])
})

test('nothing is requested while the backplane is disconnected', () => {
  const { requests, publisher, peer, requested } = requesting()
  publisher.isConnected = false
  requests.requestSnapshot('b', peer, 0)
  expect([requested(), peer.sequence]).toEqual([[], undefined])
})
