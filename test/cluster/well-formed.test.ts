import { describe, expect, test } from 'bun:test'
import { isWellFormed } from '../../src/cluster/well-formed.ts'

const maxNumber = Number.MAX_SAFE_INTEGER

/** Values that a field of each kind may have, and values that it may not have. */
const kinds = {
  text: { right: ['', 'x'], wrong: [null, 1, true, {}, []] },
  count: { right: [0, 1, maxNumber], wrong: [-1, 1.5, 2 ** 53, '1', null, true, []] },
  counts: { right: [[], [2, 0]], wrong: [7, null, [null], [-1], [1.5], {}] },
  flag: { right: [true, false], wrong: [0, 'true', null, {}] },
  duration: { right: [0, 0.5, 1e300], wrong: [-1, '1', null, true] },
  topic: { right: ['1001/news', '1001/a/b', '/'], wrong: ['', '1001', 1, null, ['/']] },
  json: { right: ['1', 'null', '"x"', '{"a":[]}'], wrong: ['', '{', 'x', 1, null, {}] },
} as const
type Kind = keyof typeof kinds

const member = { key: '1', idJson: '1' }
const entries = {
  connections: { kind: 'connections', appId: '1', count: 2 },
  subscriptions: { kind: 'subscriptions', appId: '1', channel: 'news', count: 1 },
  member: { kind: 'member', appId: '1', channel: 'presence-x', key: '1', member },
  user: { kind: 'user', appId: '1', userId: 'u', isHere: true },
}
const kept = { topic: '1/cache-x', frame: '{}', leftMs: 1.5 }
const bodies = {
  event: { type: 'event', topic: '1/news', frame: '{}' },
  terminate: { type: 'terminate', appId: '1', userId: 'u' },
  entries: { type: 'entries', sequence: 1, entries: Object.values(entries) },
  snapshot: {
    type: 'snapshot',
    to: 'a',
    answers: 1,
    sequence: 1,
    from: 1,
    part: 0,
    hasMore: false,
    entries: [],
    kept: [kept],
  },
  ask: { type: 'ask', to: 'a', part: 0 },
  heartbeat: { type: 'heartbeat', sequence: 1, from: 5 },
  leave: { type: 'leave' },
}

const isBody = (body: unknown) => isWellFormed('node', maxNumber, body, 1)
const entryIn = (entry: unknown) => isBody({ ...bodies.entries, entries: [entries.user, entry] })

type Presence = 'required' | 'optional'
type Field = [of: string, field: string, kind: Kind, isAccepted: (value: unknown) => boolean, presence: Presence]
const fieldsOf = (type: keyof typeof bodies, fields: Record<string, Kind>, presence: Presence = 'required'): Field[] =>
  Object.entries(fields).map(([field, kind]) => [
    type,
    field,
    kind,
    value => isBody({ ...bodies[type], [field]: value }),
    presence,
  ])
const fieldsOfEntry = (type: keyof typeof entries, fields: Record<string, Kind>, presence: Presence = 'required'): Field[] =>
  Object.entries(fields).map(([field, kind]) => [
    `entry of kind ${type}`,
    field,
    kind,
    value => entryIn({ ...entries[type], [field]: value }),
    presence,
  ])
const memberIn = (part: object) => entryIn({ ...entries.member, member: { ...member, ...part } })
const keptIn = (part: object) => isBody({ ...bodies.snapshot, kept: [{ ...kept, ...part }] })

describe('a field of', () => {
  test.each<Field>([
    ['message', 'node', 'text', value => isWellFormed(value, 5, bodies.leave, 1), 'required'],
    ['message', 'number', 'count', value => isWellFormed('node', value, bodies.leave, 1), 'required'],
    ['message', 'epoch', 'count', value => isWellFormed('node', 5, bodies.leave, value), 'required'],
    ...fieldsOf('event', { topic: 'topic', frame: 'text' }),
    ...fieldsOf('event', { exceptSocketId: 'text' }, 'optional'),
    ...fieldsOf('terminate', { appId: 'text', userId: 'text' }),
    ...fieldsOf('entries', { sequence: 'count' }),
    ...fieldsOf('snapshot', { to: 'text', answers: 'count', sequence: 'count', from: 'count', part: 'count', hasMore: 'flag' }),
    ...fieldsOf('ask', { to: 'text', part: 'count' }),
    ...fieldsOf('ask', { after: 'count' }, 'optional'),
    ...fieldsOf('heartbeat', { sequence: 'count', from: 'count' }),
    ...fieldsOf('heartbeat', { isStopping: 'flag' }, 'optional'),
    ...fieldsOfEntry('connections', { appId: 'text', count: 'count' }),
    ...fieldsOfEntry('connections', { newest: 'counts' }, 'optional'),
    ...fieldsOfEntry('subscriptions', { appId: 'text', channel: 'text', count: 'count' }),
    ...fieldsOfEntry('member', { appId: 'text', channel: 'text', key: 'text' }),
    ...fieldsOfEntry('user', { appId: 'text', userId: 'text', isHere: 'flag' }),
    ['member', 'key', 'text', value => memberIn({ key: value }), 'required'],
    ['member', 'idJson', 'json', value => memberIn({ idJson: value }), 'required'],
    ['member', 'infoJson', 'json', value => memberIn({ infoJson: value }), 'optional'],
    ['cached event', 'topic', 'topic', value => keptIn({ topic: value }), 'required'],
    ['cached event', 'frame', 'json', value => keptIn({ frame: value }), 'required'],
    ['cached event', 'leftMs', 'duration', value => keptIn({ leftMs: value }), 'required'],
  ])('%s: %s is a %s', (_of, _field, kind, isAccepted, presence) => {
    const { right, wrong } = kinds[kind]
    expect([...right, undefined].filter(isAccepted)).toEqual(presence === 'optional' ? [...right, undefined] : [...right])
    expect(wrong.filter(isAccepted)).toEqual([])
  })
})

test('a member that is absent has left, and is no other value than an object', () => {
  expect([undefined, member].map(value => entryIn({ ...entries.member, member: value }))).toEqual([true, true])
  expect([null, 'x', 1, [], {}].filter(value => entryIn({ ...entries.member, member: value }))).toEqual([])
})

test('a list of entries or of cached events has nothing else in it, and may be empty', () => {
  const lists = (list: unknown) => [
    isBody({ ...bodies.entries, entries: list }),
    isBody({ ...bodies.snapshot, entries: list }),
    isBody({ ...bodies.snapshot, kept: list }),
  ]
  expect(lists([])).toEqual([true, true, true])
  for (const wrong of [undefined, null, {}, 'x', [null], ['x'], [[]], [{}], [{ kind: 'unknown' }], [{ kind: 'toString' }]])
    expect(lists(wrong)).toEqual([false, false, false])
})

test('a body is an object with a known type', () => {
  expect(Object.values(bodies).map(isBody)).toEqual(Object.values(bodies).map(() => true))
  for (const wrong of [undefined, null, 'leave', [], {}, { type: 'unknown' }, { type: 'constructor' }, { type: ['leave'] }])
    expect(isBody(wrong)).toBe(false)
})

test('a field that no node of this release sends is ignored', () => {
  expect(isBody({ ...bodies.event, more: 1 })).toBe(true)
  expect(entryIn({ ...entries.user, more: 1 })).toBe(true)
})

test.each(['heartbeat', 'snapshot'] as const)('the oldest unacknowledged event of a %s is not later than the message', type => {
  const from = (value: number) => isWellFormed('node', 5, { ...bodies[type], from: value }, 1)
  expect([from(5), from(6)]).toEqual([true, false])
})
