import { expect, test } from 'bun:test'
import { isNeeded, topicOfBody } from '../../src/cluster/claims.ts'
import { type Body, encode } from '../../src/cluster/envelope.ts'

const event = { type: 'event', topic: '1001/news', frame: '{}', exceptSocketId: undefined } as const
const terminate = { type: 'terminate', appId: '1001', userId: 'u' } as const
const heartbeat = { type: 'heartbeat', sequence: 1, from: 2 } as const
const snapshot = {
  type: 'snapshot',
  to: 'b',
  answers: 1,
  sequence: 1,
  from: 2,
  part: 0,
  hasMore: false,
  entries: [],
  kept: [],
} as const
const encoded = (body: Body, node = 'x') => encode({ node, number: 5, epoch: 1, body }, 'key')
/** Whether the node `a` has a use for a message, where it has a subscriber to these topics. */
const needs = (message: string, ...topics: string[]) => isNeeded(message, 'a', { isRelevant: topic => topics.includes(topic) })

test('a node needs events that are relevant for it', () => {
  expect([needs(encoded(event)), needs(encoded(event), '1001/news')]).toEqual([false, true])
})

test('a node needs parts of snapshots that are for it', () => {
  expect([needs(encoded(snapshot)), needs(encoded({ ...snapshot, to: 'a' }))]).toEqual([false, true])
})

test('a node needs all other messages', () => {
  const others = [encoded(heartbeat), encoded(terminate), encoded({ type: 'ask', to: 'b', part: 0 }), '', 'x', '{}']
  for (const message of others) expect(needs(message)).toBe(true)
})

test('a message whose node, topic or recipient has a character that JSON escapes is needed: it is verified first', () => {
  for (const escaped of ['a"b', 'a\\b']) {
    for (const message of [
      encoded({ ...event, topic: `1001/${escaped}` }),
      encoded(event, escaped),
      encoded({ ...snapshot, to: escaped }),
    ])
      expect(needs(message)).toBe(true)
    expect(topicOfBody(JSON.stringify({ ...event, topic: `1001/${escaped}` }))).toBeUndefined()
  }
})

test('the topic of a body is that of an event alone', () => {
  expect([event, terminate].map(body => topicOfBody(JSON.stringify(body)))).toEqual(['1001/news', undefined])
})
