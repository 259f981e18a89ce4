/** What is refused is an effect, with a name that logs and counters know, and with nothing secret. */
import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { maxStateBytes, subscriptionBytes } from '../../src/core/connection-state.ts'
import type { Effect, Refused } from '../../src/core/effect.ts'
import { Hub } from '../../src/core/hub.ts'
import { maxAllowanceBytes } from '../../src/core/resubscriptions.ts'
import type { Refusal } from '../../src/protocol/refusal.ts'
import { testApp } from '../support/apps.ts'
import { put, signedSubscribing, signingIn, subscribing } from '../support/core.ts'

const app = testApp({
  allowedOrigins: ['good.example'],
  allowMissingOrigin: true,
  checksProtocol: true,
  maxConnections: 3,
  maxMessageBytes: 1000,
  rateLimit: { maxAttempts: 20, decaySeconds: 1, terminate: false },
  clientEventsFrom: 'members',
  limits: {
    channelNameLength: 50,
    channelsPerSocket: 3,
    presenceMembers: 1,
    eventNameLength: 20,
    clientEventsPerSecond: 1,
    watchlistUsers: 1,
  },
})
const disabled = testApp({ id: '1002', key: 'other-key', enabled: false })
const silent = testApp({ id: '1003', key: 'silent-key', clientEventsFrom: 'none' })

function newHub(maxSockets?: number): Hub {
  const hub = new Hub(appsOf([app, disabled, silent]), maxSockets)
  hub.open('s1', app.key, null, 0, '7')
  return hub
}

const refusedOf = (effects: readonly Effect[]): Refused[] => effects.filter(effect => effect.type === 'refused')
const whisper = (channel: string, event = 'client-x') => JSON.stringify({ event, channel, data: 'HUSH' })

type Case = readonly [Refusal, appId: string | undefined, about: string, act: (hub: Hub) => Effect[]]

const cases: readonly Case[] = [
  ['unknown-key', undefined, 'no-such-key', hub => hub.open('s2', 'no-such-key', null, 1, '7')],
  [
    'apps-unreachable',
    undefined,
    'no-such-key',
    hub => {
      hub.markAppsUnavailable()
      return hub.open('s2', 'no-such-key', null, 1, '7')
    },
  ],
  ['app-disabled', '1002', '', hub => hub.open('s2', disabled.key, null, 1, '7')],
  ['protocol-version', '1001', '', hub => hub.open('s2', app.key, null, 1)],
  ['protocol-version', '1001', '3', hub => hub.open('s2', app.key, null, 1, '3')],
  ['origin-not-allowed', '1001', 'https://evil.example', hub => hub.open('s2', app.key, 'https://evil.example', 1, '7')],
  [
    'max-connections',
    '1001',
    '',
    hub => {
      for (const socketId of ['s2', 's3']) hub.open(socketId, app.key, null, 1, '7')
      return hub.open('s4', app.key, null, 1, '7')
    },
  ],
  ['message-too-large', '1001', '', hub => hub.message('s1', 'x'.repeat(1001), 1)],
  [
    'message-rate',
    '1001',
    '',
    hub => {
      for (let i = 0; i < 20; i++) hub.message('s1', '{"event":"pusher:ping"}', 1)
      return hub.message('s1', '{"event":"pusher:ping"}', 1)
    },
  ],
  ['message-invalid', '1001', '', hub => hub.message('s1', 'HUSH', 1)],
  [
    'subscription-signature',
    '1001',
    'private-x',
    hub => hub.message('s1', subscribing({ channel: 'private-x', auth: 'app-key:HUSH' }), 1),
  ],
  ['subscription-name', '1001', 'x'.repeat(51), hub => hub.message('s1', subscribing({ channel: 'x'.repeat(51) }), 1)],
  ['subscription-data', '1001', 'presence-x', hub => hub.message('s1', signedSubscribing(app, 's1', 'presence-x', 'HUSH'), 1)],
  ['subscription-data', '1001', 'presence-x', hub => hub.message('s1', signedSubscribing(app, 's1', 'presence-x', '{}'), 1)],
  [
    'subscription-limit',
    '1001',
    'd',
    hub => {
      for (const channel of ['a', 'b', 'c']) put(hub, app, 's1', channel)
      return hub.message('s1', subscribing({ channel: 'd' }), 1)
    },
  ],
  [
    'subscription-repeat',
    '1001',
    'presence-x',
    hub => {
      const text = signedSubscribing(app, 's1', 'presence-x', '{"user_id":1,"user_info":"HUSH"}')
      hub.message('s1', text, 1)
      hub.message('s1', text, 1)
      hub.state.resubscriptions.charge('s1', maxAllowanceBytes)
      return hub.message('s1', text, 1)
    },
  ],
  [
    'connection-state',
    '1001',
    'd',
    hub => {
      hub.state.sockets.get('s1')!.stateBytes = maxStateBytes - subscriptionBytes('d') + 1
      return hub.message('s1', subscribing({ channel: 'd' }), 1)
    },
  ],
  [
    'connection-state',
    '1001',
    '',
    hub => {
      hub.state.sockets.get('s1')!.stateBytes = maxStateBytes - 3
      return hub.message('s1', signingIn(app, 's1', '{"id":"HUSH"}'), 1)
    },
  ],
  ['signin-signature', '1001', '', hub => hub.message('s1', signingIn(app, 's2', '{"id":"HUSH"}'), 1)],
  ['signin-data', '1001', '', hub => hub.message('s1', signingIn(app, 's1', '{"name":"HUSH"}'), 1)],
  [
    'signin-other-user',
    '1001',
    '',
    hub => {
      hub.message('s1', signingIn(app, 's1', '{"id":"ann"}'), 1)
      return hub.message('s1', signingIn(app, 's1', '{"id":"HUSH"}'), 1)
    },
  ],
  ['watchlist-too-long', '1001', '', hub => hub.message('s1', signingIn(app, 's1', '{"id":"HUSH","watchlist":["a","b"]}'), 1)],
  [
    'client-events-off',
    '1003',
    'private-x',
    hub => {
      hub.open('s2', silent.key, null, 1)
      return hub.message('s2', whisper('private-x'), 1)
    },
  ],
  ['client-event-not-subscribed', '1001', 'private-x', hub => hub.message('s1', whisper('private-x'), 1)],
  [
    'client-event-user-channel',
    '1001',
    '#server-to-user-ann',
    hub => {
      hub.message('s1', signingIn(app, 's1', '{"id":"ann"}'), 1)
      put(hub, app, 's1', '#server-to-user-ann')
      return hub.message('s1', whisper('#server-to-user-ann'), 1)
    },
  ],
  [
    'client-event-name',
    '1001',
    'private-x',
    hub => {
      put(hub, app, 's1', 'private-x')
      return hub.message('s1', whisper('private-x', `client-${'x'.repeat(14)}`), 1)
    },
  ],
  [
    'client-event-rate',
    '1001',
    'private-x',
    hub => {
      put(hub, app, 's1', 'private-x')
      hub.message('s1', whisper('private-x'), 1)
      return hub.message('s1', whisper('private-x'), 1)
    },
  ],
]

describe('a refusal', () => {
  test.each(cases)('%s of app %s is reported once, about %j', (refusal, appId, about, act) => {
    const effects = act(newHub())
    expect(refusedOf(effects)).toEqual([{ type: 'refused', refusal, appId, about }])
    expect(JSON.stringify(refusedOf(effects))).not.toContain('HUSH')
  })

  test('of kind over-capacity concerns the whole server', () => {
    const refused = refusedOf(newHub(1).open('s2', app.key, null, 1, '7'))
    expect(refused).toEqual([{ type: 'refused', refusal: 'over-capacity', appId: '1001', about: '' }])
  })
})

test('an accepted message is no refusal', () => {
  const hub = newHub()
  const accepted = [
    ...hub.open('s2', app.key, 'https://good.example', 1, '7'),
    ...hub.message('s1', signedSubscribing(app, 's1', 'private-x'), 1),
    ...hub.message('s1', whisper('private-x'), 1),
    ...hub.message('s1', signingIn(app, 's1', '{"id":"ann","watchlist":["a"]}'), 1),
    ...hub.message('s1', '{"event":"x","channel":"y"}', 1),
    ...hub.closed('s1', 2),
  ]
  expect(refusedOf(accepted)).toEqual([])
})
