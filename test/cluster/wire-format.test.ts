/**
 * Nodes of this release and of the one before understand each other: a rolling update has both in one cluster. `fixtures/cluster/` has
 * what nodes of the release before have sent.
 */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Body, decode, type Envelope, encode } from '../../src/cluster/envelope.ts'
import { lastEvent } from '../../src/core/last-events.ts'
import { signText } from '../../src/protocol/signature.ts'
import { SlowCluster, TestCluster } from '../support/cluster.ts'
import { memberEvents, view } from '../support/cluster-view.ts'
import { awkward, awkwardChannel, type Line, type Round, record, replay } from '../support/conversation.ts'

type RecordedLine = Line & { readonly meaning: Envelope }
type RecordedRound = Round & { readonly lines: readonly RecordedLine[] }
type Recording = { readonly release: string; readonly key: string; readonly conversations: Record<string, RecordedRound[]> }

const path = join(import.meta.dir, '../fixtures/cluster/release-0.1.0.json')
const { key, conversations }: Recording = JSON.parse(readFileSync(path, 'utf8'))
const recorded = Object.values(conversations).flatMap(rounds => rounds.flatMap(({ lines }) => lines))

/** The fields of each type of body and kind of entry of the release before. `?` marks those that may be absent. */
const fields: Record<string, string> = {
  event: 'type topic frame exceptSocketId?',
  terminate: 'type appId userId',
  entries: 'type sequence entries',
  snapshot: 'type to answers sequence from part hasMore entries kept',
  ask: 'type to part after?',
  heartbeat: 'type sequence from isStopping',
  leave: 'type',
  connections: 'kind appId count',
  subscriptions: 'kind appId channel count',
  member: 'kind appId channel key member?',
  user: 'kind appId userId isHere',
}

/** The fields that this release has added, by type of body or kind of entry. The release before ignores them. */
const additions: Record<string, readonly string[]> = { connections: ['newest'], snapshot: ['recent'] }

/** The objects of a message whose fields are listed above, each with its type or kind. */
function partsOf(body: Body): [name: string, part: object][] {
  const entries = 'entries' in body ? body.entries : []
  return [[body.type, body], ...entries.map((entry): [string, object] => [entry.kind, entry])]
}

/** A message of this release as that of the release before would be. */
function withoutAdditions(text: string): string {
  const [version, node, number, body, epoch] = JSON.parse(text.slice(64))
  for (const [name, part] of partsOf(body)) for (const field of additions[name] ?? []) Reflect.deleteProperty(part, field)
  const signed = JSON.stringify([version, node, number, body, epoch])
  return `${signText(key, signed)}${signed}`
}

/** A message without what depends on its number: that itself, and the numbers of others that it names. */
const contentOf = (text: string) =>
  JSON.stringify(bodyOf(text), (field, value) => (['answers', 'after', 'from'].includes(field) ? undefined : value))

const bodyOf = (text: string) => (decode(text, key) as Envelope).body
const names = (body: Body) => partsOf(body).map(([name]) => name)
const fieldsOf = (name: string) => fields[name]!.split(' ')
const isOptional = (field: string) => field.endsWith('?')
const withoutMark = (field: string) => field.replace('?', '')

/** The optional fields that a message has and lacks. */
const optionalFields = (body: Body) =>
  partsOf(body).flatMap(([name, part]) =>
    fieldsOf(name)
      .filter(isOptional)
      .map(withoutMark)
      .map(field => `${name} ${field in part ? 'with' : 'without'} ${field}`),
  )

/** The fields that the release before needs, and a message lacks. */
const missingFields = (body: Body) =>
  partsOf(body).flatMap(([name, part]) => fieldsOf(name).filter(field => !isOptional(field) && !(field in part)))

/** The fields of a message that the release before does not know. */
const unknownFields = (body: Body) =>
  partsOf(body).flatMap(([name, part]) => {
    const known = fieldsOf(name).map(withoutMark)
    return Object.keys(part).flatMap(field => (known.includes(field) ? [] : [`${field} of ${name}`]))
  })

describe('what nodes of the release before have sent', () => {
  test('is every type of body and kind of entry, with and without each optional field, in two epochs', () => {
    const messages = recorded.map(({ meaning }) => meaning)
    expect(new Set(messages.flatMap(({ body }) => names(body)))).toEqual(new Set(Object.keys(fields)))
    expect([...new Set(messages.flatMap(({ body }) => optionalFields(body)))].sort()).toEqual([
      'ask with after',
      'ask without after',
      'event with exceptSocketId',
      'event without exceptSocketId',
      'member with member',
      'member without member',
    ])
    expect(new Set(messages.map(({ epoch }) => epoch))).toEqual(new Set([1, 2]))
  })

  test('is decoded to what it meant then', () => {
    for (const { text, meaning } of recorded) expect(decode(text, key)).toEqual(meaning)
  })

  test('is encoded as it was then, byte for byte', () => {
    for (const { text, meaning } of recorded) expect(encode(meaning, key)).toBe(text)
  })
})

for (const [name, Cluster] of [
  ['whole snapshots', TestCluster],
  ['snapshots in parts', SlowCluster],
] as const) {
  const rounds = conversations[name]!

  describe(`with ${name}`, () => {
    test('nodes of this release send the same, apart from their order within a step and the fields that this release has added', () => {
      const content = ({ from, text }: Line) => `${from} ${contentOf(withoutAdditions(text))}`
      const contents = (all: readonly Round[]) => all.map(({ step, lines }) => ({ step, lines: lines.map(content).sort() }))
      expect(contents(record(new Cluster()))).toEqual(contents(rounds))
    })

    test('they send one field that the release before does not know, and lack none that it needs', () => {
      const bodies = record(new Cluster()).flatMap(({ lines }) => lines.map(({ text }) => bodyOf(text)))
      expect(new Set(bodies.flatMap(unknownFields))).toEqual(new Set(['recent of snapshot']))
      expect(bodies.flatMap(missingFields)).toEqual([])
    })

    describe('a node that hears a node of the release before', () => {
      const cluster = new Cluster()
      const looks = new Map<string, ReturnType<typeof look>>()
      const answers: [recorded: string, sent: string | undefined][] = []
      const look = () => {
        const node = cluster.node('current')
        const { peerIds, isSynced, counters } = node.cluster
        const cached = ['cache-x', 'cache-y'].map(channel => lastEvent(node.hub.state, '1001', channel, cluster.nowMs))
        const { users, ...counts } = view(node)
        return {
          ...counts,
          users: users.map(id => JSON.parse(id)),
          peerIds,
          isSynced,
          counters,
          cached: cached.map(frame => frame && JSON.parse(frame).data),
        }
      }
      replay(cluster, rounds, {
        onLine: (then, now) => void answers.push([then, now && withoutAdditions(now)]),
        onStep: title => void looks.set(title, look()),
      })
      const after = (title: string) => looks.get(title)!
      const received = (channel: string) =>
        cluster
          .node('current')
          .received.get('c1')!
          .map(frame => JSON.parse(frame))
          .filter(frame => frame.channel === channel && frame.event === 'e')
          .map(({ data }) => data)

      test('answers it as one of that release', () => {
        expect(answers.map(([, now]) => now)).toEqual(answers.map(([then]) => then))
      })

      test('finds it when it joins, and has its state, its members and its events', () => {
        expect(after('the earlier node starts')).toMatchObject({ peerIds: ['earlier1'], isSynced: true, connections: 3 })
        const subscribed = after('clients of the earlier node subscribe, join and sign in')
        expect(subscribed).toMatchObject({ connections: 6, users: [awkward, 'here', 7] })
        expect(subscribed.channels).toMatchObject({
          news: { subscription_count: 2 },
          [awkwardChannel]: { subscription_count: 2 },
          'presence-x': { user_count: 3 },
        })
        expect(after('the earlier node publishes').cached).toEqual(['of current', 'of earlier'])
      })

      test('delivers each of its events once, in order, also those of an outage', () => {
        expect(received('news')).toEqual([
          'first',
          'second',
          'lost and sent again, of current',
          'in the outage',
          'lost and sent again, of earlier',
          'in the outage',
          'last',
        ])
        expect(received(awkwardChannel)).toEqual([awkward, awkward])
      })

      test('sends its clients who joins and leaves there, each once', () => {
        expect(memberEvents(cluster.node('current'), 'c1')).toEqual([
          'added 7',
          `added ${awkward}`,
          'removed 7',
          `removed ${awkward}`,
        ])
      })

      test('terminates the user that is terminated there', () => {
        expect(cluster.node('current').received.get('c3')!.at(-1)).toContain('4009')
        expect(after('a user is terminated at the earlier node').connections).toBe(5)
        expect(after('a user is terminated at the current node').connections).toBe(3)
      })

      test('removes it with its state when it has left, and has counted no fault', () => {
        expect(after('both nodes have connected again').isSynced).toBe(true)
        const left = after('it leaves')
        expect(left).toMatchObject({ peerIds: [], connections: 2, users: ['here'] })
        expect(left.counters).toEqual({ forged: 0, unsupported: 0, malformed: 0, replayed: 0, dropped: 0 })
      })
    })
  })
}

test('the field that this release has added is sent only where an app has more connections than it may', () => {
  class QuotaCluster extends TestCluster {
    override get rules() {
      return { maxConnections: 1 }
    }
  }
  const cluster = new QuotaCluster('a', 'b')
  const bodies: Body[] = []
  cluster.onSend = ({ text }) => void bodies.push(bodyOf(text))
  for (const id of ['a', 'b']) cluster.node(id).open(`of ${id}`)
  cluster.advance()
  expect(new Set(bodies.flatMap(unknownFields))).toContain('newest of connections')
  expect(bodies.flatMap(missingFields)).toEqual([])
})

describe('fields that releases before that one did not send', () => {
  const read = (signed: string) => decode(`${signText(key, signed)}${signed}`, key)

  test('may be absent: the epoch is 0 then', () => {
    expect(read('[1,"n",2,{"type":"heartbeat","sequence":0,"from":1}]')).toEqual({
      node: 'n',
      number: 2,
      epoch: 0,
      body: { type: 'heartbeat', sequence: 0, from: 1 },
    })
    expect(read('[1,"n",2,{"type":"ask","to":"m","part":3}]')).toMatchObject({ body: { type: 'ask', part: 3 } })
  })

  test('are ignored where they are unknown, in a body, in an entry and after the epoch', () => {
    const body =
      '{"type":"entries","sequence":1,"later":1,"entries":[{"kind":"connections","appId":"a","count":1,"later":{"x":[]}}]}'
    expect(read(`[1,"n",2,${body},1,"later"]`)).toMatchObject({ number: 2, epoch: 1, body: JSON.parse(body) })
  })
})
