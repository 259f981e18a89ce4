import { describe, expect, test } from 'bun:test'
import * as frames from '../../src/protocol/frames.ts'

const ann = { key: '1', idJson: '1', infoJson: '{"name":"Ann \\"A\\"","n":1.0}' }
const bob = { key: 'b"b', idJson: '"b\\"b"', infoJson: undefined }

test('connection_established carries its data as a text', () => {
  expect(frames.connectionEstablished('123.456', 30)).toBe(
    '{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"123.456\\",\\"activity_timeout\\":30}"}',
  )
})

test('error carries its data as a text', () => {
  expect(frames.error(4009, 'No "way"')).toBe(
    '{"event":"pusher:error","data":"{\\"code\\":4009,\\"message\\":\\"No \\\\\\"way\\\\\\"\\"}"}',
  )
})

describe('subscription_error carries its data as an object', () => {
  test('of type AuthError for 401', () => {
    expect(frames.subscriptionError('private-x', 'Connection is unauthorized', 401)).toBe(
      '{"event":"pusher:subscription_error","data":{"type":"AuthError","error":"Connection is unauthorized","status":401},"channel":"private-x"}',
    )
  })

  test('of type InvalidSubscription for 400, with any channel name', () => {
    expect(frames.subscriptionError('a"b', 'no', 400)).toBe(
      '{"event":"pusher:subscription_error","data":{"type":"InvalidSubscription","error":"no","status":400},"channel":"a\\"b"}',
    )
  })
})

test('ping and pong have a name alone', () => {
  expect(frames.ping).toBe('{"event":"pusher:ping"}')
  expect(frames.pong).toBe('{"event":"pusher:pong"}')
})

test('subscription_succeeded carries its data as a text', () => {
  expect(frames.subscriptionSucceeded('news')).toBe(
    '{"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"news"}',
  )
})

describe('subscription_succeeded of a presence channel', () => {
  const dataOf = (list: frames.PresenceList) => {
    const { data, ...rest } = JSON.parse(frames.presenceSucceeded('presence-x', list))
    expect(rest).toEqual({ event: 'pusher_internal:subscription_succeeded', channel: 'presence-x' })
    return data
  }

  test('has ids and infos as they were signed, with users named by their ids as text', () => {
    expect(dataOf(frames.presenceList([ann, bob].map(frames.presenceEntry)))).toBe(
      '{"presence":{"count":2,"ids":[1,"b\\"b"],"hash":{"1":{"name":"Ann \\"A\\"","n":1.0},"b\\"b":null}}}',
    )
  })

  test('may be empty', () => {
    expect(dataOf(frames.presenceList([]))).toBe('{"presence":{"count":0,"ids":[],"hash":{}}}')
  })

  test('is appended to by a join', () => {
    const [first, second] = [frames.presenceEntry(ann), frames.presenceEntry(bob)]
    const grown = frames.appended(frames.appended(frames.presenceList([]), first), second)
    expect(grown).toEqual(frames.presenceList([first, second]))
  })
})

test('subscription_count carries its data as a text', () => {
  expect(frames.subscriptionCount('news', 2)).toBe(
    '{"event":"pusher_internal:subscription_count","data":"{\\"subscription_count\\":2}","channel":"news"}',
  )
})

test('signin_success carries user_data as it was signed', () => {
  const userData = '{"id": "ann", "n": 1.0}'
  const { event, data, ...rest } = JSON.parse(frames.signinSuccess(userData))
  expect([event, rest]).toEqual(['pusher:signin_success', {}])
  expect(JSON.parse(data)).toEqual({ user_data: userData })
})

test('watchlist events have no channel', () => {
  expect(frames.watchlistEvents([{ name: 'online', user_ids: ['ann', 'bob'] }])).toBe(
    '{"event":"pusher_internal:watchlist_events","data":"{\\"events\\":[{\\"name\\":\\"online\\",\\"user_ids\\":[\\"ann\\",\\"bob\\"]}]}"}',
  )
})

test('member_added has user_info only when there is one', () => {
  expect(frames.memberAdded('presence-x', ann)).toBe(
    '{"event":"pusher_internal:member_added","data":"{\\"user_id\\":1,\\"user_info\\":{\\"name\\":\\"Ann \\\\\\"A\\\\\\"\\",\\"n\\":1.0}}","channel":"presence-x"}',
  )
  expect(frames.memberAdded('presence-x', bob)).toBe(
    '{"event":"pusher_internal:member_added","data":"{\\"user_id\\":\\"b\\\\\\"b\\"}","channel":"presence-x"}',
  )
})

test('member_removed names the user', () => {
  expect(frames.memberRemoved('presence-x', ann)).toBe(
    '{"event":"pusher_internal:member_removed","data":"{\\"user_id\\":1}","channel":"presence-x"}',
  )
})

test('cache_miss has no data', () => {
  expect(frames.cacheMiss('cache-x')).toBe('{"event":"pusher:cache_miss","channel":"cache-x"}')
})

test('an event carries any text that the application published', () => {
  expect(frames.event('My"Event', '{"a":1}', 'news')).toBe('{"event":"My\\"Event","data":"{\\"a\\":1}","channel":"news"}')
  expect(frames.event('e', 'plain\n"text" ü 💬', 'news')).toBe('{"event":"e","data":"plain\\n\\"text\\" ü 💬","channel":"news"}')
})

describe('a client event', () => {
  test('carries its data as it was written', () => {
    expect(frames.clientEvent('client-x', 'news', '{ "a" : 1.0 }', undefined)).toBe(
      '{"event":"client-x","channel":"news","data":{ "a" : 1.0 }}',
    )
  })

  test('names its sender on a presence channel', () => {
    expect(frames.clientEvent('client-"x"', 'presence-x', 'null', '"7"')).toBe(
      '{"event":"client-\\"x\\"","channel":"presence-x","data":null,"user_id":"7"}',
    )
    expect(frames.clientEvent('client-x', 'presence-x', '"t"', '0')).toBe(
      '{"event":"client-x","channel":"presence-x","data":"t","user_id":0}',
    )
  })
})
