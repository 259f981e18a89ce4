import { describe, expect, test } from 'bun:test'
import { appFaults, appWarnings, decode, decodeApp } from '../support/documents.ts'

describe('accept_client_events_from', () => {
  test.each([
    ['all', 'all'],
    ['members', 'members'],
    ['none', 'none'],
    ['', 'none'],
    ['NONE', 'none'],
    ['off', 'none'],
    ['0', 'none'],
    [0, 'none'],
    [false, 'none'],
    [null, 'all'],
    [undefined, 'all'],
  ] as const)('%p accepts client events from %p', (value, from) => {
    expect(decodeApp({ accept_client_events_from: value }).clientEventsFrom).toBe(from)
    expect(appWarnings({ accept_client_events_from: value })).toEqual([])
  })

  test.each([
    ['ALL', '"ALL"'],
    ['Members', '"Members"'],
    [' members', 'a text of 8 characters with white space around it'],
    ['member', '"member"'],
    [true, 'true'],
  ])('%p is refused', (value, description) => {
    expect(appFaults({ accept_client_events_from: value })).toEqual([
      `apps.apps.0.accept_client_events_from (REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM) must be "all", "members" or "none", is ${description}`,
    ])
  })
})

describe('rate_limiting', () => {
  test.each([
    [{}],
    [[]],
    [false],
    [null],
    [{ enabled: false, max_attempts: 3 }],
    [{ enabled: '0' }],
    [{ enabled: 'off', max_attempts: 0, decay_seconds: 'x', terminate_on_limit: 2 }],
  ])('%j is no limit', rate_limiting => {
    expect(decodeApp({ rate_limiting }).rateLimit).toBeNull()
    expect(decodeApp({ request_rate_limiting: rate_limiting }).requestRate).toBeNull()
    expect(appWarnings({ rate_limiting })).toEqual([])
  })

  test("that is enabled has Reverb's defaults", () => {
    const limit = { maxAttempts: 60, decaySeconds: 1, terminate: false }
    expect(decodeApp({ rate_limiting: { enabled: true } }).rateLimit).toEqual(limit)
    expect(appWarnings({ rate_limiting: { enabled: 'true' } })).toEqual([])
  })

  test.each([
    ['on', '"on"'],
    ['1', '"1"'],
    [1, '1'],
  ])('that is enabled by %p is on, with a warning: with Reverb it is off', (enabled, description) => {
    expect(decodeApp({ rate_limiting: { enabled } }).rateLimit).not.toBeNull()
    expect(appWarnings({ rate_limiting: { enabled } })).toEqual([
      `apps.apps.0.rate_limiting.enabled (REVERB_APP_RATE_LIMITING_ENABLED) is ${description} and turns the rate limit on, which Reverb does for true alone`,
    ])
  })

  test('with a window of 0 seconds is no limit, as in Reverb', () => {
    expect(decodeApp({ rate_limiting: { enabled: true, decay_seconds: 0 } }).rateLimit).toBeNull()
    expect(appWarnings({ rate_limiting: { enabled: true, decay_seconds: '0' } })).toEqual([
      'apps.apps.0.rate_limiting.decay_seconds (REVERB_APP_RATE_LIMIT_DECAY_SECONDS) is 0, so that nothing is limited',
    ])
  })
})

describe('a setting of 0 means the same as with Reverb', () => {
  test.each([0, '0', false])('%p bytes are the largest limit, 16 MiB', size => {
    expect(decodeApp({ max_message_size: size }).maxMessageBytes).toBe(16_777_216)
    expect(decode({ server: { max_request_size: size } }).maxRequestBytes).toBe(16_777_216)
    expect(appWarnings({ max_message_size: size })).toEqual([])
  })

  test('a size of more than 16 MiB is used unchanged', () => {
    expect(decodeApp({ max_message_size: 33_554_432 }).maxMessageBytes).toBe(33_554_432)
  })

  test.each([0, '0', false])('a ping_interval of %p is one minute', ping_interval => {
    expect(decodeApp({ ping_interval }).pingIntervalSeconds).toBe(60)
    expect(appWarnings({ ping_interval })).toEqual([])
  })

  test.each([0, '0', false])('an activity_timeout of %p is sent to clients, with a warning', activity_timeout => {
    expect(decodeApp({ activity_timeout }).activityTimeoutSeconds).toBe(0)
    expect(appWarnings({ activity_timeout })).toEqual([
      'apps.apps.0.activity_timeout (REVERB_APP_ACTIVITY_TIMEOUT) is 0, with which pusher-js and Echo do not connect',
    ])
  })

  test.each([0, '0'])('a max_connections of %p refuses every connection, with a warning', max_connections => {
    expect(decodeApp({ max_connections }).maxConnections).toBe(0)
    expect(appWarnings({ max_connections })).toEqual([
      'apps.apps.0.max_connections (REVERB_APP_MAX_CONNECTIONS) is 0, so that no client can connect; leave it empty for no limit',
    ])
  })

  test.each(['', null, false])('a max_connections of %p is no limit', max_connections => {
    expect(decodeApp({ max_connections }).maxConnections).toBe(Number.POSITIVE_INFINITY)
    expect(appWarnings({ max_connections })).toEqual([])
  })
})

describe('an app_id or key, which is part of paths', () => {
  const fault = 'must hold no "/", "?", "#", "%" or control character: it is part of paths, and clients do not encode it'

  test.each(['a/b', 'a?b', 'a#b', 'a%b', 'a\n', 'a\u0000', '.', '..'])('%j is refused', text => {
    expect(appFaults({ key: text })).toEqual([`apps.apps.0.key (REVERB_APP_KEY) ${fault}`])
    expect(appFaults({ app_id: text })).toEqual([`apps.apps.0.app_id (REVERB_APP_ID) ${fault}`])
  })

  test.each(['a b', 'a.b', 'a..b', 'ä', 'a+b', 'a:b', 'a@b', 'a&b=c', '~', 'a;b', "a'b", '1'])('%j is valid', text => {
    expect(decodeApp({ key: text, app_id: text })).toMatchObject({ key: text, id: text })
  })
})

test('allowed_origins has neither empty origins nor white space around them', () => {
  expect(decodeApp({ allowed_origins: ['a.example', null, '', false, ' b.example'] }).allowedOrigins).toEqual([
    'a.example',
    'b.example',
  ])
})
