import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { ConfigError, decodeDocument, decodeListening } from '../../src/config/bridge.ts'
import { testLimits } from '../support/apps.ts'
import { app, appFaults, decode, faults, faultsOf, minimal, warnings } from '../support/documents.ts'

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
        maxTotalQueuedBytes: 67_108_864,
        maxMessagesPerSecond: 2000,
        maxBytesPerSecond: 2_000_000,
        burstSeconds: 3,
        idempotencySeconds: 120,
        tls: null,
        scaling: null,
        restart: null,
        debug: false,
        handOver: null,
        events: new Set(),
        acknowledgesEvents: false,
        publicUrls: [],
        apps: [
          {
            id: '1001',
            key: 'app-key',
            secret: 'app-secret',
            enabled: true,
            allowedOrigins: ['*'],
            allowMissingOrigin: false,
            checksProtocol: false,
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

  test('may have null for every setting, and white space around it', () => {
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

test('a document with every setting is decoded', () => {
  const server = {
    host: '127.0.0.1',
    port: '6001',
    path: '/ws/',
    hostname: 'ws.example',
    max_request_size: '20000',
    drain_seconds: 0,
    timestamp_tolerance: 60,
    max_queued_bytes: 2048,
    max_total_queued_bytes: 4096,
    max_messages_per_second: '50',
    max_bytes_per_second: 0,
    burst_seconds: '9',
    idempotency_seconds: '7',
    tls: { local_cert: '/c.pem', local_pk: '/k.pem', passphrase: 'pass', cafile: '/ca.pem', verify_peer: 'true' },
  }
  const full = {
    app_id: 7,
    key: 8,
    secret: 9,
    allowed_origins: ['a.example', '*.b.example'],
    allow_missing_origin: true,
    check_protocol: 'true',
    ping_interval: 5,
    activity_timeout: '6',
    max_connections: 500,
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
      channel_name_charset: 'pusher',
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
    acknowledges_events: true,
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
    maxTotalQueuedBytes: 4096,
    maxMessagesPerSecond: 50,
    maxBytesPerSecond: Number.POSITIVE_INFINITY,
    burstSeconds: 9,
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
    handOver: { address: '127.0.0.1:6001', socketPath: '/run/peer.sock' },
    events: new Set(['message_sent', 'connection_pruned'] as const),
    acknowledgesEvents: true,
    publicUrls: ['http://ws.example/ws'],
    apps: [
      {
        id: '7',
        key: '8',
        secret: '9',
        enabled: false,
        allowedOrigins: ['a.example', '*.b.example'],
        allowMissingOrigin: true,
        checksProtocol: true,
        pingIntervalSeconds: 5,
        activityTimeoutSeconds: 6,
        maxConnections: 500,
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
          channelNameCharset: 'pusher',
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

test.each(['ws?x', 'ws#x', 'https://chat.example.com/ws', 'a b', ' ', '/ä', 'ws\n'])('%j is refused as a path', path => {
  expect(faultsOf({ server: { path } })).toEqual([
    'servers.reverb.path (REVERB_SERVER_PATH, --path) must be a path alone, such as /ws',
  ])
})

describe('TLS', () => {
  test('is off where it is an empty list', () => expect(decode({ server: { tls: [] } }).tls).toBeNull())

  test('takes the key from the certificate file where it has none of its own', () => {
    expect(decode({ server: { tls: { local_cert: '/c.pem' } } }).tls).toEqual({
      certFile: '/c.pem',
      keyFile: '/c.pem',
      passphrase: null,
      caFile: null,
      verifyClients: false,
    })
  })

  const tlsWarnings = (options: object) => warnings({ server: { tls: { local_cert: '/c.pem', ...options } } })
  const ignored = (key: string, advice: string) =>
    `servers.reverb.options.tls.${key} is not honoured by this server and was ignored: ${advice}`

  test.each([
    ['capath', '/etc/ssl/certs', 'name a file of certificates in cafile'],
    ['ciphers', 'HIGH', 'a proxy in front of it can have its own'],
    ['crypto_method', 32, 'a proxy in front of it can have its own'],
    ['security_level', 2, 'a proxy in front of it can have its own'],
    ['SNI_server_certs', { 'a.example': '/a.pem' }, 'it serves the one certificate of local_cert'],
  ])('warns that %s is ignored', (key, value, advice) => {
    expect(tlsWarnings({ [key]: value })).toEqual([ignored(key, advice)])
    expect(tlsWarnings({ [key]: null })).toEqual([])
  })

  test.each([
    ['allow_self_signed', true, 'name the certificate itself in cafile'],
    ['peer_name', 'a.example', 'every client with a certificate of cafile is accepted'],
    ['verify_depth', 2, 'every client with a certificate of cafile is accepted'],
  ])('warns that %s is ignored where clients are verified', (key, value, advice) => {
    expect(tlsWarnings({ [key]: value, verify_peer: true })).toEqual([ignored(key, advice)])
    expect(tlsWarnings({ [key]: value })).toEqual([])
    expect(tlsWarnings({ [key]: false, verify_peer: true })).toEqual([])
  })

  test('refuses fingerprints of clients', () => {
    const tls = { local_cert: '/c.pem', peer_fingerprint: 'hush' }
    expect(faultsOf({ server: { tls: { ...tls, verify_peer: 'on' } } })).toEqual([
      'servers.reverb.options.tls.peer_fingerprint cannot be verified by this server: name the certificates of clients, or their CA, in cafile',
    ])
    expect(warnings({ server: { tls } })).toEqual([])
  })

  test("ignores PHP's other options", () => {
    expect(tlsWarnings({ SNI_enabled: true, disable_compression: true, capture_peer_cert: true })).toEqual([])
  })

  test.each([{ local_pk: '/k' }, { local_cert: '' }, { local_cert: null }])('refuses %j, which has no certificate', tls => {
    expect(faultsOf({ server: { tls } })).toEqual([
      'servers.reverb.options.tls.local_cert is missing: without a certificate there is no TLS',
    ])
  })
})

describe('a text that is no document is refused:', () => {
  test.each(['', ' \n'])('%p', text =>
    expect(faults(text)).toEqual([
      'The configuration document is empty: write it with php artisan reverb:config --show-secrets.',
    ]),
  )

  test('one that is not JSON, without its content', () => {
    expect(faults('{"apps":[{"secret":"hush"}')).toEqual([
      'The configuration document is not JSON: write it with php artisan reverb:config --show-secrets.',
    ])
  })

  test.each([
    ['[1]', 'a list'],
    ['"hush"', 'a text of 4 characters'],
    ['5', '5'],
  ])('%s', (text, description) => {
    const lines = faults(text)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`must be an array with keys, is ${description}`)
  })
})

describe('a fault is reported for', () => {
  test.each([undefined, null, 0, 2, '1', true])('the version %p', version => {
    const lines = faults(JSON.stringify({ ...minimal, version }))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toStartWith('version must be 1')
  })

  test.each([[undefined], [null], [[]], [{}], ['x'], [5]])('apps %p', apps => {
    expect(faults(JSON.stringify({ version: 1, apps }))).toEqual(['apps.apps must be a list of at least one app'])
  })

  test('scaling', () => {
    expect(faultsOf({ scaling: { enabled: 'true' } })).toEqual([
      'servers.reverb.scaling.secret (REVURB_SCALING_SECRET) is missing',
    ])
    const server = { port: 0, sentinels: 'a', cluster: [{ port: 1 }] }
    expect(faultsOf({ scaling: { enabled: true, secret: 's', server } })).toEqual([
      'servers.reverb.scaling.server.sentinels (REVURB_REDIS_SENTINELS) must be a list, is a text of 1 character',
      'servers.reverb.scaling.server.cluster.0.host is missing',
      'servers.reverb.scaling.server.port (REDIS_PORT) must be a whole number from 1 to 65535, is 0',
    ])
  })

  test.each([
    [{ tls: [] }, 'tls must be true or false, is a list'],
    [{ tls: 'hush hush' }, 'tls must be true or false, is a text of 9 characters'],
    [{ tls: { cafile: ['hush'] } }, 'tls.cafile (REVURB_REDIS_CAFILE) must be text, is a list'],
    [
      { tls: { verify_peer: 'hush hush' } },
      'tls.verify_peer (REVURB_REDIS_VERIFY_PEER) must be true or false, is a text of 9 characters',
    ],
    [{ tls: { local_pk: '/k.pem' } }, 'tls.local_cert (REVURB_REDIS_CERT) is missing: it is the certificate of local_pk'],
    [
      { tls: { peer_fingerprint: 'hush' } },
      'tls.peer_fingerprint cannot be verified by this server: name the certificate, or its CA, in cafile',
    ],
  ])('of TLS to Redis: %j', (server, description) => {
    const bare = description.replace(/ \(\w+\)/, '')
    expect(faultsOf({ scaling: { enabled: true, secret: 's', server } })).toEqual([
      `servers.reverb.scaling.server.${description.replace('tls.', 'context.stream.')}`,
    ])
    expect(faultsOf({ restart: { key: 'k', server } })).toEqual([`restart.server.${bare}`])
  })

  test.each([
    [{ server: 5 }, 'server must be an array with keys, is 5'],
    [{ server: { host: [] } }, 'servers.reverb.host (REVERB_SERVER_HOST, --host) must be text, is a list'],
    [
      { server: { port: 65_536 } },
      'servers.reverb.port (REVERB_SERVER_PORT, --port) must be a whole number from 0 to 65535, is 65536',
    ],
    [{ server: { port: -1 } }, 'servers.reverb.port (REVERB_SERVER_PORT, --port) must be a whole number from 0 to 65535, is -1'],
    [{ server: { path: {} } }, 'servers.reverb.path (REVERB_SERVER_PATH, --path) must be text, is an array with keys'],
    [
      { server: { port: '80a' } },
      'servers.reverb.port (REVERB_SERVER_PORT, --port) must be a whole number from 0 to 65535, is "80a"',
    ],
    [
      { server: { port: true } },
      'servers.reverb.port (REVERB_SERVER_PORT, --port) must be a whole number from 0 to 65535, is true',
    ],
    [
      { server: { max_request_size: -1 } },
      'servers.reverb.max_request_size (REVERB_MAX_REQUEST_SIZE) must be a whole number from 0 to 1073741824, is -1',
    ],
    [
      { server: { max_request_size: '10k' } },
      'servers.reverb.max_request_size (REVERB_MAX_REQUEST_SIZE) must be a whole number from 0 to 1073741824, is "10k"',
    ],
    [
      { server: { drain_seconds: 3601 } },
      'servers.reverb.revurb.drain_seconds (REVURB_DRAIN_SECONDS) must be a whole number from 0 to 3600, is 3601',
    ],
    [
      { server: { timestamp_tolerance: 0 } },
      'servers.reverb.revurb.timestamp_tolerance (REVURB_TIMESTAMP_TOLERANCE) must be a whole number of at least 1, is 0',
    ],
    [
      { server: { max_queued_bytes: 0 } },
      'servers.reverb.revurb.max_queued_bytes (REVURB_MAX_QUEUED_BYTES) must be a whole number of at least 1024, is 0',
    ],
    [
      { server: { max_total_queued_bytes: -1 } },
      'servers.reverb.revurb.max_total_queued_bytes (REVURB_MAX_TOTAL_QUEUED_BYTES) must be a whole number of at least 0, is -1',
    ],
    [{ debug: 'loud' }, 'debug must be true or false, is "loud"'],
    [{ events: 'message_sent' }, 'events must be a list of texts, is a text of 12 characters'],
    [{ apps: [5] }, 'apps.apps.0 must be an array with keys, is 5'],
  ])('%j', (changes, line) => expect(faultsOf(changes)).toContain(line))

  test.each([
    [{ app_id: undefined }, 'apps.apps.0.app_id (REVERB_APP_ID) is missing'],
    [{ app_id: undefined, id: 1 }, 'apps.apps.0.id must be called app_id'],
    [{ key: null, app_key: 'k' }, 'apps.apps.0.app_key must be called key'],
    [{ secret: '', app_secret: 'hush' }, 'apps.apps.0.app_secret must be called secret'],
    [{ key: '' }, 'apps.apps.0.key (REVERB_APP_KEY) is missing'],
    [{ secret: null }, 'apps.apps.0.secret (REVERB_APP_SECRET) is missing'],
    [{ secret: ['hush'] }, 'apps.apps.0.secret (REVERB_APP_SECRET) must be text, is a list'],
    [{ allowed_origins: [1] }, 'apps.apps.0.allowed_origins must be a list of texts, is a list'],
    [{ allow_missing_origin: 'x' }, 'apps.apps.0.allow_missing_origin must be true or false, is "x"'],
    [{ check_protocol: 'x' }, 'apps.apps.0.check_protocol (REVURB_CHECK_PROTOCOL) must be true or false, is "x"'],
    [{ ping_interval: -1 }, 'apps.apps.0.ping_interval (REVERB_APP_PING_INTERVAL) must be a whole number of at least 0, is -1'],
    [
      { activity_timeout: 'x' },
      'apps.apps.0.activity_timeout (REVERB_APP_ACTIVITY_TIMEOUT) must be a whole number of at least 0, is "x"',
    ],
    [
      { max_connections: -1 },
      'apps.apps.0.max_connections (REVERB_APP_MAX_CONNECTIONS) must be a whole number of at least 0, is -1',
    ],
    [
      { max_message_size: 0.5 },
      'apps.apps.0.max_message_size (REVERB_APP_MAX_MESSAGE_SIZE) must be a whole number from 0 to 1073741824, is 0.5',
    ],
    [
      { accept_client_events_from: ['all'] },
      'apps.apps.0.accept_client_events_from (REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM) must be text, is a list',
    ],
    [{ rate_limiting: true }, 'apps.apps.0.rate_limiting must be an array with keys, is true'],
    [
      { rate_limiting: { enabled: 'x' } },
      'apps.apps.0.rate_limiting.enabled (REVERB_APP_RATE_LIMITING_ENABLED) must be true or false, is "x"',
    ],
    [
      { rate_limiting: { enabled: true, max_attempts: 0 } },
      'apps.apps.0.rate_limiting.max_attempts (REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS) must be a whole number of at least 1, is 0',
    ],
    [
      { rate_limiting: { enabled: true, decay_seconds: -1 } },
      'apps.apps.0.rate_limiting.decay_seconds (REVERB_APP_RATE_LIMIT_DECAY_SECONDS) must be a whole number of at least 0, is -1',
    ],
    [
      { request_rate_limiting: { enabled: true, decay_seconds: 0 } },
      'apps.apps.0.request_rate_limiting.decay_seconds must be a whole number of at least 1, is 0',
    ],
    [
      { rate_limiting: { enabled: true, terminate_on_limit: 2 } },
      'apps.apps.0.rate_limiting.terminate_on_limit (REVERB_APP_RATE_LIMIT_TERMINATE) must be true or false, is 2',
    ],
  ])('an app with %j', (changes, line) => expect(appFaults(changes)).toEqual([line]))

  test('the same id or key of two apps, also where one is a number', () => {
    const apps = [app, { ...app, app_id: 1001, secret: 'x' }, { ...app, app_id: '3' }, { ...app, app_id: '4', key: 'k' }]
    expect(faultsOf({ apps })).toEqual([
      'apps.apps.1.app_id is that of another app too',
      'apps.apps.1.key is that of another app too',
      'apps.apps.2.key is that of another app too',
    ])
  })

  test('each of several settings at once, without any secret', () => {
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
      'apps.apps.0.key',
      'apps.apps.0.secret',
      'apps.apps.1.app_id',
      'apps.apps.1.ping_interval',
      'debug',
      'servers.reverb.host',
      'servers.reverb.port',
      'version',
    ])
    expect(lines.join('\n')).not.toContain('hush')
  })
})

test('a max_total_queued_bytes of 0 is no bound, and one below max_queued_bytes is reported as a warning', () => {
  const config = (server: object) => decodeDocument(JSON.stringify({ ...minimal, server })).config
  expect(config({ max_total_queued_bytes: 0 }).maxTotalQueuedBytes).toBe(Number.POSITIVE_INFINITY)
  expect(warnings({ server: { max_total_queued_bytes: 0 } })).toEqual([])
  expect(warnings({ server: { max_total_queued_bytes: 1_048_576 } })).toEqual([])
  expect(warnings({ server: { max_total_queued_bytes: 1_048_575 } })).toEqual([
    'servers.reverb.revurb.max_total_queued_bytes (REVURB_MAX_TOTAL_QUEUED_BYTES) is 1048575, less than max_queued_bytes (1048576): no client may leave more than 1048575 bytes waiting',
  ])
})

test('unknown keys are reported as warnings by name, never by value', () => {
  const changes = {
    extra: 'hush',
    server: { hosts: 'hush' },
    events: ['message_sent', 'message_lost'],
    apps: [{ ...app, Secret: 'hush', rate_limiting: { burst: 'hush' } }],
  }
  expect(warnings(changes).sort()).toEqual([
    'apps.apps.0.Secret is not known and was ignored',
    'apps.apps.0.rate_limiting.burst is not known and was ignored',
    'events names "message_lost", which is not known and was ignored',
    'extra is not known and was ignored',
    'servers.reverb.revurb.hosts is not known and was ignored',
  ])
  expect(decode(changes).events).toEqual(new Set(['message_sent'] as const))
})

describe('the documents that the PHP side writes', () => {
  const folder = join(import.meta.dir, '../fixtures/bridge')
  const files = [...new Glob('*.json').scanSync(folder)].sort()

  test('exist', () => expect(files).not.toBeEmpty())

  test.each(files)('%s is decoded', file => {
    const { config, warnings } = decodeDocument(readFileSync(join(folder, file), 'utf8'))
    expect(warnings).toEqual([])
    expect(config.apps).not.toBeEmpty()
  })
})

describe('where the server listens', () => {
  const listening = (changes: object) => decodeListening(JSON.stringify({ ...minimal, ...changes }))

  test('is decoded with its defaults and without the rest', () => {
    expect(listening({ apps: 'none', version: 9, server: { drain_seconds: -1 } })).toEqual({
      host: '0.0.0.0',
      port: 8080,
      path: '',
      tls: null,
    })
  })

  test('is that of the whole document', () => {
    const server = { host: '::1', port: 4711, path: 'ws/', tls: { local_cert: '/cert.pem', verify_peer: true } }
    const { host, port, path, tls } = decode({ server })
    expect(listening({ server })).toEqual({ host, port, path, tls })
  })

  test('has faults of its own', () => {
    expect(() => listening({ server: { port: -1, path: '/a?b' } })).toThrow(/reverb\.port .*\n.*reverb\.path /)
    expect(() => decodeListening('7')).toThrow(ConfigError)
  })
})
