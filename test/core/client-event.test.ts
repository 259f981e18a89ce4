import { describe, expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import { lastEvent } from '../../src/core/last-events.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put, subscribing } from '../support/core.ts'

const fromAll = testApp({ clientEventsFrom: 'all' })
const members = testApp({ clientEventsFrom: 'members' })
const fromNone = testApp({ clientEventsFrom: 'none' })

const event = (channel: string, rest = '') => `{"event":"client-typing","channel":"${channel}","data":{"n":1.0}${rest}}`
const broadcast = (channel: string, rest = ''): Effect => ({
  type: 'broadcast',
  topic: `1001/${channel}`,
  frame: `{"event":"client-typing","channel":"${channel}","data":{"n":1.0}${rest}}`,
  exceptSocketId: 's1',
  scope: 'cluster',
})
const error = (code: number, message: string): Effect => ({
  type: 'send',
  socketId: 's1',
  frame: `{"event":"pusher:error","data":"{\\"code\\":${code},\\"message\\":\\"${message}\\"}"}`,
})
const notAMember = error(4009, 'The client is not a member of the specified channel.')

describe('an app that accepts client events from none', () => {
  test.each(['news', 'private-x'])('refuses them from a subscriber of %s, too', channel => {
    const hub = hubWith(fromNone, 's1')
    put(hub, fromNone, 's1', channel)
    expect(hub.message('s1', event(channel), 1)).toEqual([error(4301, 'The app does not have client messaging enabled.')])
  })
})

describe.each([
  ['members', members],
  ['all', fromAll],
])('an app that accepts client events from %s', (_, app) => {
  test.each(['private-x', 'private-cache-x', 'private-encrypted-x'])(
    'broadcasts those of a subscriber of %s to the others',
    channel => {
      const hub = hubWith(app, 's1')
      put(hub, app, 's1', channel)
      expect(hub.message('s1', event(channel), 1)).toEqual([broadcast(channel)])
    },
  )

  test.each([
    ['7', '7'],
    ['"x"', '"x"'],
    ['0', '0'],
    ['""', '""'],
  ])('names the presence member %s', (id, inFrame) => {
    const hub = hubWith(app, 's1')
    put(hub, app, 's1', 'presence-x', `{"user_id":${id}}`)
    expect(hub.message('s1', event('presence-x'), 1)).toEqual([broadcast('presence-x', `,"user_id":${inFrame}`)])
  })

  test('ignores what a client claims about itself and other channels', () => {
    const hub = hubWith(app, 's1')
    put(hub, app, 's1', 'private-x')
    put(hub, app, 's1', 'presence-x', '{"user_id":7}')
    const forged = ',"user_id":1,"channels":["private-y"],"socket_id":"s2"'
    expect(hub.message('s1', event('private-x', forged), 1)).toEqual([broadcast('private-x')])
    expect(hub.message('s1', event('presence-x', forged), 1)).toEqual([broadcast('presence-x', ',"user_id":7')])
  })

  test.each(['private-x', 'presence-x', 'private-encrypted-x', 'presence-cache-x'])(
    'refuses them on %s from a socket that is not subscribed, also after a refused subscription',
    channel => {
      const hub = hubWith(app, 's1', 's2')
      put(hub, app, 's2', channel, '{"user_id":2}')
      hub.message('s1', subscribing({ channel, auth: 'app-key:wrong', channel_data: '{"user_id":1}' }), 0)
      expect(hub.message('s1', event(channel), 1)).toEqual([notAMember])
    },
  )

  test('does not cache them', () => {
    const hub = hubWith(app, 's1')
    put(hub, app, 's1', 'cache-x')
    hub.publish(app, { name: 'e', data: 'd', channels: ['cache-x'], exceptSocketId: undefined }, 1)
    hub.message('s1', event('cache-x'), 1)
    expect(lastEvent(hub.state, '1001', 'cache-x', 1)).toBe('{"event":"e","data":"d","channel":"cache-x"}')
  })
})

describe('a client event on a public channel from a socket that is not subscribed', () => {
  test('is refused where members alone may send them', () => {
    expect(hubWith(members, 's1').message('s1', event('news'), 1)).toEqual([notAMember])
  })

  test('is broadcast where all may send them', () => {
    expect(hubWith(fromAll, 's1').message('s1', event('news'), 1)).toEqual([broadcast('news')])
  })
})

describe('a client event on a public channel from a subscriber', () => {
  test.each([
    ['members', 'news', members],
    ['members', 'cache-x', members],
    ['all', 'news', fromAll],
    ['all', 'cache-x', fromAll],
  ])('is broadcast where %s may send them, on %s', (_, channel, app) => {
    const hub = hubWith(app, 's1')
    put(hub, app, 's1', channel)
    expect(hub.message('s1', event(channel), 1)).toEqual([broadcast(channel)])
  })

  test('has no user_id from channel_data that is not signed', () => {
    const hub = hubWith(fromAll, 's1')
    hub.message('s1', subscribing({ channel: 'news', channel_data: '{"user_id":1}' }), 0)
    expect(hub.message('s1', event('news'), 1)).toEqual([broadcast('news')])
  })
})

describe('the limits of client events', () => {
  const limited = testApp({ limits: { clientEventsPerSecond: 2, eventNameLength: 13 } })

  test('allow so many a second; the first one beyond that is answered', () => {
    const hub = hubWith(limited, 's1', 's2')
    put(hub, limited, 's1', 'private-x')
    put(hub, limited, 's2', 'private-x')
    const tooMany = error(4301, 'Client event rejected due to rate limit: more than 2 a second.')
    const answers = [0, 1, 999, 999, 1000, 1001, 1002].map(nowMs => hub.message('s1', event('private-x'), nowMs))
    expect(answers).toEqual([
      [broadcast('private-x')],
      [broadcast('private-x')],
      [tooMany],
      [],
      [broadcast('private-x')],
      [broadcast('private-x')],
      [tooMany],
    ])
    expect(hub.message('s2', event('private-x'), 999)).toHaveLength(1)
  })

  test('allow names of so many characters', () => {
    const hub = hubWith(limited, 's1')
    put(hub, limited, 's1', 'private-x')
    const named = (name: string) => JSON.stringify({ event: name, channel: 'private-x' })
    expect(hub.message('s1', named('client-123456'), 1)).toMatchObject([{ type: 'broadcast' }])
    expect(hub.message('s1', named('client-1234567'), 1)).toEqual([
      error(4301, 'Client event rejected: its name is longer than 13 characters.'),
    ])
  })
})
