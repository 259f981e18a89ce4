import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { continueCleanup } from '../../src/core/deferred.ts'
import type { Effect } from '../../src/core/effect.ts'
import { Hub } from '../../src/core/hub.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put, signedSubscribing, signingIn, subscribing, unsubscribing, visible } from '../support/core.ts'

const send = (socketId: string, frame: string): Effect => ({ type: 'send', socketId, frame })

describe('the limit', () => {
  const limited = testApp({
    limits: { channelsPerSocket: 2, presenceMembers: 2, presenceUserInfoBytes: 12, channelNameLength: 12 },
  })
  const refused = (socketId: string, channel: string, message: string, status = 403, code = 4301): Effect[] => [
    send(socketId, `{"event":"pusher:error","data":${JSON.stringify(JSON.stringify({ code, message }))}}`),
    send(
      socketId,
      JSON.stringify({
        event: 'pusher:subscription_error',
        data: { type: status === 403 ? 'LimitReached' : 'InvalidSubscription', error: message, status },
        channel,
      }),
    ),
  ]

  test('of channels of a socket does not count one to which it is subscribed already', () => {
    const hub = hubWith(limited, 's1')
    put(hub, limited, 's1', 'a')
    put(hub, limited, 's1', 'b')
    expect(hub.message('s1', subscribing({ channel: 'c' }), 1)).toEqual(
      refused('s1', 'c', 'A connection can be on 2 channels at most.'),
    )
    expect(hub.message('s1', subscribing({ channel: 'b' }), 1)).toHaveLength(2)
    hub.message('s1', unsubscribing('a'), 1)
    expect(visible(hub.message('s1', subscribing({ channel: 'c' }), 1))).toHaveLength(2)
    hub.message('s1', signingIn(limited, 's1', '{"id":"ann"}'), 1)
    expect(visible(hub.message('s1', subscribing({ channel: '#server-to-user-ann' }), 1))).toHaveLength(2)
    hub.message('s1', unsubscribing('b'), 1)
    expect(visible(hub.message('s1', subscribing({ channel: 'd' }), 1))).toHaveLength(2)
    expect(hub.message('s1', subscribing({ channel: 'e' }), 1)).toEqual(
      refused('s1', 'e', 'A connection can be on 2 channels at most.'),
    )
  })

  test('of members of a presence channel counts users, and not sockets', () => {
    const hub = hubWith(limited, 's1', 's2', 's3', 's4')
    put(hub, limited, 's1', 'presence-x', '{"user_id":1}')
    put(hub, limited, 's2', 'presence-x', '{"user_id":2}')
    const asking = (socketId: string, id: number) =>
      hub.message(socketId, signedSubscribing(limited, socketId, 'presence-x', `{"user_id":${id}}`), 1)
    expect(asking('s3', 3)).toEqual(refused('s3', 'presence-x', 'The channel is full: it can have 2 members at most.'))
    expect(hub.state.sockets.get('s3')!.subscriptions.size).toBe(0)
    expect(visible(asking('s3', 2))).toHaveLength(2)
    hub.closed('s1', 1)
    expect(visible(asking('s4', 3))).toHaveLength(3)
  })

  test('of members of a presence channel allows a member to become another one', () => {
    const hub = hubWith(limited, 's1', 's2', 's3')
    put(hub, limited, 's1', 'presence-x', '{"user_id":1}')
    put(hub, limited, 's2', 'presence-x', '{"user_id":2}')
    const asking = (socketId: string, id: number) =>
      hub.message(socketId, signedSubscribing(limited, socketId, 'presence-x', `{"user_id":${id}}`), 1)
    expect(JSON.stringify(asking('s1', 3))).toContain('subscription_succeeded')
    put(hub, limited, 's3', 'presence-x', '{"user_id":2}')
    expect(JSON.stringify(asking('s3', 4))).toContain('The channel is full')
  })

  test('of bytes of user_info refuses a member with more', () => {
    const hub = hubWith(limited, 's1')
    const asking = (info: string) =>
      hub.message('s1', signedSubscribing(limited, 's1', 'presence-x', `{"user_id":1,"user_info":${info}}`), 1)
    expect(asking('{"a":"12345"}')).toEqual(refused('s1', 'presence-x', 'The user_info of a member can have 12 bytes at most.'))
    expect(asking('"äääääé"')).toHaveLength(2)
    expect(hub.state.channels.get('1001')).toBeUndefined()
    expect(visible(asking('{"a":"1234"}'))).toHaveLength(3)
  })

  test('of characters of a name refuses a longer one', () => {
    const hub = hubWith(limited, 's1')
    expect(hub.message('s1', subscribing({ channel: 'a'.repeat(13) }), 1)).toEqual(
      refused('s1', 'a'.repeat(13), 'The channel name is longer than 12 characters.', 400, 4200),
    )
  })

  test('is not disclosed to a client without a valid signature', () => {
    const hub = hubWith(limited, 's1')
    put(hub, limited, 's1', 'a')
    put(hub, limited, 's1', 'b')
    const effects = hub.message('s1', subscribing({ channel: 'private-x', auth: 'app-key:wrong' }), 1)
    expect(JSON.stringify(effects)).toContain('Connection is unauthorized')
  })
})

describe('a full presence channel with sockets that have disconnected and are still to be unsubscribed', () => {
  const limited = testApp({ limits: { presenceMembers: 2 } })
  /** Users 1 and 2 are on the channel, each with one socket; that of user 1 has ended, and is still on the channel. */
  function full() {
    const hub = new Hub(appsOf([limited]), Number.POSITIVE_INFINITY, 1)
    for (const id of ['busy', 's1', 's2', 's3', 's4']) hub.open(id, 'app-key', null, 0)
    for (const user of [1, 2]) put(hub, limited, `s${user}`, 'presence-x', `{"user_id":${user}}`)
    put(hub, limited, 'busy', 'news')
    hub.closed('busy', 0)
    hub.closed('s1', 0)
    expect(hub.queries.userIds('1001', 'presence-x')).toEqual(['1', '2'])
    const join = (socketId: string, user: number) => {
      const effects = hub.message(socketId, signedSubscribing(limited, socketId, 'presence-x', `{"user_id":${user}}`), 0)
      return JSON.stringify(effects).includes('subscription_succeeded')
    }
    return { hub, join }
  }

  test('has a place for another user, and for one alone', () => {
    const { hub, join } = full()
    expect(join('s3', 3)).toBe(true)
    expect(join('s4', 4)).toBe(false)
    expect(join('s4', 3)).toBe(true)
    while (!continueCleanup(hub.state, 0).isDone);
    expect(hub.queries.userIds('1001', 'presence-x')).toEqual(['2', '3'])
  })

  test('has a place for the same user, unless another one has taken it', () => {
    expect(full().join('s3', 1)).toBe(true)
    const { join } = full()
    expect(join('s3', 3)).toBe(true)
    expect(join('s4', 1)).toBe(false)
  })

  test('lets a member become another one, and subscribe again', () => {
    const { join } = full()
    expect(join('s3', 3)).toBe(true)
    expect(join('s3', 4)).toBe(true)
    expect(join('s3', 4)).toBe(true)
  })

  test('counts users who are on other nodes', () => {
    const { hub, join } = full()
    hub.replica.apply(
      'n2',
      [
        {
          kind: 'member',
          appId: '1001',
          channel: 'presence-x',
          key: '5',
          member: { key: '5', idJson: '5', infoJson: undefined },
        },
      ],
      0,
    )
    expect(join('s3', 3)).toBe(false)
    expect(join('s3', 5)).toBe(true)
  })
})
