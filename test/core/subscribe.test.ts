import { describe, expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put, signedSubscribing, subscribing, unsubscribing, visible } from '../support/core.ts'
import { channelAuth } from '../support/sign.ts'

const app = testApp()
const join = (socketId: string, channel: string): Effect => ({ type: 'subscribe', socketId, topic: `1001/${channel}` })
const leave = (socketId: string, channel: string): Effect => ({ type: 'unsubscribe', socketId, topic: `1001/${channel}` })
const send = (socketId: string, frame: string): Effect => ({ type: 'send', socketId, frame })
const notice = (event: 'channel_created' | 'channel_removed', channel: string): Effect => ({
  type: 'notify',
  notice: { event, appId: '1001', channel },
})
const toOthers = (channel: string, exceptSocketId: string, frame: string): Effect => ({
  type: 'broadcast',
  topic: `1001/${channel}`,
  frame,
  exceptSocketId,
  scope: 'node',
})
const succeeded = (channel: string) => `{"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"${channel}"}`

describe('a subscription to a public channel', () => {
  test('creates the channel where it is the first, and is answered', () => {
    const hub = hubWith(app, 's1', 's2')
    expect(hub.message('s1', subscribing({ channel: 'news' }), 1)).toEqual([
      notice('channel_created', 'news'),
      join('s1', 'news'),
      send('s1', succeeded('news')),
    ])
    expect(hub.message('s2', subscribing({ channel: 'news' }), 1)).toEqual([join('s2', 'news'), send('s2', succeeded('news'))])
    const channel = hub.state.channels.get('1001')!.get('news')!
    expect([...channel.localSubscribers]).toEqual(['s1', 's2'])
    expect(hub.state.sockets.get('s1')!.subscriptions.get('news')).toBe(channel)
  })

  test('that is repeated is answered again, and counted once', () => {
    const hub = hubWith(app, 's1')
    put(hub, app, 's1', 'news')
    expect(hub.message('s1', subscribing({ channel: 'news' }), 1)).toEqual([join('s1', 'news'), send('s1', succeeded('news'))])
    expect(hub.state.channels.get('1001')!.get('news')!.localSubscribers.size).toBe(1)
  })

  test('needs no signature, and verifies none', () => {
    const hub = hubWith(app, 's1')
    const effects = hub.message('s1', subscribing({ channel: 'news', auth: 'x', channel_data: 'not json' }), 1)
    expect(visible(effects)).toEqual([join('s1', 'news'), send('s1', succeeded('news'))])
  })
})

describe('a subscription to a private channel', () => {
  test.each(['', '0', null, false, 0])(
    'with channel_data %j, which Reverb takes for absent, is valid with a signature that does not cover it',
    channel_data => {
      const hub = hubWith(app, 's1')
      const auth = channelAuth(app, 's1', 'private-x')
      expect(visible(hub.message('s1', subscribing({ channel: 'private-x', auth, channel_data }), 1))).toEqual([
        join('s1', 'private-x'),
        send('s1', succeeded('private-x')),
      ])
    },
  )

  test.each(['private-x', 'private-encrypted-x'])('%s with a signature', channel => {
    const hub = hubWith(app, 's1')
    expect(visible(hub.message('s1', signedSubscribing(app, 's1', channel), 1))).toEqual([
      join('s1', channel),
      send('s1', succeeded(channel)),
    ])
  })

  test('can have channel_data that is signed with it', () => {
    const hub = hubWith(app, 's1')
    expect(visible(hub.message('s1', signedSubscribing(app, 's1', 'private-x', '{"user_id":1}'), 1))).toEqual([
      join('s1', 'private-x'),
      send('s1', succeeded('private-x')),
    ])
    expect(hub.state.channels.get('1001')!.get('private-x')!.members.count).toBe(0)
  })

  test.each([
    ['no signature', subscribing({ channel: 'private-x' })],
    ['an empty one', subscribing({ channel: 'private-x', auth: '' })],
    ['that of another socket', signedSubscribing(app, 's2', 'private-x')],
    ['that of another app', signedSubscribing(testApp({ secret: 'other' }), 's1', 'private-x')],
    ['another key in front of it', signedSubscribing(testApp({ key: 'other' }), 's1', 'private-x')],
    ['that of another channel', signedSubscribing(app, 's1', 'private-y').replace('private-y', 'private-x')],
  ])('with %s is refused, and nothing is left behind', (_, text) => {
    const hub = hubWith(app, 's1')
    expect(hub.message('s1', text, 1)).toEqual([
      send('s1', '{"event":"pusher:error","data":"{\\"code\\":4009,\\"message\\":\\"Connection is unauthorized\\"}"}'),
      send(
        's1',
        '{"event":"pusher:subscription_error","data":{"type":"AuthError","error":"Connection is unauthorized","status":401},"channel":"private-x"}',
      ),
    ])
    expect(hub.state.channels.size).toBe(0)
    expect(hub.state.sockets.get('s1')!.subscriptions.size).toBe(0)
  })

  test('that is refused does not end one that exists', () => {
    const hub = hubWith(app, 's1')
    put(hub, app, 's1', 'private-x')
    hub.message('s1', subscribing({ channel: 'private-x', auth: 'wrong' }), 1)
    expect(hub.state.channels.get('1001')!.get('private-x')!.localSubscribers.has('s1')).toBe(true)
  })
})

describe('the name of a channel', () => {
  test.each(['', '0', ' ', 'a/b', 'a\0b', 'zürich', '\ud800', 'x'.repeat(5000)])('may be %p, as in Reverb', name => {
    const hub = hubWith(app, 's1')
    const frame = { event: 'pusher_internal:subscription_succeeded', data: '{}', channel: name }
    expect(hub.message('s1', subscribing({ channel: name }), 1).at(-1)).toEqual(send('s1', JSON.stringify(frame)))
  })

  test('that begins like the own channel of a user is that of a user, also without an id', () => {
    const hub = hubWith(app, 's1')
    const effects = hub.message('s1', subscribing({ channel: '#server-to-user-' }), 1)
    expect(JSON.stringify(effects)).toContain('Connection is unauthorized')
    expect(hub.state.channels.size).toBe(0)
  })

  test.each([
    ['', 'The channel name is empty.'],
    ['a b', 'The channel name has characters other than A-Z a-z 0-9 _ - = @ , . ;'],
    ['x'.repeat(201), 'The channel name is longer than 200 characters.'],
    ['private-/', 'The channel name has characters other than A-Z a-z 0-9 _ - = @ , . ;'],
  ])('may not be %p where the app wants the names of Pusher', (channel, message) => {
    const strict = testApp({ limits: { channelNameLength: 200, channelNameCharset: 'pusher' } })
    const hub = hubWith(strict, 's1')
    const effects = hub.message('s1', signedSubscribing(strict, 's1', channel), 1)
    expect(effects).toEqual([
      send('s1', `{"event":"pusher:error","data":"{\\"code\\":4200,\\"message\\":\\"${message}\\"}"}`),
      send(
        's1',
        `{"event":"pusher:subscription_error","data":{"type":"InvalidSubscription","error":"${message}","status":400},"channel":"${channel}"}`,
      ),
    ])
    expect(hub.state.channels.size).toBe(0)
  })
})

describe('a subscription to a presence channel', () => {
  test('is announced to the others before it is answered', () => {
    const hub = hubWith(app, 's1', 's2')
    put(hub, app, 's1', 'presence-x', '{"user_id":1,"user_info":{"name":"Ann"}}')
    expect(hub.message('s2', signedSubscribing(app, 's2', 'presence-x', '{"user_id":"2"}'), 1)).toEqual([
      toOthers(
        'presence-x',
        's2',
        '{"event":"pusher_internal:member_added","data":"{\\"user_id\\":\\"2\\"}","channel":"presence-x"}',
      ),
      join('s2', 'presence-x'),
      send(
        's2',
        '{"event":"pusher_internal:subscription_succeeded","data":"{\\"presence\\":{\\"count\\":2,\\"ids\\":[1,\\"2\\"],\\"hash\\":{\\"1\\":{\\"name\\":\\"Ann\\"},\\"2\\":null}}}","channel":"presence-x"}',
      ),
    ])
  })

  test('of a user who is present already is not announced', () => {
    const hub = hubWith(app, 's1', 's2')
    put(hub, app, 's1', 'presence-x', '{"user_id":1}')
    expect(hub.message('s2', signedSubscribing(app, 's2', 'presence-x', '{"user_id":"1"}'), 1)).toEqual([
      join('s2', 'presence-x'),
      send(
        's2',
        '{"event":"pusher_internal:subscription_succeeded","data":"{\\"presence\\":{\\"count\\":1,\\"ids\\":[\\"1\\"],\\"hash\\":{\\"1\\":null}}}","channel":"presence-x"}',
      ),
    ])
  })

  test('as another user announces the leave of the old one, then the join of the new one', () => {
    const hub = hubWith(app, 's1', 's2')
    put(hub, app, 's1', 'presence-x', '{"user_id":1}')
    put(hub, app, 's2', 'presence-x', '{"user_id":2}')
    const effects = hub.message('s1', signedSubscribing(app, 's1', 'presence-x', '{"user_id":3}'), 1)
    expect(effects.slice(0, 2)).toEqual([
      toOthers(
        'presence-x',
        's1',
        '{"event":"pusher_internal:member_removed","data":"{\\"user_id\\":1}","channel":"presence-x"}',
      ),
      toOthers('presence-x', 's1', '{"event":"pusher_internal:member_added","data":"{\\"user_id\\":3}","channel":"presence-x"}'),
    ])
    expect(effects).toHaveLength(4)
  })

  const noId = 'Invalid presence data: channel_data needs a user_id that is text or a number'
  test.each([
    ['no channel_data', undefined, noId],
    ['no user_id', '{"user_info":{}}', noId],
    ['an id that is a list', '{"user_id":[1]}', noId],
    ['data that is not JSON', 'Ann', 'Invalid message format'],
  ])('with %s it is refused on the channel too', (_, channelData, message) => {
    const hub = hubWith(app, 's1')
    expect(hub.message('s1', signedSubscribing(app, 's1', 'presence-x', channelData), 1)).toEqual([
      send('s1', `{"event":"pusher:error","data":"{\\"code\\":4200,\\"message\\":\\"${message}\\"}"}`),
      send(
        's1',
        `{"event":"pusher:subscription_error","data":{"type":"InvalidSubscription","error":"${message}","status":400},"channel":"presence-x"}`,
      ),
    ])
    expect(hub.state.channels.size).toBe(0)
  })

  test('with channel_data that the signature does not cover is refused', () => {
    const hub = hubWith(app, 's1')
    const auth = channelAuth(app, 's1', 'presence-x', '{"user_id":1}')
    const forged = subscribing({ channel: 'presence-x', auth, channel_data: '{"user_id":2}' })
    expect(visible(hub.message('s1', forged, 1))).toHaveLength(2)
    expect(hub.state.channels.size).toBe(0)
  })
})

describe('a subscription to a cache channel', () => {
  test.each(['cache-x', 'private-cache-x', 'private-encrypted-cache-x'])('%s', channel => {
    const hub = hubWith(app, 's1', 's2')
    expect(visible(hub.message('s1', signedSubscribing(app, 's1', channel), 1))).toEqual([
      join('s1', channel),
      send('s1', succeeded(channel)),
      send('s1', `{"event":"pusher:cache_miss","channel":"${channel}"}`),
    ])
    hub.publish(app, { name: 'e', data: '1', channels: [channel], exceptSocketId: undefined }, 1)
    hub.publish(app, { name: 'e', data: '2', channels: [channel], exceptSocketId: 's1' }, 1)
    for (const socketId of ['s1', 's2']) {
      expect(hub.message(socketId, signedSubscribing(app, socketId, channel), 1)).toEqual([
        join(socketId, channel),
        send(socketId, succeeded(channel)),
        send(socketId, `{"event":"e","data":"2","channel":"${channel}"}`),
      ])
    }
  })

  test('that is a presence channel, too, announces the member, then is answered, then sent the cached event', () => {
    const hub = hubWith(app, 's1', 's2')
    put(hub, app, 's1', 'presence-cache-x', '{"user_id":1}')
    hub.publish(app, { name: 'e', data: 'd', channels: ['presence-cache-x'], exceptSocketId: undefined }, 1)
    const effects = hub.message('s2', signedSubscribing(app, 's2', 'presence-cache-x', '{"user_id":2}'), 1)
    expect(effects.map(effect => effect.type)).toEqual(['broadcast', 'subscribe', 'send', 'send'])
    expect(effects[3]).toEqual(send('s2', '{"event":"e","data":"d","channel":"presence-cache-x"}'))
  })
})

describe('an unsubscription', () => {
  test('removes the channel where it is the last, and is not answered', () => {
    const hub = hubWith(app, 's1', 's2')
    put(hub, app, 's1', 'news')
    put(hub, app, 's2', 'news')
    expect(hub.message('s1', unsubscribing('news'), 1)).toEqual([leave('s1', 'news')])
    expect(hub.message('s1', unsubscribing('news'), 1)).toEqual([])
    expect(hub.message('s2', unsubscribing('news'), 1)).toEqual([leave('s2', 'news'), notice('channel_removed', 'news')])
    expect(hub.state.channels.get('1001')!.size).toBe(0)
  })

  test('from a channel to which the socket is not subscribed has no effect', () => {
    const hub = hubWith(app, 's1', 's2')
    put(hub, app, 's2', 'news')
    expect(hub.message('s1', unsubscribing('news'), 1)).toEqual([])
    expect(hub.message('s1', unsubscribing('a b'), 1)).toEqual([])
    expect(hub.state.channels.get('1001')!.get('news')!.localSubscribers.size).toBe(1)
  })

  test.each([
    ['0', '0'],
    ['""', '\\"\\"'],
    ['"01"', '\\"01\\"'],
  ])('from a presence channel announces the leave of user %s once, with the last socket', (id, inFrame) => {
    const hub = hubWith(app, 's1', 's2', 's3')
    put(hub, app, 's1', 'presence-x', `{"user_id":${id}}`)
    put(hub, app, 's2', 'presence-x', `{"user_id":${id}}`)
    put(hub, app, 's3', 'presence-x', '{"user_id":"1"}')
    expect(hub.message('s1', unsubscribing('presence-x'), 1)).toEqual([leave('s1', 'presence-x')])
    expect(hub.closed('s2', 1)).toEqual([
      leave('s2', 'presence-x'),
      toOthers(
        'presence-x',
        's2',
        `{"event":"pusher_internal:member_removed","data":"{\\"user_id\\":${inFrame}}","channel":"presence-x"}`,
      ),
    ])
  })

  test('follows from all channels when a socket disconnects, from presence channels first', () => {
    const hub = hubWith(app, 's1', 's2')
    put(hub, app, 's1', 'news')
    put(hub, app, 's1', 'presence-x', '{"user_id":1}')
    put(hub, app, 's2', 'presence-x', '{"user_id":2}')
    expect(hub.closed('s1', 1)).toEqual([
      leave('s1', 'presence-x'),
      toOthers(
        'presence-x',
        's1',
        '{"event":"pusher_internal:member_removed","data":"{\\"user_id\\":1}","channel":"presence-x"}',
      ),
      leave('s1', 'news'),
      notice('channel_removed', 'news'),
    ])
    expect(hub.closed('s1', 1)).toEqual([])
  })

  test('does not change the cached event', () => {
    const hub = hubWith(app, 's1', 's2', 's3')
    const channel = 'presence-cache-x'
    put(hub, app, 's1', channel, '{"user_id":1}')
    put(hub, app, 's2', channel, '{"user_id":2}')
    hub.publish(app, { name: 'e', data: 'd', channels: [channel], exceptSocketId: undefined }, 1)
    hub.message('s1', unsubscribing(channel), 1)
    const effects = hub.message('s3', signedSubscribing(app, 's3', channel, '{"user_id":3}'), 1)
    expect(effects.at(-1)).toEqual(send('s3', '{"event":"e","data":"d","channel":"presence-cache-x"}'))
  })
})

describe('a cache channel', () => {
  const event = { name: 'e', data: 'd', channels: ['cache-x'], exceptSocketId: undefined }
  const replay = '{"event":"e","data":"d","channel":"cache-x"}'
  const last = (effects: Effect[]) => effects.at(-1)
  const missed = '{"event":"pusher:cache_miss","channel":"cache-x"}'

  test('sends later subscribers what was published while it had no subscribers', () => {
    const hub = hubWith(app, 's1')
    expect(last(hub.message('s1', subscribing({ channel: 'cache-x' }), 1))).toEqual(send('s1', missed))
    hub.message('s1', unsubscribing('cache-x'), 1)
    hub.publish(app, event, 1)
    expect(last(hub.message('s1', subscribing({ channel: 'cache-x' }), 1_800_000))).toEqual(send('s1', replay))
    hub.message('s1', unsubscribing('cache-x'), 1)
    expect(last(hub.message('s1', subscribing({ channel: 'cache-x' }), 1_800_001))).toEqual(send('s1', missed))
  })
})
