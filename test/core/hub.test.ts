import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import type { Effect } from '../../src/core/effect.ts'
import { Hub } from '../../src/core/hub.ts'
import { lastEvent } from '../../src/core/last-events.ts'
import { testApp } from '../support/apps.ts'
import {
  AnsweringHub,
  close,
  error,
  hubWith,
  put,
  send,
  signedSubscribing,
  signingIn,
  subscribing,
  visible,
} from '../support/core.ts'

const app = testApp()
const other = testApp({ id: '1002', key: 'other-key', secret: 'other-secret', activityTimeoutSeconds: 7 })

describe('a new connection', () => {
  const greeting = (socketId: string, seconds: number) =>
    send(
      socketId,
      `{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"${socketId}\\",\\"activity_timeout\\":${seconds}}"}`,
    )

  test('is sent connection_established with the activity timeout of its app', () => {
    const hub = new AnsweringHub(appsOf([app, other]))
    expect(hub.open('1.1', 'app-key', null, 5)).toEqual([greeting('1.1', 30)])
    expect(hub.open('2.2', 'other-key', 'https://a.example', 5)).toEqual([greeting('2.2', 7)])
    expect(hub.state.sockets.get('1.1')).toMatchObject({ app, lastSeenMs: 5 })
    expect(hub.state.sockets.get('2.2')).toMatchObject({ app: other })
  })

  const restricted = testApp({ allowedOrigins: ['a.example'], maxConnections: 1 })

  test.each([
    ['an unknown key', 'nobody', 'https://a.example', 4001, 'Application does not exist'],
    ['the id for the key', '1001', 'https://a.example', 4001, 'Application does not exist'],
    ['an origin', 'app-key', 'https://b.example', 4009, 'Origin not allowed'],
    ['a missing origin', 'app-key', null, 4009, 'Origin not allowed'],
    ['one too many', 'app-key', 'https://a.example', 4004, 'Application is over connection quota'],
  ])('with %s is refused, and nothing of it is kept', (_, key, origin, code, reason) => {
    const hub = new AnsweringHub(appsOf([restricted]))
    hub.open('1.1', 'app-key', 'https://a.example', 0)
    expect(hub.open('2.2', key, origin, 0)).toEqual([error('2.2', code, reason), close('2.2', code, reason)])
    expect([...hub.state.sockets.keys()]).toEqual(['1.1'])
    for (const text of ['{"event":"pusher:ping"}', '{"event":"pusher:connection_established"}', subscribing({ channel: 'news' })])
      expect(hub.message('2.2', text, 0)).toEqual([])
    hub.control('2.2', 0)
    expect(hub.closed('2.2', 1)).toEqual([])
    expect(hub.state.channels.size).toBe(0)
  })

  const strict = testApp({ checksProtocol: true })

  test.each<[string | null, number, string]>([
    [null, 4008, 'No protocol version supplied'],
    ['', 4006, 'Invalid version string format'],
    ['3', 4007, 'Unsupported protocol version'],
  ])('with protocol %p is refused where the app checks it, and not otherwise', (protocol, code, reason) => {
    expect(hubWith(strict).open('1.1', 'app-key', null, 0, protocol)).toEqual([
      error('1.1', code, reason),
      close('1.1', code, reason),
    ])
    expect(hubWith(app).open('1.1', 'app-key', null, 0, protocol)).toEqual([greeting('1.1', 30)])
  })

  test('with protocol 7 is accepted where the app checks it', () => {
    expect(hubWith(strict).open('1.1', 'app-key', null, 0, '7')).toEqual([greeting('1.1', 30)])
  })

  test('counts for the quota until it is closed, whether on a channel or not', () => {
    const hub = hubWith(testApp({ maxConnections: 2 }), '1.1', '2.2')
    expect(hub.open('3.3', 'app-key', null, 0)).toContainEqual(close('3.3', 4004, 'Application is over connection quota'))
    hub.closed('1.1', 1)
    expect(hub.open('4.4', 'app-key', null, 0)).toEqual([greeting('4.4', 30)])
  })

  test('of an app with a quota of 0 is refused', () => {
    const hub = hubWith(testApp({ maxConnections: 0 }))
    expect(hub.open('1.1', 'app-key', null, 0)).toContainEqual(close('1.1', 4004, 'Application is over connection quota'))
  })

  test('beyond the capacity of the server is refused for the moment', () => {
    const hub = new AnsweringHub(appsOf([app, other]), 2)
    hub.open('1.1', 'app-key', null, 0)
    hub.open('2.2', 'other-key', null, 0)
    expect(hub.open('3.3', 'app-key', null, 0)).toEqual([
      error('3.3', 4100, 'Over capacity'),
      close('3.3', 4100, 'Over capacity'),
    ])
    hub.closed('2.2', 1)
    expect(hub.open('4.4', 'app-key', null, 0)).toEqual([greeting('4.4', 30)])
  })
})

describe('a message', () => {
  test('of an unknown socket is ignored', () => expect(hubWith(app).message('1.1', '{"event":"pusher:ping"}', 0)).toEqual([]))

  test('of type ping is answered, and one of type pong is not', () => {
    const hub = hubWith(app, '1.1')
    expect(hub.message('1.1', '{"event":"pusher:ping","data":"{}"}', 0)).toEqual([send('1.1', '{"event":"pusher:pong"}')])
    expect(hub.message('1.1', '{"event":"pusher:pong"}', 0)).toEqual([])
  })

  test('with an event that is no client event is ignored', () => {
    expect(hubWith(app, '1.1').message('1.1', '{"event":"news","channel":"news"}', 0)).toEqual([])
  })

  test.each(['nonsense', '{"event":"pusher:connection_established"}', '{"event":"pusher:nonsense","channel":"x"}'])(
    'that is %s is answered with an error, and the socket stays open',
    text => {
      const hub = hubWith(app, '1.1')
      expect(hub.message('1.1', text, 0)).toEqual([error('1.1', 4200, 'Invalid message format')])
      expect(hub.state.sockets.has('1.1')).toBe(true)
    },
  )

  test('of any kind shows that its client is alive, also an invalid one', () => {
    const hub = hubWith(app, '1.1')
    hub.message('1.1', 'nonsense', 777)
    expect(hub.state.sockets.get('1.1')).toMatchObject({ lastSeenMs: 777, speaksControlFrames: false })
  })

  test('on which the server itself fails throws', () => {
    const hub = hubWith(app, '1.1')
    Object.defineProperty(hub.state.sockets.get('1.1'), 'subscriptions', {
      get: () => {
        throw new RangeError('ours')
      },
    })
    expect(() => hub.message('1.1', subscribing({ channel: 'news' }), 0)).toThrow(new RangeError('ours'))
  })
})

describe('a message that is too large', () => {
  const small = testApp({ maxMessageBytes: 50 })
  const ping = '{"event":"pusher:ping","data":""}'
  const padded = (bytes: number, filling = 'x') =>
    ping.replace('""', `"${filling.repeat((bytes - ping.length) / Buffer.byteLength(filling))}"`)

  test.each(['x', 'ü'])('may have as many bytes as the limit: %s', filling => {
    const text = padded(filling === 'x' ? 50 : 49, filling)
    expect(hubWith(small, '1.1').message('1.1', text, 0)).toEqual([send('1.1', '{"event":"pusher:pong"}')])
  })

  test.each([
    ['characters', padded(51)],
    ['bytes, though not characters', padded(51, 'ü')],
  ])('with one more byte of %s closes the socket', (_, text) => {
    const hub = hubWith(small, '1.1', '2.2')
    expect(hub.message('2.2', text, 0)).toEqual([close('2.2', 1009, 'Maximum message size exceeded')])
    expect([...hub.state.sockets.keys()]).toEqual(['1.1'])
  })

  test('unsubscribes its socket before the close', () => {
    const hub = hubWith(testApp({ maxMessageBytes: 300 }), '1.1', '2.2')
    put(hub, app, '1.1', 'presence-x', '{"user_id":1}')
    put(hub, app, '2.2', 'presence-x', '{"user_id":2}')
    expect(hub.message('1.1', 'x'.repeat(301), 0)).toEqual([
      { type: 'unsubscribe', socketId: '1.1', topic: '1001/presence-x' },
      {
        type: 'broadcast',
        topic: '1001/presence-x',
        frame: '{"event":"pusher_internal:member_removed","data":"{\\"user_id\\":1}","channel":"presence-x"}',
        exceptSocketId: '1.1',
        scope: 'node',
      },
      close('1.1', 1009, 'Maximum message size exceeded'),
    ])
  })
})

describe('a flood', () => {
  test('closes the socket, with a code after which clients reconnect, and is counted', () => {
    const hub = new Hub(appsOf([app]))
    hub.open('1.1', app.key, null, 0)
    put(hub, app, '1.1', 'news')
    const reason = 'Too many messages or bytes a second'
    expect(hub.flooded('1.1', 1)).toEqual([
      { type: 'refused', refusal: 'message-flood', appId: '1001', about: '' },
      error('1.1', 4100, reason),
      { type: 'unsubscribe', socketId: '1.1', topic: '1001/news' },
      { type: 'notify', notice: { event: 'channel_removed', appId: '1001', channel: 'news' } },
      close('1.1', 4100, reason),
    ])
    expect(hub.state.sockets.size).toBe(0)
  })

  test('of a socket that is closed already has no effect', () => {
    expect(new Hub(appsOf([app])).flooded('1.1', 1)).toEqual([])
  })
})

describe('a published event', () => {
  const to = (topic: string, frame: string, exceptSocketId?: string): Effect => ({
    type: 'broadcast',
    topic,
    frame,
    exceptSocketId,
    scope: 'cluster',
  })

  test('is broadcast once for each channel in their order, also on empty ones, and twice on one that is named twice', () => {
    const hub = hubWith(app, '1.1')
    const publication = { name: 'e', data: '{"a":1}', channels: ['b', 'a', 'b'], exceptSocketId: '1.1' }
    const frame = (channel: string) => `{"event":"e","data":"{\\"a\\":1}","channel":"${channel}"}`
    expect(hub.publish(app, publication, 1)).toEqual([
      to('1001/b', frame('b'), '1.1'),
      to('1001/a', frame('a'), '1.1'),
      to('1001/b', frame('b'), '1.1'),
    ])
  })

  test('is cached on a cache channel for later subscribers, whether or not the channel has any', () => {
    const hub = hubWith(app, '1.1')
    put(hub, app, '1.1', 'cache-x')
    hub.publish(app, { name: 'e', data: 'd', channels: ['cache-x', 'cache-y', 'news'], exceptSocketId: undefined }, 1)
    const kept = (channel: string) => lastEvent(hub.state, '1001', channel, 1)
    expect(kept('cache-x')).toBe('{"event":"e","data":"d","channel":"cache-x"}')
    expect(kept('cache-y')).toBe('{"event":"e","data":"d","channel":"cache-y"}')
    expect(kept('news')).toBeUndefined()
    expect(hub.state.channels.get('1001')!.has('cache-y')).toBe(false)
  })

  test.each(['pusher:x', 'pusher_internal:x', 'client-x'])('named %s is delivered, and not cached', name => {
    const hub = hubWith(app)
    hub.publish(app, { name: 'e', data: 'd', channels: ['cache-x'], exceptSocketId: undefined }, 1)
    expect(hub.publish(app, { name, data: 'd', channels: ['cache-x'], exceptSocketId: undefined }, 1)).toHaveLength(1)
    expect(lastEvent(hub.state, '1001', 'cache-x', 1)).toBe('{"event":"e","data":"d","channel":"cache-x"}')
  })

  test('is cached for the ttl of its app, and removed by the tick', () => {
    const brief = testApp({ cache: { ttlSeconds: 60, maxChannels: 10, maxBytes: 1000 } })
    const hub = hubWith(brief)
    hub.publish(brief, { name: 'e', data: 'd', channels: ['cache-x'], exceptSocketId: undefined }, 1)
    hub.tick(60_000)
    expect(lastEvent(hub.state, '1001', 'cache-x', 60_000)).toBeDefined()
    expect(lastEvent(hub.state, '1001', 'cache-x', 60_001)).toBeUndefined()
    hub.tick(60_001)
    expect(hub.state.lastEvents.size).toBe(0)
  })

  test('that is dropped from the cache before it expires is reported once, with the next tick', () => {
    const small = testApp({ cache: { ttlSeconds: 60, maxChannels: 1, maxBytes: 1000 } })
    const hub = hubWith(small)
    for (const channel of ['cache-x', 'cache-y', 'cache-z'])
      hub.publish(small, { name: 'e', data: 'd', channels: [channel], exceptSocketId: undefined }, 1)
    const dropped = { type: 'refused', refusal: 'cached-event-dropped', appId: '1001', about: '', times: 2 } as const
    expect([hub.tick(1000), hub.tick(2000)]).toEqual([[dropped], []])
  })

  test('stays within its app', () => {
    const hub = new AnsweringHub(appsOf([app, other]))
    hub.open('1.1', 'app-key', null, 0)
    put(hub, app, '1.1', 'cache-x')
    expect(hub.publish(other, { name: 'e', data: 'd', channels: ['cache-x'], exceptSocketId: undefined }, 1)).toEqual([
      to('1002/cache-x', '{"event":"e","data":"d","channel":"cache-x"}'),
    ])
    expect(lastEvent(hub.state, '1001', 'cache-x', 1)).toBeUndefined()
  })
})

describe('the quota of an app', () => {
  const few = testApp({ maxConnections: 2 })
  const codes = (effects: readonly Effect[]) => effects.flatMap(effect => (effect.type === 'close' ? [effect.close.code] : []))

  test('applies to all nodes together', () => {
    const hub = hubWith(few, '1.1')
    hub.replica.apply('n2', [{ kind: 'connections', appId: '1001', count: 1 }], 1)
    expect(codes(hub.open('2.2', few.key, null, 1))).toEqual([4004])
  })

  test('does not count a client twice that moves during a hand-over', () => {
    const hub = hubWith(few)
    hub.replica.join({ nodeId: 'n', isHandOver: true })
    hub.replica.apply('n2', [{ kind: 'connections', appId: '1001', count: 2 }], 1)
    for (const socketId of ['1.1', '2.2']) expect(codes(hub.open(socketId, few.key, null, 1))).toEqual([])
    expect(codes(hub.open('3.3', few.key, null, 1))).toEqual([4004])
  })
})

describe('terminating the connections of a user', () => {
  test('closes every socket of the user, and no others', () => {
    const hub = hubWith(app, '1.1', '2.2', '3.3', '4.4')
    put(hub, app, '4.4', 'news')
    put(hub, app, '1.1', 'news')
    put(hub, app, '1.1', 'presence-x', '{"user_id":7}')
    put(hub, app, '1.1', 'presence-y', '{"user_id":7}')
    put(hub, app, '2.2', 'presence-x', '{"user_id":"8"}')
    put(hub, app, '2.2', 'presence-y', '{"user_id":"7"}')
    put(hub, app, '3.3', 'presence-x', '{"user_id":"07"}')
    const closed: Effect[] = hub.terminate(app, '7', 1).filter(effect => effect.type === 'close')
    const reason = 'Connection terminated by the application'
    expect(closed).toEqual([close('1.1', 4009, reason), close('2.2', 4009, reason)])
    expect([...hub.state.sockets.keys()]).toEqual(['3.3', '4.4'])
  })

  test('sends pusher:error with the code before it closes', () => {
    const hub = hubWith(app, '1.1')
    put(hub, app, '1.1', 'presence-x', '{"user_id":7}')
    const reason = 'Connection terminated by the application'
    const effects = visible(hub.terminate(app, '7', 1)).filter(({ type }) => type !== 'broadcast' && type !== 'unsubscribe')
    expect(effects).toEqual([error('1.1', 4009, reason), close('1.1', 4009, reason)])
  })

  test.each(['0', ''])('works for a user whose id is %p', id => {
    const hub = hubWith(app, '1.1')
    put(hub, app, '1.1', 'presence-x', `{"user_id":${JSON.stringify(id)}}`)
    expect(hub.terminate(app, id, 1)).toContainEqual(close('1.1', 4009, 'Connection terminated by the application'))
  })

  test('has no effect where there is no such user, or only in another app', () => {
    const hub = new AnsweringHub(appsOf([app, other]))
    hub.open('1.1', 'other-key', null, 0)
    hub.message('1.1', signedSubscribing(other, '1.1', 'presence-x', '{"user_id":7}'), 0)
    expect(hub.terminate(app, '7', 1)).toEqual([])
    expect(hub.terminate(other, '8', 1)).toEqual([])
  })
})

describe('the application', () => {
  const hubOfTwo = () => {
    const hub = new AnsweringHub(appsOf([app, other]))
    hub.open('1.1', 'app-key', null, 0)
    put(hub, app, '1.1', 'news')
    return hub
  }

  test('sends a frame to one of its own sockets', () => {
    const hub = hubOfTwo()
    expect(hub.send(app, '1.1', 'any text')).toEqual([send('1.1', 'any text')])
    expect(hub.send(other, '1.1', 'x')).toEqual([])
    expect(hub.send(app, '9.9', 'x')).toEqual([])
  })

  test('disconnects one of its own sockets', () => {
    const hub = hubOfTwo()
    expect(hub.disconnect(other, '1.1', 1)).toEqual([])
    expect(hub.disconnect(app, '9.9', 1)).toEqual([])
    expect(visible(hub.disconnect(app, '1.1', 1))).toEqual([
      { type: 'unsubscribe', socketId: '1.1', topic: '1001/news' },
      close('1.1', 4200, 'Disconnected by the application'),
    ])
    expect(hub.disconnect(app, '1.1', 1)).toEqual([])
  })
})

test('a server that stops closes every socket, and notifies listeners of the channels that are no longer occupied', () => {
  const hub = hubWith(app, '1.1', '2.2', '3.3')
  put(hub, app, '1.1', 'presence-x', '{"user_id":1}')
  put(hub, app, '2.2', 'presence-x', '{"user_id":2}')
  put(hub, app, '2.2', 'news')
  hub.message('3.3', signingIn(app, '3.3', '{"id":"ann","watchlist":["bob"]}'), 0)
  // The channel has subscribers on another node, and none on this one.
  const theirs = { kind: 'subscriptions', appId: app.id, channel: 'theirs', count: 1 } as const
  hub.replica.join({ nodeId: 'n', isHandOver: false })
  hub.replica.apply('b', [theirs], 0)
  const removed = (channel: string): Effect => ({
    type: 'notify',
    notice: { event: 'channel_removed', appId: app.id, channel },
  })
  const stopped = { code: 1001, reason: 'x' }
  expect(hub.end(stopped)).toEqual([
    removed('presence-x'),
    removed('news'),
    ...['1.1', '2.2', '3.3'].map(socketId => close(socketId, stopped.code, stopped.reason)),
  ])
  for (const socketId of ['1.1', '2.2', '3.3']) expect(hub.closed(socketId, 1)).toEqual([])
  expect(hub.end(stopped)).toEqual([])
})

test('the server closes a socket once', () => {
  const hub = hubWith(app, '1.1')
  const reason = { code: 4200, reason: 'x' }
  expect(hub.close('1.1', reason, 1)).toEqual([{ type: 'close', socketId: '1.1', close: reason }])
  expect(hub.close('1.1', reason, 1)).toEqual([])
  expect(hub.closed('1.1', 1)).toEqual([])
})
