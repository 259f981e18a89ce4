import { describe, expect, test } from 'bun:test'
import { decode, type Envelope, encode } from '../../src/cluster/envelope.ts'
import { signText } from '../../src/protocol/signature.ts'
import { TestCluster } from '../support/cluster.ts'
import { recordMessages } from '../support/cluster-view.ts'

const event = (number: number, key = 'key', node = 'x') =>
  encode(
    { node, number, epoch: 1, body: { type: 'event', topic: '1001/news', frame: '{"event":"e"}', exceptSocketId: undefined } },
    key,
  )

/** A node with a subscriber to the event. */
function withSubscriber(): TestCluster {
  const cluster = new TestCluster('a')
  cluster.node('a').open('s1')
  cluster.node('a').join('s1', 'news')
  return cluster
}

describe('a message that no node of the cluster has signed', () => {
  test('is counted and ignored', () => {
    const cluster = withSubscriber()
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
    expect(node.counters).toEqual({ forged: 6, unsupported: 0, malformed: 0, replayed: 0, dropped: 0 })
  })

  test('is not verified where no subscriber is to receive it', () => {
    const { cluster: node } = new TestCluster('a').node('a')
    expect(node.receive(event(1, 'other'), 1)).toEqual([])
    expect(node.counters.forged).toBe(0)
  })
})

describe('a peer that is not verified yet', () => {
  const bodyOf = (type: 'heartbeat' | 'leave') =>
    type === 'leave' ? ({ type } as const) : ({ type, sequence: 0, from: 1 } as const)
  const control = (number: number, type: 'heartbeat' | 'leave' = 'heartbeat') =>
    encode({ node: 'x', number, epoch: 1, body: bodyOf(type) }, 'key')

  /** A node that has received a message of `x`, and has sent it a request; and how `x` answers. */
  function withRequest(start = 1) {
    const cluster = withSubscriber()
    const { cluster: a } = cluster.node('a')
    const requested = () =>
      cluster.inFlight.splice(0).flatMap(({ text }) => {
        const { number, body } = decode(text, 'key') as Envelope
        return body.type === 'ask' && body.to === 'x' ? [number] : []
      })
    const receive = (text: string, nowMs = cluster.nowMs) => {
      cluster.node('a').apply(a.receive(text, nowMs))
    }
    const answer = (number: number, answers: number, from = number, part = 0) =>
      receive(
        encode(
          {
            node: 'x',
            number,
            epoch: 1,
            body: { type: 'snapshot', to: 'a', answers, sequence: 0, from, part, hasMore: false, entries: [], kept: [] },
          },
          'key',
        ),
      )
    const delivered = () =>
      cluster
        .node('a')
        .received.get('s1')!
        .filter(frame => frame.includes('"e"')).length
    requested()
    receive(control(start))
    const [request] = requested() as [number]
    return { cluster, a, requested, receive, answer, delivered, request }
  }

  test('has its events queued, and delivered once it has answered', () => {
    const { receive, answer, delivered, request, a } = withRequest()
    receive(event(10))
    receive(event(11))
    expect(delivered()).toBe(0)
    answer(12, request, 11)
    expect(delivered()).toBe(1)
    receive(event(11))
    receive(event(13))
    expect(delivered()).toBe(2)
    expect(a.counters).toEqual({ forged: 0, unsupported: 0, malformed: 0, replayed: 2, dropped: 0 })
  })

  test('has its events dropped and counted when it times out, each once, however often they are replayed', () => {
    const { receive, delivered, answer, request, cluster, a } = withRequest()
    for (let i = 0; i < 3; i++) receive(event(10))
    receive(event(9))
    answer(12, request - 1)
    expect(delivered()).toBe(0)
    cluster.advance(12)
    expect([a.peerIds, delivered(), a.counters.replayed, a.counters.dropped]).toEqual([[], 0, 3, 1])
  })

  test('has its events queued within a bound that all such peers share', () => {
    const { receive, delivered, answer, request, cluster, a } = withRequest()
    const frame = JSON.stringify({ event: 'e', data: 'x'.repeat(1024 * 1024) })
    const large = (node: string, number: number) =>
      encode({ node, number, epoch: 1, body: { type: 'event', topic: '1001/news', frame, exceptSocketId: undefined } }, 'key')
    for (let number = 10; number < 20; number++) {
      receive(large('x', number))
      receive(large('y', number))
    }
    expect(a.counters.dropped).toBe(5)
    answer(2000, request, 10)
    // They are delivered in turns of the event loop, so that they do not delay other clients.
    expect(delivered()).toBe(1)
    cluster.node('a').flush()
    expect(delivered()).toBe(8)
    // The events of a peer that has timed out are dropped, and leave their room to others.
    cluster.advance(9)
    expect(a.counters.dropped).toBe(12)
    for (let number = 20; number < 30; number++) receive(large('z', number))
    expect(a.counters.dropped).toBe(12)
  })

  test('is not verified by a part of a snapshot that another one has to precede', () => {
    const { receive, answer, delivered, request, a } = withRequest()
    receive(event(10))
    answer(12, request, 10, 1)
    expect([delivered(), a.isSynced]).toEqual([0, false])
    answer(13, request, 10)
    expect([delivered(), a.isSynced]).toEqual([1, true])
  })

  test('that has been a peer before has those events delivered that were not delivered then', () => {
    const { receive, delivered, answer, request, cluster, requested, a } = withRequest()
    answer(2, request)
    receive(event(3))
    cluster.advance(12)
    expect([a.peerIds, delivered()]).toEqual([[], 1])
    requested()
    receive(event(3))
    receive(event(4))
    expect(delivered()).toBe(1)
    const [again] = requested() as [number]
    answer(5, again)
    expect(delivered()).toBe(2)
  })

  test('is verified by an answer only once, and each of its messages is accepted once', () => {
    const { receive, delivered, answer, request, requested, a } = withRequest()
    answer(2, request)
    answer(2, request)
    receive(control(1))
    answer(3, request)
    receive(event(4))
    receive(event(4))
    expect([delivered(), a.counters.replayed]).toEqual([1, 3])
    receive(control(5, 'leave'))
    expect(a.peerIds).toEqual([])
    requested()
    receive(control(1))
    answer(2, request)
    expect(requested()).toEqual([])
    receive(event(6))
    expect(delivered()).toBe(1)
  })

  test('gets no answer to a request that is replayed', () => {
    const cluster = new TestCluster('a', 'b')
    const requests = recordMessages(cluster, 'g', 'ask')
    const gone = cluster.start('g')
    cluster.deliver()
    const leaves = recordMessages(cluster, 'g', 'leave')
    gone.cluster.leave(cluster.nowMs)
    cluster.kill('g')
    cluster.deliver()
    for (let i = 0; i < 100; i++) for (const text of [...requests, ...leaves]) cluster.node('a').receive(text)
    expect([requests.length, leaves.length]).toEqual([expect.any(Number), 1])
    expect(cluster.inFlight).toEqual([])
  })

  test('has an event rejected as a replay that had no subscriber when it was sent', () => {
    const { receive, delivered, answer, request, cluster } = withRequest()
    answer(2, request)
    const unsubscribed = encode(
      {
        node: 'x',
        number: 3,
        epoch: 1,
        body: { type: 'event', topic: '1001/late', frame: '{"event":"e"}', exceptSocketId: undefined },
      },
      'key',
    )
    receive(unsubscribed)
    receive(encode({ node: 'x', number: 4, epoch: 1, body: { type: 'heartbeat', sequence: 0, from: 4 } }, 'key'))
    cluster.node('a').join('s1', 'late')
    receive(unsubscribed)
    expect(delivered()).toBe(0)
  })
})

test('a message of another version counts as unsupported', () => {
  const text = encode({ node: 'x', number: 1, epoch: 1, body: { type: 'leave' } }, 'key')
  expect(decode(text, 'key')).toEqual({ node: 'x', number: 1, epoch: 1, body: { type: 'leave' } })
  expect(text.slice(64)).toStartWith('[1,')
  const other = text.slice(64).replace('[1,', '[2,')
  expect(decode(`${signText('key', other)}${other}`, 'key')).toBe('unsupported')
})
