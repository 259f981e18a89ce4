/** The settings of one app. Those of `limits` are in `limits.ts`. */
import { type Rows, unlimited } from './row.ts'
import { ceilingBytes, maxBytes } from './server.ts'

export const credentials = {
  id: {
    name: 'app_id',
    type: 'text',
    default: null,
    isRequired: true,
    misnomers: ['id', 'appId'],
    variable: 'REVERB_APP_ID',
    meaning:
      'Id in the paths of the HTTP API; required, unique, and without `/`, `?`, `#`, `%` and control characters. [Credentials](#app-credentials)',
  },
  key: {
    name: 'key',
    type: 'text',
    default: null,
    isRequired: true,
    misnomers: ['app_key', 'appKey'],
    variable: 'REVERB_APP_KEY',
    meaning: 'Key with which clients connect; required, unique, and of the same characters',
  },
  secret: {
    name: 'secret',
    type: 'text',
    default: null,
    isRequired: true,
    misnomers: ['app_secret', 'appSecret'],
    variable: 'REVERB_APP_SECRET',
    meaning: 'Secret with which the application signs; required',
  },
} as const satisfies Rows

export const app = {
  enabled: {
    name: 'enabled',
    type: 'boolean',
    default: true,
    isOurs: true,
    meaning: '`false`: [refuse](#disable-an-app) all clients (4003) and publishers (403)',
  },
  allowedOrigins: {
    name: 'allowed_origins',
    type: 'texts',
    default: ['*'],
    meaning:
      'Patterns of hosts, or of whole origins. Empty ones, `null` and white space around them are left out. [Allowed origins](#allowed-origins)',
  },
  allowMissingOrigin: {
    name: 'allow_missing_origin',
    type: 'boolean',
    default: false,
    isOurs: true,
    meaning: '`true`: accept clients without an `Origin` header although origins are restricted',
  },
  checksProtocol: {
    name: 'check_protocol',
    type: 'boolean',
    default: false,
    isOurs: true,
    variable: 'REVURB_CHECK_PROTOCOL',
    meaning:
      '`true`: refuse clients whose URL names no [protocol version](#protocol-version) (4008), one that is no whole number (4006), or one that is not from 4 to 7 (4007)',
  },
  pingIntervalSeconds: {
    name: 'ping_interval',
    type: 'integer',
    default: 60,
    // Reverb takes every socket for inactive at 0, and checks once a minute.
    zero: 60,
    variable: 'REVERB_APP_PING_INTERVAL',
    meaning:
      'Seconds for which a ping may stay unanswered before the connection is closed. An idle client is pinged after three quarters of it, 50 seconds at most. [Heartbeats](#heartbeats)',
  },
  activityTimeoutSeconds: {
    name: 'activity_timeout',
    type: 'integer',
    default: 30,
    variable: 'REVERB_APP_ACTIVITY_TIMEOUT',
    meaning:
      'Seconds of silence after which a client pings the server. `0` is a warning, because pusher-js does not connect then',
  },
  maxConnections: {
    name: 'max_connections',
    type: 'integer',
    default: unlimited,
    variable: 'REVERB_APP_MAX_CONNECTIONS',
    meaning:
      'Connections of the app, [on all servers together](scaling.md#quotas). Empty or `false`: no limit; `0`: none, with a warning. [Connection quota](#connection-quota)',
  },
  maxMessageBytes: {
    name: 'max_message_size',
    type: 'integer',
    default: 10_000,
    max: maxBytes,
    zero: ceilingBytes,
    variable: 'REVERB_APP_MAX_MESSAGE_SIZE',
    meaning: 'Bytes of one WebSocket message. [Sizes](#message-and-request-sizes)',
  },
  clientEventsFrom: {
    name: 'accept_client_events_from',
    type: 'choice',
    values: ['all', 'members', 'none'],
    default: 'all',
    published: 'members',
    variable: 'REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM',
    meaning: '`members`, `all` or `none`. `false` or empty: `none`. [Client events](#client-events)',
  },
  subscriptionCounts: {
    name: 'subscription_count',
    type: 'boolean',
    default: false,
    isOurs: true,
    variable: 'REVURB_SUBSCRIPTION_COUNT',
    meaning: '`true`: send the subscribers of a channel [their number](#subscription-counts)',
  },
} as const satisfies Rows

export const rateLimiting = {
  isEnabled: {
    name: 'enabled',
    type: 'boolean',
    default: false,
    variable: 'REVERB_APP_RATE_LIMITING_ENABLED',
    meaning:
      'Limit the messages of each client. While it is `false`, the other keys of `rate_limiting` do not matter. [Rate limits](#rate-limits)',
  },
  maxAttempts: {
    name: 'max_attempts',
    type: 'integer',
    default: 60,
    min: 1,
    variable: 'REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS',
    meaning: 'Messages in one window',
  },
  decaySeconds: {
    name: 'decay_seconds',
    type: 'integer',
    // As in Reverb, whose published file has another value.
    default: 1,
    published: 60,
    variable: 'REVERB_APP_RATE_LIMIT_DECAY_SECONDS',
    meaning: 'Seconds of the window. `0`: nothing is limited',
  },
  terminate: {
    name: 'terminate_on_limit',
    type: 'boolean',
    default: false,
    variable: 'REVERB_APP_RATE_LIMIT_TERMINATE',
    meaning: '`true`: disconnect a client over the limit with 4100',
  },
} as const satisfies Rows

export const requestRateLimiting = {
  isEnabled: {
    name: 'enabled',
    type: 'boolean',
    default: false,
    isOurs: true,
    meaning:
      'Limit the signed requests of the app: 429 over it. While it is `false`, the other keys of `request_rate_limiting` do not matter',
  },
  maxAttempts: {
    name: 'max_attempts',
    type: 'integer',
    default: 1000,
    min: 1,
    isOurs: true,
    meaning: 'Requests in one window',
  },
  decaySeconds: {
    name: 'decay_seconds',
    type: 'integer',
    default: 1,
    min: 1,
    isOurs: true,
    meaning: 'Seconds of the window',
  },
} as const satisfies Rows

export const cache = {
  ttlSeconds: {
    name: 'ttl',
    type: 'integer',
    default: 1800,
    isOurs: true,
    variable: 'REVURB_CACHE_TTL',
    meaning: 'Seconds for which the last event of a [cache channel](#cache-channels) is kept',
  },
  maxChannels: {
    name: 'max_channels',
    type: 'integer',
    default: 10_000,
    isOurs: true,
    meaning: 'Cache channels whose last event is kept',
  },
  maxBytes: {
    name: 'max_bytes',
    type: 'integer',
    default: 16_777_216,
    isOurs: true,
    meaning: 'Bytes of these events in memory',
  },
} as const satisfies Rows
