import { describe, expect, test } from 'bun:test'
import { parseMessage } from '../../src/protocol/message.ts'

const invalid = expect.objectContaining({ name: 'PusherError', code: 4200, message: 'Invalid message format' })

function refuses(text: string): void {
  expect(() => parseMessage(text), text).toThrow(invalid)
}

describe('a text is refused that is no message:', () => {
  test.each([
    '',
    'hello',
    '{',
    '{"event":"pusher:ping"} x',
    'null',
    '1',
    '"pusher:ping"',
    '[]',
    '[{"event":"pusher:ping"}]',
    '{}',
    '{"event":null}',
    '{"event":1}',
    '{"event":["pusher:ping"]}',
    '{"event":""}',
    '{"__proto__":{"event":"pusher:ping"}}',
  ])('%s', refuses)
})

describe('a message of many levels', () => {
  const nested = (levels: number, event = 'client-x') =>
    `{"event":"${event}","channel":"news","data":${'['.repeat(levels)}${']'.repeat(levels)}}`

  test('is parsed up to the 511 levels that PHP parses', () => {
    expect(parseMessage(nested(510))).toMatchObject({ type: 'client-event' })
    expect(parseMessage(nested(500, 'pusher:ping'))).toEqual({ type: 'ping' })
  })

  test('is invalid beyond them', () => {
    expect(() => parseMessage(nested(511))).toThrow('Invalid message format')
    expect(() => parseMessage(nested(511, 'pusher:ping'))).toThrow('Invalid message format')
    const data = JSON.stringify(`{"channel":${'['.repeat(600)}${']'.repeat(600)}}`)
    expect(() => parseMessage(`{"event":"pusher:subscribe","data":${data}}`)).toThrow('Invalid message format')
  })
})

describe('ping and pong', () => {
  test.each(['', ',"data":{}', ',"data":"{}"', ',"data":"text"', ',"data":1', ',"data":true', ',"data":null', ',"channel":1'])(
    'whatever stands beside the name: %s',
    rest => {
      expect(parseMessage(`{"event":"pusher:ping"${rest}}`)).toEqual({ type: 'ping' })
      expect(parseMessage(`{"event":"pusher:pong"${rest}}`)).toEqual({ type: 'pong' })
    },
  )
})

describe('subscribe', () => {
  const bare = { type: 'subscribe' as const, auth: undefined, channelData: undefined }

  test.each([
    ['{"channel":"news"}', { ...bare, channel: 'news' }],
    ['{"channel":""}', { ...bare, channel: '' }],
    ['{"channel":"private-x","auth":"key:sig"}', { ...bare, channel: 'private-x', auth: 'key:sig' }],
    ['{"channel":"x","auth":"","channel_data":""}', { ...bare, channel: 'x', auth: '' }],
    ['{"channel":"x","channel_data":"0"}', { ...bare, channel: 'x' }],
    ['{"channel":"x","channel_data":0}', { ...bare, channel: 'x' }],
    ['{"channel":"x","channel_data":false}', { ...bare, channel: 'x' }],
    ['{"channel":"x","channel_data":" "}', { ...bare, channel: 'x', channelData: ' ' }],
    [
      '{"channel":"presence-x","auth":"a","channel_data":"{\\"user_id\\":1}"}',
      { type: 'subscribe' as const, channel: 'presence-x', auth: 'a', channelData: '{"user_id":1}' },
    ],
    ['{"channel":"news","auth":null,"channel_data":null}', { ...bare, channel: 'news' }],
    ['{"channel":"news","auth":5}', { ...bare, channel: 'news' }],
    ['{"channel":7}', { ...bare, channel: '7' }],
    ['{"channel":0}', { ...bare, channel: '0' }],
  ])('%s, as an object and as a text', (data, message) => {
    expect(parseMessage(`{"event":"pusher:subscribe","data":${data}}`)).toEqual(message)
    expect(parseMessage(JSON.stringify({ event: 'pusher:subscribe', data }))).toEqual(message)
  })

  test.each([
    '{"event":"pusher:subscribe"}',
    '{"event":"pusher:subscribe","channel":"news"}',
    '{"event":"pusher:subscribe","data":null}',
    '{"event":"pusher:subscribe","data":[]}',
    '{"event":"pusher:subscribe","data":5}',
    '{"event":"pusher:subscribe","data":"news"}',
    '{"event":"pusher:subscribe","data":"\\"news\\""}',
    '{"event":"pusher:subscribe","data":"[]"}',
    '{"event":"pusher:subscribe","data":{}}',
    '{"event":"pusher:subscribe","data":{"channel":null}}',
    '{"event":"pusher:subscribe","data":{"channel":["news"]}}',
    '{"event":"pusher:subscribe","data":{"channel":true}}',
    '{"event":"pusher:subscribe","data":{"channel":1.5}}',
    '{"event":"pusher:subscribe","data":{"channel":1e300}}',
    '{"event":"pusher:subscribe","data":{"channel":"x","channel_data":{"user_id":1}}}',
    '{"event":"pusher:subscribe","data":{"channel":"x","channel_data":5}}',
    '{"event":"pusher:subscribe","data":{"channel":"x","channel_data":true}}',
    '{"event":"pusher:subscribe","data":{"channel":"x","channel_data":[]}}',
  ])('refuses %s', refuses)
})

describe('unsubscribe', () => {
  test.each(['{"channel":"news"}', '"{\\"channel\\":\\"news\\"}"'])('%s', data => {
    expect(parseMessage(`{"event":"pusher:unsubscribe","data":${data}}`)).toEqual({ type: 'unsubscribe', channel: 'news' })
  })

  test.each([
    '{"event":"pusher:unsubscribe"}',
    '{"event":"pusher:unsubscribe","channel":"news"}',
    '{"event":"pusher:unsubscribe","data":{}}',
    '{"event":"pusher:unsubscribe","data":{"channel":true}}',
  ])('refuses %s', refuses)
})

describe("a name of the protocol's own events", () => {
  test.each(['connection_established', 'error', 'signin', 'subscription_error', 'cache_miss', 'nonsense', ''])(
    'pusher:%s is refused, also with a channel',
    name => {
      refuses(`{"event":"pusher:${name}"}`)
      refuses(`{"event":"pusher:${name}","channel":"news","data":{}}`)
    },
  )
})

describe('a client event', () => {
  test.each([
    ['{"event":"client-a","channel":"news"}', 'null'],
    ['{"event":"client-a","channel":"news","data":null}', 'null'],
    ['{"event":"client-a","channel":"news","data":"text"}', '"text"'],
    ['{"event":"client-a","channel":"news","data":""}', '""'],
    ['{"event":"client-a","channel":"news","data":0}', '0'],
    ['{"event":"client-a","data":{ "a" : 1.0, "b":[] },"channel":"news"}', '{ "a" : 1.0, "b":[] }'],
    ['{"event":"client-a","channel":"news","data":"{\\"a\\":1}"}', '"{\\"a\\":1}"'],
    ['{"event":"client-a","channel":"news","data":12345678901234567890}', '12345678901234567890'],
    ['{"data":1,"event":"client-a","channel":"news","data":2}', '2'],
    ['{"event":"client-a","channel":"news","data":1,"user_id":"forged","channels":["other"]}', '1'],
  ])('%s', (text, data) => {
    expect(parseMessage(text)).toEqual({ type: 'client-event', event: 'client-a', channel: 'news', data })
  })

  test.each(['{"event":"client-a"}', '{"event":"client-a","channel":null}', '{"event":"client-a","channel":["a"],"data":{}}'])(
    'refuses %s',
    refuses,
  )
})

describe('another event', () => {
  test.each(['news', 'client', 'Client-x', 'pusher_internal:member_added', 'pusher'])(
    'named %s has no effect on a channel',
    event => {
      expect(parseMessage(JSON.stringify({ event, channel: 'news' }))).toEqual({ type: 'ignored' })
    },
  )

  test('is refused without a channel', () => {
    refuses('{"event":"news"}')
    refuses('{"event":"pusher_internal:member_added","data":{}}')
  })
})

describe('signin', () => {
  test('is parsed as an object and as a text', () => {
    const data = '{"auth":"key:sig","user_data":"{\\"id\\":\\"ann\\"}"}'
    const message = { type: 'signin' as const, auth: 'key:sig', userData: '{"id":"ann"}' }
    expect(parseMessage(`{"event":"pusher:signin","data":${data}}`)).toEqual(message)
    expect(parseMessage(JSON.stringify({ event: 'pusher:signin', data }))).toEqual(message)
  })

  test.each([
    '{"event":"pusher:signin"}',
    '{"event":"pusher:signin","data":{}}',
    '{"event":"pusher:signin","data":{"auth":"a"}}',
    '{"event":"pusher:signin","data":{"user_data":"{}"}}',
    '{"event":"pusher:signin","data":{"auth":5,"user_data":"{}"}}',
    '{"event":"pusher:signin","data":{"auth":"a","user_data":{"id":"ann"}}}',
  ])('refuses %s', refuses)
})
