import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { ConfigError, decodeDocument } from '../../src/config/bridge.ts'
import { testLimits } from '../support/apps.ts'

const app = { app_id: '1001', key: 'app-key', secret: 'app-secret' }
const minimal = { version: 1, apps: [app] }

const decode = (changes: object) => decodeDocument(JSON.stringify({ ...minimal, ...changes })).config
const decodeApp = (changes: object) => decode({ apps: [{ ...app, ...changes }] }).apps[0]!
const warnings = (changes: object) =>
  decodeDocument(JSON.stringify({ ...minimal, ...changes })).warnings.map(({ path, message }) => `${path} ${message}`)

/** The lines of what is said about a document. */
function faults(text: string): string[] {
  try {
    decodeDocument(text)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message.split('\n')
  }
  return []
}

const faultsOf = (changes: object) => faults(JSON.stringify({ ...minimal, ...changes }))
const appFaults = (changes: object) => faultsOf({ apps: [{ ...app, ...changes }] })

describe('the smallest document', () => {
  test('has every default', () => {
    expect(decodeDocument(JSON.stringify(minimal))).toEqual({
      warnings: [],
      config: {
        host: '0.0.0.0',
        port: 8080,
        path: '',
        maxRequestBytes: 10_000,
        drainSeconds: 10,
        timestampToleranceSeconds: 600,
        maxQueuedBytes: 1_048_576,
        idempotencySeconds: 120,
        tls: null,
        scaling: null,
        restart: null,
        debug: false,
        handOver: null,
        events: new Set(),
        apps: [
          {
            id: '1001',
            key: 'app-key',
            secret: 'app-secret',
            enabled: true,
            allowedOrigins: ['*'],
            allowMissingOrigin: false,
            pingIntervalSeconds: 60,
            activityTimeoutSeconds: 30,
            maxConnections: Number.POSITIVE_INFINITY,
            maxMessageBytes: 10_000,
            clientEventsFrom: 'all',
            rateLimit: null,
            requestRate: null,
            subscriptionCounts: false,
            cache: { ttlSeconds: 1800, maxChannels: 10_000, maxBytes: 16_777_216 },
            limits: testLimits,
          },
        ],
      },
    })
  })

  test('may say null everywhere, and stand between spaces', () => {
    const server = { host: null, port: null, path: null, tls: null, hostname: null }
    const nulls = {
      allowed_origins: null,
      max_connections: null,
      rate_limiting: null,
      limits: null,
      cache: [],
      options: null,
      ping_interval: null,
    }
    const document = { version: 1, debug: null, events: null, server, scaling: null, apps: [{ ...app, ...nulls }] }
    expect(decodeDocument(` ${JSON.stringify(document)}\n`)).toEqual(decodeDocument(JSON.stringify(minimal)))
    expect(decode({ server: [], scaling: [], events: [] })).toEqual(decode({}))
  })
})

test('a document that says everything', () => {
  const server = {
    host: '127.0.0.1',
    port: '6001',
    path: '/ws/',
    hostname: 'ws.example',
    max_request_size: '20000',
    drain_seconds: 0,
    timestamp_tolerance: 60,
    max_queued_bytes: 2048,
    idempotency_seconds: '7',
    tls: { local_cert: '/c.pem', local_pk: '/k.pem', passphrase: 'pass', cafile: '/ca.pem', verify_peer: 'true' },
  }
  const full = {
    app_id: 7,
    key: 8,
    secret: 9,
    allowed_origins: ['a.example', '*.b.example'],
    allow_missing_origin: true,
    ping_interval: 5,
    activity_timeout: '6',
    max_connections: 0,
    max_message_size: 77,
    accept_client_events_from: 'members',
    rate_limiting: { enabled: 'true', max_attempts: '3', decay_seconds: 4, terminate_on_limit: 1 },
    enabled: 'false',
    subscription_count: 1,
    cache: { ttl: '60', max_channels: 5, max_bytes: 0 },
    request_rate_limiting: { enabled: true, max_attempts: '50', decay_seconds: 2 },
    limits: {
      channels_per_event: '1',
      events_per_batch: 2,
      event_name_length: 3,
      event_data_bytes: 4,
      channel_name_length: 5,
      channels_per_socket: 6,
      presence_members: '0',
      presence_user_info_bytes: 8,
      client_events_per_second: 9,
      watchlist_users: 10,
    },
    options: { host: 'ws.example', anything: [1] },
  }
  const document = {
    version: 1,
    debug: 'true',
    hand_over: { address: '127.0.0.1:6001', peer: '/run/peer.sock' },
    events: ['message_sent', 'connection_pruned'],
    server,
    scaling: { enabled: false },
    restart: { key: 'app_laravel:reverb:restart', server: { host: 'redis.test', database: '1' } },
    apps: [full],
  }
  expect(decodeDocument(JSON.stringify(document)).config).toEqual({
    host: '127.0.0.1',
    port: 6001,
    path: '/ws',
    maxRequestBytes: 20_000,
    drainSeconds: 0,
    timestampToleranceSeconds: 60,
    maxQueuedBytes: 2048,
    idempotencySeconds: 7,
    scaling: null,
    restart: {
      key: 'app_laravel:reverb:restart',
      redis: {
        kind: 'single',
        hosts: [{ host: 'redis.test', port: 6379 }],
        masterName: 'mymaster',
        username: null,
        password: null,
        sentinelPassword: null,
        database: 1,
        tls: null,
        connectTimeoutMs: 60_000,
      },
    },
    tls: { certFile: '/c.pem', keyFile: '/k.pem', passphrase: 'pass', caFile: '/ca.pem', verifyClients: true },
    debug: true,
    handOver: { address: '127.0.0.1:6001', peerPath: '/run/peer.sock' },
    events: new Set(['message_sent', 'connection_pruned'] as const),
    apps: [
      {
        id: '7',
        key: '8',
        secret: '9',
        enabled: false,
        allowedOrigins: ['a.example', '*.b.example'],
        allowMissingOrigin: true,
        pingIntervalSeconds: 5,
        activityTimeoutSeconds: 6,
        maxConnections: 0,
        maxMessageBytes: 77,
        clientEventsFrom: 'members',
        rateLimit: { maxAttempts: 3, decaySeconds: 4, terminate: true },
        requestRate: { maxAttempts: 50, decaySeconds: 2 },
        subscriptionCounts: true,
        cache: { ttlSeconds: 60, maxChannels: 5, maxBytes: 0 },
        limits: {
          channelsPerEvent: 1,
          eventsPerBatch: 2,
          eventNameLength: 3,
          eventDataBytes: 4,
          channelNameLength: 5,
          channelsPerSocket: 6,
          presenceMembers: Number.POSITIVE_INFINITY,
          presenceUserInfoBytes: 8,
          clientEventsPerSecond: 9,
          watchlistUsers: 10,
        },
      },
    ],
  })
  expect(decodeDocument(JSON.stringify(document)).warnings).toEqual([])
})

describe('the path', () => {
  test.each([
    ['', ''],
    ['/', ''],
    ['//', ''],
    ['ws', '/ws'],
    ['/ws', '/ws'],
    ['ws/', '/ws'],
    ['//a/b//', '/a/b'],
  ])('%p is the prefix %p', (path, prefix) => expect(decode({ server: { path } }).path).toBe(prefix))
})

describe('client events', () => {
  test.each([
    ['all', 'all'],
    ['members', 'members'],
    ['none', 'nobody'],
    ['', 'nobody'],
    ['ALL', 'nobody'],
  ] as const)('from %p', (value, from) => {
    expect(decodeApp({ accept_client_events_from: value }).clientEventsFrom).toBe(from)
  })
})

describe('the rate limit', () => {
  test.each([[{}], [[]], [{ enabled: false, max_attempts: 3 }], [{ enabled: '0' }]])('%j is none', rate_limiting => {
    expect(decodeApp({ rate_limiting }).rateLimit).toBeNull()
  })

  test('has defaults', () => {
    expect(decodeApp({ rate_limiting: { enabled: true } }).rateLimit).toEqual({
      maxAttempts: 60,
      decaySeconds: 60,
      terminate: false,
    })
  })
})

describe('TLS', () => {
  test('is off when it is an empty list', () => expect(decode({ server: { tls: [] } }).tls).toBeNull())

  test('takes the key from the certificate file where it has none of its own', () => {
    expect(decode({ server: { tls: { local_cert: '/c.pem' } } }).tls).toEqual({
      certFile: '/c.pem',
      keyFile: '/c.pem',
      passphrase: null,
      caFile: null,
      verifyClients: false,
    })
  })

  test("says nothing about PHP's other options", () => {
    expect(warnings({ server: { tls: { local_cert: '/c.pem', allow_self_signed: true, ciphers: 'x' } } })).toEqual([])
  })

  test.each([{ local_pk: '/k' }, { local_cert: '' }, { local_cert: null }])('%j has no certificate', tls => {
    expect(faultsOf({ server: { tls } })).toEqual(['server.tls.local_cert is missing: without a certificate there is no TLS'])
  })
})

describe('a text that is no document', () => {
  test.each(['', ' \n'])('%p', text => expect(faults(text)).toEqual(['The configuration document is empty.']))

  test('not JSON, without saying what it is', () => {
    expect(faults('{"apps":[{"secret":"hush"}')).toEqual(['The configuration document is not JSON.'])
  })

  test.each([
    ['[1]', 'a list'],
    ['"hush"', 'other text'],
    ['5', '5'],
  ])('%s', (text, said) => {
    const lines = faults(text)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`must be an object, is ${said}`)
  })
})

describe('faults', () => {
  test.each([undefined, null, 0, 2, '1', true])('the version %p', version => {
    const lines = faults(JSON.stringify({ ...minimal, version }))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toStartWith('version must be 1')
  })

  test.each([[undefined], [null], [[]], [{}], ['x'], [5]])('apps %p', apps => {
    expect(faults(JSON.stringify({ version: 1, apps }))).toEqual(['apps must be a list of at least one app'])
  })

  test('scaling', () => {
    expect(faultsOf({ scaling: { enabled: 'true' } })).toEqual(['scaling.secret is missing'])
    const server = { port: 0, sentinels: 'a', cluster: [{ port: 1 }] }
    expect(faultsOf({ scaling: { enabled: true, secret: 's', server } })).toEqual([
      'scaling.server.sentinels must be a list, is other text',
      'scaling.server.cluster.0.host is missing',
      'scaling.server.port must be a whole number from 1 to 65535, is 0',
    ])
  })

  test.each([
    [{ tls: [] }, 'tls must be true or false, is a list'],
    [{ tls: 'hush' }, 'tls must be true or false, is other text'],
    [{ tls: { cafile: ['hush'] } }, 'tls.cafile must be text, is a list'],
    [{ tls: { verify_peer: 'hush' } }, 'tls.verify_peer must be true or false, is other text'],
    [{ tls: { local_pk: '/k.pem' } }, 'tls.local_cert is missing: it is the certificate of local_pk'],
    [
      { tls: { peer_fingerprint: 'hush' } },
      'tls.peer_fingerprint cannot be verified by this server: name the certificate, or its CA, in cafile',
    ],
  ])('of TLS to Redis: %j', (server, said) => {
    expect(faultsOf({ scaling: { enabled: true, secret: 's', server } })).toEqual([`scaling.server.${said}`])
    expect(faultsOf({ restart: { key: 'k', server } })).toEqual([`restart.server.${said}`])
  })

  test.each([
    [{ server: 5 }, 'server must be an object, is 5'],
    [{ server: { host: [] } }, 'server.host must be text, is a list'],
    [{ server: { port: 65_536 } }, 'server.port must be a whole number from 0 to 65535, is 65536'],
    [{ server: { port: -1 } }, 'server.port must be a whole number from 0 to 65535, is -1'],
    [{ server: { path: {} } }, 'server.path must be text, is an object'],
    [{ server: { max_request_size: 0 } }, 'server.max_request_size must be a whole number from 1 to 1073741824, is 0'],
    [{ server: { drain_seconds: 3601 } }, 'server.drain_seconds must be a whole number from 0 to 3600, is 3601'],
    [{ server: { timestamp_tolerance: 0 } }, 'server.timestamp_tolerance must be a whole number of at least 1, is 0'],
    [{ server: { max_queued_bytes: 0 } }, 'server.max_queued_bytes must be a whole number of at least 1024, is 0'],
    [{ debug: 'loud' }, 'debug must be true or false, is other text'],
    [{ events: 'message_sent' }, 'events must be a list of texts, is other text'],
    [{ apps: [5] }, 'apps.0 must be an object, is 5'],
  ])('%j', (changes, line) => expect(faultsOf(changes)).toContain(line))

  test.each([
    [{ app_id: undefined }, 'apps.0.app_id is missing'],
    [{ app_id: 'a/b' }, 'apps.0.app_id must not have a slash in it: it is part of the paths of the HTTP API'],
    [{ key: '' }, 'apps.0.key is missing'],
    [{ secret: null }, 'apps.0.secret is missing'],
    [{ secret: ['hush'] }, 'apps.0.secret must be text, is a list'],
    [{ allowed_origins: [1] }, 'apps.0.allowed_origins must be a list of texts, is a list'],
    [{ allow_missing_origin: 'x' }, 'apps.0.allow_missing_origin must be true or false, is other text'],
    [{ ping_interval: 0 }, 'apps.0.ping_interval must be a whole number of at least 1, is 0'],
    [{ activity_timeout: 'x' }, 'apps.0.activity_timeout must be a whole number of at least 1, is other text'],
    [{ max_connections: -1 }, 'apps.0.max_connections must be a whole number of at least 0, is -1'],
    [{ max_message_size: 0.5 }, 'apps.0.max_message_size must be a whole number from 1 to 1073741824, is 0.5'],
    [{ accept_client_events_from: true }, 'apps.0.accept_client_events_from must be text, is true'],
    [{ rate_limiting: true }, 'apps.0.rate_limiting must be an object, is true'],
    [{ rate_limiting: { enabled: 'x' } }, 'apps.0.rate_limiting.enabled must be true or false, is other text'],
    [{ rate_limiting: { max_attempts: 0 } }, 'apps.0.rate_limiting.max_attempts must be a whole number of at least 1, is 0'],
    [{ rate_limiting: { decay_seconds: 0 } }, 'apps.0.rate_limiting.decay_seconds must be a whole number of at least 1, is 0'],
    [{ rate_limiting: { terminate_on_limit: 2 } }, 'apps.0.rate_limiting.terminate_on_limit must be true or false, is 2'],
  ])('an app with %j', (changes, line) => expect(appFaults(changes)).toEqual([line]))

  test('ids and keys of two apps, also when one is a number', () => {
    const apps = [app, { ...app, app_id: 1001, secret: 'x' }, { ...app, app_id: '3' }, { ...app, app_id: '4', key: 'k' }]
    expect(faultsOf({ apps })).toEqual([
      'apps.1.app_id is that of another app too',
      'apps.1.key is that of another app too',
      'apps.2.key is that of another app too',
    ])
  })

  test('all of them are said at once, without a word of any secret', () => {
    const lines = faults(
      JSON.stringify({
        version: 'hush-version',
        debug: 'hush-debug',
        server: { port: 'hush-port', host: { a: 'hush-host' } },
        apps: [
          { app_id: '1', secret: ['hush-secret'] },
          { app_id: '1', key: 'k', secret: 'hush-secret', ping_interval: 'hush-ping' },
        ],
      }),
    )
    expect(lines.map(line => line.split(' ')[0]).sort()).toEqual([
      'apps.0.key',
      'apps.0.secret',
      'apps.1.app_id',
      'apps.1.ping_interval',
      'debug',
      'server.host',
      'server.port',
      'version',
    ])
    expect(lines.join('\n')).not.toContain('hush')
  })
})

test('unknown keys are warned about by name, never by value', () => {
  const changes = {
    extra: 'hush',
    server: { hosts: 'hush' },
    events: ['message_sent', 'message_lost'],
    apps: [{ ...app, Secret: 'hush', rate_limiting: { burst: 'hush' } }],
  }
  expect(warnings(changes).sort()).toEqual([
    'apps.0.Secret is not known and was ignored',
    'apps.0.rate_limiting.burst is not known and was ignored',
    'events names "message_lost", which is not known and was ignored',
    'extra is not known and was ignored',
    'server.hosts is not known and was ignored',
  ])
  expect(decode(changes).events).toEqual(new Set(['message_sent'] as const))
})

describe('the documents that the PHP side writes', () => {
  const folder = join(import.meta.dir, '../fixtures/bridge')
  const files = [...new Glob('*.json').scanSync(folder)].sort()

  test('are there', () => expect(files).not.toBeEmpty())

  test.each(files)('%s', file => {
    const { config, warnings } = decodeDocument(readFileSync(join(folder, file), 'utf8'))
    expect(warnings).toEqual([])
    expect(config.apps).not.toBeEmpty()
  })
})
