/** Messages with a valid signature: none of them throws, and one that no node sends is counted and changes nothing. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Body, decode, encode, signatureLength } from '../../src/cluster/envelope.ts'
import { signText } from '../../src/protocol/signature.ts'
import { TestCluster } from '../support/cluster.ts'

const signed = (text: string) => signText('key', text) + text
const envelope = (body: unknown, number: unknown = 5, node: unknown = 'x') => signed(JSON.stringify([1, node, number, body]))

const frame = '{"event":"e"}'
const member = { key: '1', idJson: '1', infoJson: '{"name":"Ann"}' }
const entries = [
  { kind: 'connections', appId: '1001', count: 2 },
  { kind: 'connections', appId: '1001', count: 2, newest: [20, 10] },
  { kind: 'subscriptions', appId: '1001', channel: 'news', count: 1 },
  { kind: 'member', appId: '1001', channel: 'presence-x', key: '1', member },
  { kind: 'member', appId: '1001', channel: 'presence-x', key: '2' },
  { kind: 'user', appId: '1001', userId: 'u', isHere: true },
]
const bodies: readonly Body[] = [
  { type: 'event', topic: '1001/news', frame, exceptSocketId: undefined },
  { type: 'event', topic: '1001/cache-x', frame, exceptSocketId: '1.1' },
  { type: 'terminate', appId: '1001', userId: 'u' },
  { type: 'entries', sequence: 1, entries: entries as never },
  {
    type: 'snapshot',
    to: 'a',
    answers: 1,
    sequence: 1,
    from: 1,
    part: 0,
    hasMore: false,
    entries: entries as never,
    kept: [{ topic: '1001/cache-x', frame, leftMs: 1.5 }],
  },
  { type: 'ask', to: 'a', part: 0 },
  { type: 'heartbeat', sequence: 1, from: 5, isStopping: false },
  { type: 'heartbeat', sequence: 1, from: 5 },
  { type: 'leave' },
]

/** Every JSON value that differs from this one in a single part, which is replaced or removed. */
function* withOneFault(value: unknown): Generator<unknown> {
  for (const wrong of [null, 1, -1, 1.5, 2 ** 53, true, 'x', '', [], {}, [null], undefined])
    if (JSON.stringify(wrong) !== JSON.stringify(value)) yield wrong
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Object.entries(value))
    for (const wrong of withOneFault(part)) {
      if (Array.isArray(value)) yield value.with(Number(key), wrong)
      else yield { ...value, [key]: wrong }
    }
}

/** A node with a peer, and with a client on each channel. */
function withPeer() {
  const cluster = new TestCluster('a', 'b')
  const node = cluster.node('a')
  node.open('s1')
  for (const channel of ['news', 'cache-x']) node.join('s1', channel)
  cluster.advance()
  const receive = (text: string) => node.receive(text)
  return { cluster, node, receive }
}

test('what a node sends is well-formed', () => {
  for (const body of bodies) {
    const text = encode({ node: 'x', number: 5, epoch: 1, body }, 'key')
    expect(decode(text, 'key')).toEqual({ node: 'x', number: 5, epoch: 1, body: JSON.parse(JSON.stringify(body)) })
  }
  const cluster = new TestCluster('a', 'b', 'c')
  cluster.onSend = ({ text }) => expect(typeof decode(text, 'key')).toBe('object')
  cluster.node('a').open('s1')
  cluster.node('a').join('s1', 'presence-x', 'me')
  cluster.node('b').publish('cache-x', 'd')
  cluster.start('d')
  cluster.advance()
  for (const { cluster: node } of cluster.nodes.values()) expect(node.counters.malformed).toBe(0)
})

describe('a signed message that no node sends', () => {
  test.each<[string, string, ('unsupported' | 'malformed')?]>([
    ['no JSON', signed('[1,"x",')],
    ['nothing', signed('')],
    ['deep', signed('['.repeat(100_000))],
    ['no list', signed('{"0":1}')],
    ['null', signed('null')],
    ['an empty list', signed('[]')],
    ['a version that is no number', signed('["1","x",1,{"type":"leave"}]')],
    ['another version', signed('[2,"x",1,{"type":"leave"}]'), 'unsupported'],
    ['no node', envelope({ type: 'leave' }, 1, null)],
    ['no number', envelope({ type: 'leave' }, '1')],
    ['a number that is not exact', envelope({ type: 'leave' }, 2 ** 53)],
    ['no body', envelope(null)],
    ['a body of no type', envelope({})],
    ['a body of a type that objects have', envelope({ type: 'constructor' })],
    ['an entry of no kind', envelope({ type: 'entries', sequence: 1, entries: [{ kind: 'toString' }] })],
    ['an oldest unacknowledged event after the message', envelope({ type: 'heartbeat', sequence: 1, from: 6 })],
    ...[7, [null], [-1], [1.5], {}].map((newest): [string, string] => [
      `newest sockets of ${JSON.stringify(newest)}`,
      envelope({ type: 'entries', sequence: 1, entries: [{ ...entries[1], newest }] }),
    ]),
    [
      'a member without JSON',
      envelope({ type: 'entries', sequence: 1, entries: [{ ...entries[3], member: { key: '1', idJson: '{' } }] }),
    ],
  ])('%s is counted', (_, text, counted: 'unsupported' | 'malformed' = 'malformed') => {
    const { node, receive } = withPeer()
    receive(text)
    expect(node.cluster.counters).toEqual({ forged: 0, unsupported: 0, malformed: 0, replayed: 0, dropped: 0, [counted]: 1 })
    expect(node.cluster.peerIds).toEqual(['b1'])
  })

  test('with any one fault is rejected or accepted, and does not throw', () => {
    let rejected = 0
    for (const body of bodies)
      for (const faulty of withOneFault(JSON.parse(JSON.stringify(body)))) {
        const { node, receive } = withPeer()
        receive(envelope(faulty))
        rejected += node.cluster.counters.malformed
      }
    expect(rejected).toBeGreaterThan(300)
  })

  test('of any shape does not throw', () => {
    const { node, receive } = withPeer()
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record({ type: fc.constantFrom(...bodies.map(({ type }) => type)) }),
      fc.record({ type: fc.constant('entries'), sequence: fc.nat(), entries: fc.array(fc.jsonValue()) }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), fc.oneof(fc.nat(), fc.jsonValue()), body, (name, number, content) => {
        receive(envelope(content, number, name))
      }),
      { numRuns: 2000 },
    )
    expect(node.cluster.counters.malformed).toBeGreaterThan(1000)
  })

  test('with a frame that is no frame is delivered to the subscribers of the channel, and not cached', () => {
    const { cluster, node, receive } = withPeer()
    for (const [i, broken] of ['', '{', 'null', '{"event":1}', '[]'].entries()) {
      node.received.set('s1', [])
      const number = 1000 + i
      receive(
        encode(
          {
            node: 'b1',
            number,
            epoch: 1,
            body: { type: 'event', topic: '1001/cache-x', frame: broken, exceptSocketId: undefined },
          },
          'key',
        ),
      )
    }
    node.open('s2')
    node.join('s2', 'cache-x')
    expect(node.received.get('s2')!.at(-1)).toContain('pusher:cache_miss')
    expect(node.cluster.counters.malformed).toBe(0)
    cluster.advance()
  })
})

test('a signature has as many characters as are taken for it', () => expect(signText('key', '')).toHaveLength(signatureLength))
