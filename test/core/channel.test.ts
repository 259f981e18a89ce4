import { expect, test } from 'bun:test'
import { newChannel, topicOf } from '../../src/core/channel.ts'

test('a new channel is empty, and has the kind of its name', () => {
  const channel = newChannel('1001', 'presence-cache-x')
  expect(channel).toMatchObject({
    appId: '1001',
    name: 'presence-cache-x',
    topic: '1001/presence-cache-x',
    kind: { private: true, presence: true, cache: true, encrypted: false, user: false },
    countSentAtMs: Number.NEGATIVE_INFINITY,
  })
  expect(channel.localSubscribers.size).toBe(0)
  expect(channel.members.count).toBe(0)
})

test('channels of two apps never share a topic', () => {
  expect(topicOf('1', 'x')).toBe('1/x')
  expect(topicOf('1', 'x')).not.toBe(topicOf('2', 'x'))
})
