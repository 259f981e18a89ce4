/** The settings of the server itself. */
import { type Rows, unlimited } from './row.ts'

/** The largest size that can be configured, 1 GiB: Bun's own limits can be set above it, so that a larger message is answered. */
export const maxBytes = 2 ** 30
/** The limit where a size is 0, 16 MiB: without any, one client could use up all memory. */
export const ceilingBytes = 16 * 1024 * 1024

export const listening = {
  host: {
    name: 'host',
    type: 'text',
    default: '0.0.0.0',
    variable: 'REVERB_SERVER_HOST',
    option: '--host',
    meaning:
      'Address to [listen on](#where-it-listens), or a name that resolves to an address of this machine (an IPv4 address is preferred). IPv6 addresses may have brackets; `tcp://` in front is ignored',
  },
  port: {
    name: 'port',
    type: 'integer',
    default: 8080,
    min: 0,
    max: 65_535,
    variable: 'REVERB_SERVER_PORT',
    option: '--port',
    meaning: 'Port to listen on',
  },
  path: {
    name: 'path',
    type: 'text',
    default: '',
    variable: 'REVERB_SERVER_PATH',
    option: '--path',
    meaning: '[Prefix](#path-prefix) of all routes, such as `ws`. Slashes around it do not matter',
  },
  hostname: {
    name: 'hostname',
    type: 'text',
    default: null,
    variable: 'REVERB_HOST',
    option: '--hostname',
    meaning: 'Public host name. It names the certificate of Herd or Valet, and the public URL in the log',
  },
  maxRequestBytes: {
    name: 'max_request_size',
    type: 'integer',
    default: 10_000,
    max: maxBytes,
    zero: ceilingBytes,
    variable: 'REVERB_MAX_REQUEST_SIZE',
    meaning: 'Bytes of the body of an HTTP request. [Sizes](#message-and-request-sizes)',
  },
} as const satisfies Rows

export const operation = {
  drainSeconds: {
    name: 'drain_seconds',
    type: 'integer',
    default: 10,
    max: 3600,
    isOurs: true,
    variable: 'REVURB_DRAIN_SECONDS',
    meaning:
      'Seconds over which a stopping server sends its clients, in waves, to the server that takes its place. Without such a server it closes them at once. [Drain time](#drain-time)',
  },
  timestampToleranceSeconds: {
    name: 'timestamp_tolerance',
    type: 'integer',
    default: 600,
    min: 1,
    isOurs: true,
    variable: 'REVURB_TIMESTAMP_TOLERANCE',
    meaning:
      'Seconds by which the clocks of publisher and server may differ (`auth_timestamp`). [Clock tolerance](#clock-tolerance)',
  },
  maxQueuedBytes: {
    name: 'max_queued_bytes',
    type: 'integer',
    default: 1_048_576,
    min: 1024,
    isOurs: true,
    variable: 'REVURB_MAX_QUEUED_BYTES',
    meaning: 'Bytes that may wait for one [slow client](#slow-clients) before it is disconnected',
  },
  maxTotalQueuedBytes: {
    name: 'max_total_queued_bytes',
    type: 'integer',
    default: 67_108_864,
    zero: unlimited,
    isOurs: true,
    variable: 'REVURB_MAX_TOTAL_QUEUED_BYTES',
    meaning:
      'Bytes that may wait for all slow clients together. Before this bound is reached, the server disconnects those with the most. Less than `max_queued_bytes` is a warning, because it then also bounds each client',
  },
  maxMessagesPerSecond: {
    name: 'max_messages_per_second',
    type: 'integer',
    default: 2000,
    zero: unlimited,
    isOurs: true,
    variable: 'REVURB_MAX_MESSAGES_PER_SECOND',
    meaning:
      'Messages, pings and pongs that [one client](#what-one-client-may-send) may send in a second. It may save up `burst_seconds` of them; beyond that it is disconnected with 4100',
  },
  maxBytesPerSecond: {
    name: 'max_bytes_per_second',
    type: 'integer',
    default: 2_000_000,
    zero: unlimited,
    isOurs: true,
    variable: 'REVURB_MAX_BYTES_PER_SECOND',
    meaning: 'The same in bytes; a single message never exceeds it',
  },
  burstSeconds: {
    name: 'burst_seconds',
    type: 'integer',
    default: 3,
    min: 1,
    max: 60,
    isOurs: true,
    isUnpublished: true,
    meaning: 'Seconds of these messages and bytes that one client may save up, and send at once',
  },
  idempotencySeconds: {
    name: 'idempotency_seconds',
    type: 'integer',
    default: 120,
    isOurs: true,
    variable: 'REVURB_IDEMPOTENCY_SECONDS',
    meaning:
      'Seconds for which a publish is recognised by its `X-Idempotency-Key`, and its answer remembered. `0`: off. [Retried jobs](#retried-jobs)',
  },
} as const satisfies Rows

/** The group of the options below, which the published file has as an empty list. */
export const options = {
  tls: {
    name: 'tls',
    type: 'list',
    default: [],
    meaning:
      "PHP's SSL context options, of which the server uses those below. Empty: the server speaks plain HTTP. [TLS](#tls). `capath`, `ciphers`, `crypto_method`, `security_level` and `SNI_server_certs` are ignored with a warning; with `verify_peer`, so are `allow_self_signed`, `peer_name` and `verify_depth`",
  },
} as const satisfies Rows

export const tls = {
  certFile: {
    name: 'local_cert',
    type: 'text',
    default: null,
    isUnpublished: true,
    meaning: 'File of the certificate, in PEM format, with its intermediate certificates',
  },
  keyFile: {
    name: 'local_pk',
    type: 'text',
    default: null,
    isUnpublished: true,
    meaning: 'File of the key. Without it, the key is in `local_cert`',
  },
  passphrase: { name: 'passphrase', type: 'text', default: null, isUnpublished: true, meaning: 'Passphrase of the key' },
  caFile: {
    name: 'cafile',
    type: 'text',
    default: null,
    isUnpublished: true,
    meaning: 'File with the certificates that sign those of clients',
  },
  verifyClients: {
    name: 'verify_peer',
    type: 'boolean',
    default: false,
    isUnpublished: true,
    meaning: '`true`: accept only clients with a certificate of `cafile`. `peer_fingerprint` is an error then',
  },
} as const satisfies Rows
