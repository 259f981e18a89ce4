import { describe, expect, test } from 'bun:test'
import {
  type Body,
  bodyOf,
  decode,
  type Envelope,
  type EventBody,
  encode,
  isEvent,
  messagePrefix,
  seal,
  signatureLength,
  sizeOf,
} from '../../src/cluster/envelope.ts'
import { signText } from '../../src/protocol/signature.ts'

const key = 'key'
const terminate = { type: 'terminate', appId: 'app', userId: 'a,"b",[c]' } as const
const event: EventBody = { type: 'event', topic: '1001/news', frame: '{"event":"e"}', exceptSocketId: undefined }
const heartbeat = { type: 'heartbeat', sequence: 0, from: 1 } as const
const snapshot: Body = {
  type: 'snapshot',
  to: 'b',
  answers: 1,
  sequence: 0,
  from: 1,
  part: 0,
  hasMore: false,
  entries: [],
  kept: [],
}

const encoded = (body: Body, node = 'a') => encode({ node, number: 7, epoch: 3, body }, key)
const signed = (parts: unknown) => {
  const text = typeof parts === 'string' ? parts : JSON.stringify(parts)
  return signText(key, text) + text
}

describe('a message', () => {
  test('carries the node, the number, the epoch and the body that were sealed', () => {
    const envelope = { node: 'node', number: 7, epoch: 3, body: terminate }
    expect(decode(encode(envelope, key), key)).toEqual(envelope)
  })

  test('is its signature, and the version, node, number, body and epoch as JSON', () => {
    const text = `[1,"a",7,${JSON.stringify(terminate)},3]`
    expect(encoded(terminate)).toBe(signText(key, text) + text)
    expect(signText(key, text)).toHaveLength(signatureLength)
  })

  test('of an earlier release names no epoch, which is then 0', () => {
    expect(decode(signed([1, 'a', 7, heartbeat]), key)).toEqual({ node: 'a', number: 7, epoch: 0, body: heartbeat })
  })

  test('may have more after the epoch, which is ignored', () => {
    expect(decode(signed([1, 'a', 7, heartbeat, 3, 'more']), key)).toEqual({ node: 'a', number: 7, epoch: 3, body: heartbeat })
  })
})

describe('a message is forged', () => {
  test.each([
    ['without a signature', JSON.stringify([1, 'a', 7, heartbeat, 3])],
    ['without text', ''],
    ['with the signature of another key', encode({ node: 'a', number: 7, epoch: 3, body: heartbeat }, 'other')],
    ['whose number is changed', encoded(heartbeat).replace(',7,', ',8,')],
    ['whose epoch is changed', encoded(heartbeat).replace(',3]', ',4]')],
    ['whose recipient is changed', encoded(snapshot).replace('"to":"b"', '"to":"c"')],
    ['with text after it', `${encoded(heartbeat)} `],
    ['whose signature is in capitals', encoded(heartbeat).toUpperCase().slice(0, 64) + encoded(heartbeat).slice(64)],
  ])('%s', (_, message) => expect(decode(message, key)).toBe('forged'))
})

test('a message with a valid signature of another version is unsupported', () => {
  for (const version of [0, 2]) expect(decode(signed([version, 'a', 7, heartbeat, 3]), key)).toBe('unsupported')
})

describe('a message with a valid signature is malformed', () => {
  test.each([
    ['of a version that is no number', signed(['1', 'a', 7, heartbeat, 3])],
    ['of no version', signed([])],
    ['that is no JSON', signed('[1,')],
    ['that is no list', signed({ 0: 1 })],
    ['without a node', signed([1, null, 7, heartbeat, 3])],
    ['with a number below 0', signed([1, 'a', -1, heartbeat, 3])],
    ['with an epoch that is no number', signed([1, 'a', 7, heartbeat, 'x'])],
    ['with a body of an unknown type', signed([1, 'a', 7, { type: 'unknown' }, 3])],
  ])('%s', (_, message) => expect(decode(message, key)).toBe('malformed'))
})

test.each<[Body, boolean]>([
  [event, true],
  [terminate, true],
  [heartbeat, false],
  [snapshot, false],
  [{ type: 'leave' }, false],
])('whether %j is an event: %p', (body, expected) => {
  expect(isEvent({ node: 'a', number: 7, epoch: 3, body } as Envelope)).toBe(expected)
})

for (const node of ['node', 'a,b', '"', 'a",1', '\\'])
  test(`the JSON of the body is read from a message of the node ${JSON.stringify(node)}`, () => {
    const json = JSON.stringify(terminate)
    expect(bodyOf(seal({ node, number: 12, epoch: 345 }, json, key), messagePrefix(node))).toBe(json)
  })

test('the size of an event counts its texts in UTF-8, and 200 bytes beside them', () => {
  expect(sizeOf({ ...event, topic: '1001/é', frame: '漢' })).toBe(200 + 7 + 3)
  expect(sizeOf({ ...terminate, userId: 'é' })).toBe(202)
})
