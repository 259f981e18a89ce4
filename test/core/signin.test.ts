import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { runDeferred } from '../../src/core/deferred.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { Hub } from '../../src/core/hub.ts'
import { testApp } from '../support/apps.ts'
import { AnsweringHub, hubWith, put, signedSubscribing, signingIn, subscribing, visible } from '../support/core.ts'
import { channelAuth, userAuth } from '../support/sign.ts'

const app = testApp()
const send = (socketId: string, frame: string): Effect => ({ type: 'send', socketId, frame })
const twice = (data: object) => JSON.stringify(JSON.stringify(data))
const success = (socketId: string, userData: string) =>
  send(socketId, `{"event":"pusher:signin_success","data":${twice({ user_data: userData })}}`)
const error = (socketId: string, code: number, message: string) =>
  send(socketId, `{"event":"pusher:error","data":${twice({ code, message })}}`)
const watch = (socketId: string, ...events: [name: string, ...ids: string[]][]) =>
  send(
    socketId,
    `{"event":"pusher_internal:watchlist_events","data":${twice({ events: events.map(([name, ...user_ids]) => ({ name, user_ids })) })}}`,
  )
const unauthorized = (socketId: string) => error(socketId, 4009, 'Connection is unauthorized')
const user = (id: string, watchlist?: string[]) => JSON.stringify({ id, watchlist })
const come = (hub: ReturnType<typeof hubWith>, socketId: string, userData: string) =>
  hub.message(socketId, signingIn(app, socketId, userData), 1)

describe('a sign-in', () => {
  test('is answered with the user_data that was signed', () => {
    const hub = hubWith(app, 's1')
    const userData = '{"id":"ann", "name":"Änn"}'
    expect(come(hub, 's1', userData)).toEqual([success('s1', userData)])
    expect(hub.state.sockets.get('s1')!.user).toEqual({ id: 'ann', watchlist: [], infoJson: undefined })
  })

  test.each([
    ['of another socket', userAuth(app, 's2', user('ann'))],
    ['of another user', userAuth(app, 's1', user('bob'))],
    ['with another secret', userAuth({ ...app, secret: 'guessed' }, 's1', user('ann'))],
    ["with another app's key", userAuth({ ...app, key: 'other' }, 's1', user('ann'))],
    ['without a key', userAuth(app, 's1', user('ann')).split(':')[1]!],
    ['that is empty', ''],
  ])('with a signature %s is refused', (_, auth) => {
    const hub = hubWith(app, 's1')
    const text = JSON.stringify({ event: 'pusher:signin', data: { auth, user_data: user('ann') } })
    expect(hub.message('s1', text, 1)).toEqual([unauthorized('s1')])
    expect(hub.state.sockets.get('s1')!.user).toBeUndefined()
    expect(hub.state.users.get('1001')?.isOnline('ann') ?? false).toBe(false)
  })

  test('with user_data that names no user is refused', () => {
    const hub = hubWith(app, 's1')
    expect(come(hub, 's1', '{"id":null}')).toEqual([
      error('s1', 4200, 'Invalid sign-in: user_data needs an id that is text or a number, and not empty.'),
    ])
  })

  test('with a number as id is one with its text, also beyond 2^53', () => {
    const hub = hubWith(app, 's1', 's2', 's3')
    const id = '9007199254740993'
    expect(come(hub, 's1', `{"id":${id},"name":"Änn"}`)).toEqual([success('s1', `{"id":"${id}","name":"Änn"}`)])
    expect(come(hub, 's2', `{"id":"bob","watchlist":[${id},9007199254740992]}`)[1]).toEqual(
      watch('s2', ['online', id], ['offline', '9007199254740992']),
    )
    expect(come(hub, 's1', `{"id":"${id}"}`)).toEqual([success('s1', `{"id":"${id}"}`)])
    const asking = subscribing({ channel: `#server-to-user-${id}`, auth: '' })
    expect(visible(hub.message('s1', asking, 1))[0]).toEqual({
      type: 'subscribe',
      socketId: 's1',
      topic: `1001/#server-to-user-${id}`,
    })
    hub.message('s1', signedSubscribing(app, 's1', 'presence-x'), 1)
    put(hub, app, 's3', 'presence-x', `{"user_id":${id}}`)
    expect(hub.state.channels.get('1001')!.get('presence-x')!.members.count).toBe(1)
    const closed = hub.terminate(app, id, 1).flatMap(effect => (effect.type === 'close' ? [effect.socketId] : []))
    expect(closed.sort()).toEqual(['s1', 's3'])
  })

  test('is answered again as the same user, and refused as another', () => {
    const hub = hubWith(app, 's1')
    come(hub, 's1', user('ann'))
    expect(come(hub, 's1', user('ann'))).toEqual([success('s1', user('ann'))])
    expect(come(hub, 's1', user('bob'))).toEqual([error('s1', 4009, 'The connection is already signed in as another user.')])
    expect(hub.state.sockets.get('s1')!.user!.id).toBe('ann')
    expect(hub.state.users.get('1001')!.socketsOf('ann')).toEqual(['s1'])
  })
})

describe("a user's own channel", () => {
  const name = '#server-to-user-ann'
  const asking = subscribing({ channel: name, auth: '' })

  test('can be subscribed to by a socket that is signed in as that user', () => {
    const hub = hubWith(app, 's1', 's2')
    come(hub, 's1', user('ann'))
    expect(visible(hub.message('s1', asking, 1))).toEqual([
      { type: 'subscribe', socketId: 's1', topic: `1001/${name}` },
      send('s1', `{"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"${name}"}`),
    ])
  })

  test.each(['nobody', 'bob', 'ann2'])('cannot be subscribed to as %s, whatever is signed', id => {
    const hub = hubWith(app, 's1')
    if (id !== 'nobody') come(hub, 's1', user(id))
    for (const auth of ['', channelAuth(app, 's1', name)]) {
      const effects = hub.message('s1', subscribing({ channel: name, auth }), 1)
      expect(effects.map(({ type }) => type)).toEqual(['send', 'send'])
      expect(effects[0]).toEqual(unauthorized('s1'))
    }
    expect(hub.state.channels.get('1001')?.size ?? 0).toBe(0)
  })

  test('accepts no client events, also where all may send them', () => {
    const hub = hubWith(app, 's1')
    come(hub, 's1', user('ann'))
    hub.message('s1', asking, 1)
    expect(hub.message('s1', JSON.stringify({ event: 'client-x', channel: name }), 1)).toEqual([
      error('s1', 4301, "Client event rejected: only the application publishes to a user's own channel."),
    ])
  })
})

describe('a presence channel', () => {
  const asking = (socketId: string, channelData?: string) => signedSubscribing(app, socketId, 'presence-x', channelData)

  test('accepts a signed-in user as that member, where the application signs no channel_data', () => {
    const hub = hubWith(app, 's1')
    come(hub, 's1', '{"id":"ann","user_info":{"n":1.0}}')
    hub.message('s1', asking('s1'), 1)
    const { members } = hub.state.channels.get('1001')!.get('presence-x')!
    expect(members.memberOf('s1')).toEqual({ key: 'ann', idJson: '"ann"', infoJson: '{"n":1.0}' })
    hub.message('s1', asking('s1', '{"user_id":7}'), 1)
    expect(members.memberOf('s1')).toMatchObject({ key: '7' })
  })

  test('refuses other sockets without channel_data, and all without a signature', () => {
    const hub = hubWith(app, 's1', 's2')
    expect(JSON.stringify(hub.message('s1', asking('s1'), 1))).toContain('needs a user_id')
    come(hub, 's2', user('ann'))
    const forged = subscribing({ channel: 'presence-x', auth: 'app-key:wrong' })
    expect(hub.message('s2', forged, 1)[0]).toEqual(unauthorized('s2'))
    expect(hub.state.channels.get('1001')?.size ?? 0).toBe(0)
  })
})

describe('a watchlist', () => {
  test('is answered with the users who are online and those who are offline', () => {
    const hub = hubWith(app, 's1', 's2')
    come(hub, 's1', user('ann'))
    expect(come(hub, 's2', user('bob', ['ann', 'eve', 'cat']))).toEqual([
      success('s2', user('bob', ['ann', 'eve', 'cat'])),
      watch('s2', ['online', 'ann'], ['offline', 'eve', 'cat']),
    ])
  })

  test('is answered without an event that has no users', () => {
    const hub = hubWith(app, 's1', 's2', 's3')
    come(hub, 's1', user('ann'))
    expect(come(hub, 's2', user('bob', ['ann']))[1]).toEqual(watch('s2', ['online', 'ann']))
    expect(come(hub, 's3', user('cat', ['eve']))[1]).toEqual(watch('s3', ['offline', 'eve']))
  })

  test('is sent a user once, however many sockets the user has', () => {
    const hub = hubWith(app, 's1', 's2', 's3', 's4')
    come(hub, 's3', user('bob', ['ann']))
    come(hub, 's4', user('cat', ['ann']))
    expect(come(hub, 's1', user('ann')).slice(1)).toEqual([watch('s3', ['online', 'ann']), watch('s4', ['online', 'ann'])])
    expect(come(hub, 's2', user('ann')).slice(1)).toEqual([])
    expect(come(hub, 's1', user('ann')).slice(1)).toEqual([])
    expect(hub.closed('s1', 1)).toEqual([])
    expect(hub.closed('s2', 1)).toEqual([watch('s3', ['offline', 'ann']), watch('s4', ['offline', 'ann'])])
  })

  test('with its own user on it shows that user online', () => {
    const hub = hubWith(app, 's1', 's2')
    expect(come(hub, 's1', user('ann', ['ann'])).slice(1)).toEqual([watch('s1', ['online', 'ann'])])
    expect(come(hub, 's2', user('ann', ['ann'])).slice(1)).toEqual([watch('s2', ['online', 'ann'])])
    hub.closed('s1', 1)
    expect(hub.closed('s2', 1)).toEqual([])
  })

  test('is replaced by the next sign-in', () => {
    const hub = hubWith(app, 's1', 's2')
    come(hub, 's1', user('bob', ['ann']))
    come(hub, 's1', user('bob', ['eve']))
    expect(come(hub, 's2', user('ann')).slice(1)).toEqual([])
    expect(hub.closed('s2', 1)).toEqual([])
  })

  test('beyond the limit is ignored, and the rest of the sign-in is valid', () => {
    const few = testApp({ limits: { watchlistUsers: 2 } })
    const hub = hubWith(few, 's1', 's2')
    const tooMany = user('bob', ['ann', 'eve', 'cat'])
    expect(hub.message('s1', signingIn(few, 's1', tooMany), 1)).toEqual([
      success('s1', tooMany),
      error('s1', 4302, 'The watchlist is over its limit of 2 users: no online status is sent.'),
    ])
    expect(come(hub, 's2', user('ann')).slice(1)).toEqual([])
    expect(hub.state.sockets.get('s1')!.user).toEqual({ id: 'bob', watchlist: [], infoJson: undefined })
    expect(hub.message('s1', signingIn(few, 's1', user('bob', ['ann', 'eve', 'ann'])), 1)).toHaveLength(2)
  })

  test('contains users of its own app alone', () => {
    const other = testApp({ id: '1002', key: 'other-key', secret: 'other-secret' })
    const hub = new AnsweringHub(appsOf([app, other]))
    hub.open('s1', app.key, null, 0)
    hub.open('s2', other.key, null, 0)
    come(hub, 's1', user('bob', ['ann']))
    expect(hub.message('s2', signingIn(other, 's2', user('ann')), 1)).toEqual([success('s2', user('ann'))])
    expect(hub.closed('s2', 1)).toEqual([])
  })
})

describe('terminating the connections of a user', () => {
  test('closes every socket that is signed in or a presence member as that user', () => {
    const hub = hubWith(app, 's1', 's2', 's3', 's4')
    come(hub, 's1', user('ann'))
    come(hub, 's2', user('ann'))
    put(hub, app, 's2', 'presence-x', '{"user_id":"ann"}')
    put(hub, app, 's3', 'presence-x', '{"user_id":"ann"}')
    come(hub, 's4', user('bob'))
    const closed = hub.terminate(app, 'ann', 1).filter(({ type }) => type === 'close')
    expect(closed).toEqual(
      ['s1', 's2', 's3'].map(socketId => ({
        type: 'close',
        socketId,
        close: { code: 4009, reason: 'Connection terminated by the application' },
      })),
    )
    expect([...hub.state.sockets.keys()]).toEqual(['s4'])
    expect(hub.state.users.get('1001')!.isOnline('ann')).toBe(false)
  })
})

describe('a user who signs in with one connection after another', () => {
  const online = (effects: readonly Effect[]) =>
    effects.flatMap(effect => {
      if (effect.type !== 'send' || !effect.frame.includes('watchlist_events')) return []
      const { events } = JSON.parse(JSON.parse(effect.frame).data) as { events: { name: string; user_ids: string[] }[] }
      return events.map(({ name, user_ids }) => `${effect.socketId} ${name} ${user_ids}`)
    })
  const signIn = (hub: Hub, socketId: string, id: string, watchlist: string[], nowMs: number) => {
    if (!hub.state.sockets.has(socketId)) hub.open(socketId, app.key, null, nowMs)
    return online(hub.message(socketId, signingIn(app, socketId, JSON.stringify({ id, watchlist })), nowMs))
  }

  test('is announced to its watchers by the same rule', () => {
    const hub = hubWith(app)
    signIn(hub, 's1', 'bob', ['ann'], 0)
    expect(signIn(hub, 's2', 'ann', [], 0)).toEqual(['s1 online ann'])
    expect(online(hub.closed('s2', 100))).toEqual(['s1 offline ann'])
    expect(signIn(hub, 's2', 'ann', [], 200)).toEqual(['s1 online ann'])
    for (let i = 0; i < 10; i++) {
      expect(online(hub.closed('s2', 300))).toEqual([])
      expect(signIn(hub, 's2', 'ann', ['ann'], 300)).toEqual(['s2 online ann'])
    }
    expect(online(hub.closed('s2', 400))).toEqual([])
    expect(signIn(hub, 's3', 'cat', ['ann'], 500)).toEqual(['s3 online ann'])
    expect(runDeferred(hub.state, 1099)).toEqual([])
    expect(online(runDeferred(hub.state, 1100))).toEqual(['s1 offline ann', 's3 offline ann'])
    expect(signIn(hub, 's4', 'dan', ['ann'], 1200)).toEqual(['s4 offline ann'])
    expect(runDeferred(hub.state, 2100)).toEqual([])
    expect(hub.state.unsettledUsers.size).toBe(0)
  })

  test('is not announced again where it is online in the end', () => {
    const hub = hubWith(app)
    signIn(hub, 's1', 'bob', ['ann'], 0)
    for (let i = 0; i < 3; i++) {
      signIn(hub, 's2', 'ann', [], 0)
      hub.closed('s2', 0)
    }
    signIn(hub, 's2', 'ann', [], 0)
    expect(runDeferred(hub.state, 1000)).toEqual([])
  })

  test('is announced by the same rule where it is on another node', () => {
    const hub = hubWith(app)
    signIn(hub, 's1', 'bob', ['ann'], 0)
    const say = (isHere: boolean) => online(hub.replica.apply('n1', [{ kind: 'user', appId: '1001', userId: 'ann', isHere }], 0))
    expect([say(true), say(false), say(true), say(false), say(true), say(false)].flat()).toEqual([
      's1 online ann',
      's1 offline ann',
      's1 online ann',
    ])
    expect(online(runDeferred(hub.state, 1000))).toEqual(['s1 offline ann'])
  })
})
