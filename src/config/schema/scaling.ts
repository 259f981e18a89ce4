/** The settings of several servers that share their channels over Redis. */
import type { Rows } from './row.ts'

export const scaling = {
  isEnabled: {
    name: 'enabled',
    type: 'boolean',
    default: false,
    variable: 'REVERB_SCALING_ENABLED',
    meaning:
      'Share channels with other servers over Redis. While it is `false`, the other keys of `scaling` do not matter. [Scaling](scaling.md)',
  },
  channel: {
    name: 'channel',
    type: 'text',
    default: 'reverb',
    variable: 'REVERB_SCALING_CHANNEL',
    meaning: "Name of the Redis channel. Laravel's Redis prefix is put in front of it, and `revurb:` in front of that",
  },
  secret: {
    name: 'secret',
    type: 'text',
    default: null,
    isRequired: true,
    isOurs: true,
    variable: 'REVURB_SCALING_SECRET',
    meaning: 'Secret with which the servers sign messages to each other. Laravel derives it from `APP_KEY` if it is not set',
  },
} as const satisfies Rows

export const redis = {
  host: {
    name: 'host',
    type: 'text',
    default: '127.0.0.1',
    variable: 'REDIS_HOST',
    meaning: 'Host of Redis. `tls://` in front of it turns TLS on. A Unix socket is an error',
  },
  port: {
    name: 'port',
    type: 'integer',
    default: 6379,
    min: 1,
    max: 65_535,
    variable: 'REDIS_PORT',
    meaning: 'Port of Redis',
  },
  username: {
    name: 'username',
    type: 'text',
    default: null,
    variable: 'REDIS_USERNAME',
    meaning: 'User of Redis; it has no effect without a password',
  },
  password: { name: 'password', type: 'text', default: null, variable: 'REDIS_PASSWORD', meaning: 'Password of Redis' },
  database: {
    name: 'database',
    type: 'integer',
    default: 0,
    variable: 'REDIS_DB',
    meaning: 'Database. Redis pub/sub ignores it',
  },
  timeoutSeconds: {
    name: 'timeout',
    type: 'integer',
    default: 60,
    min: 1,
    variable: 'REDIS_TIMEOUT',
    meaning:
      'Seconds for one attempt to connect. PHP passes `0` on as 60. An attempt of scaling ends after 15 seconds at the latest',
  },
  sentinels: {
    name: 'sentinels',
    type: 'list',
    default: null,
    isOurs: true,
    variable: 'REVURB_REDIS_SENTINELS',
    meaning:
      '[Sentinels](scaling.md#sentinel), instead of host and port: `10.0.0.1:26379,10.0.0.2:26379`, or a list; `[{host, port}]` in the document',
  },
  masterName: {
    name: 'master',
    type: 'text',
    default: 'mymaster',
    published: null,
    isOurs: true,
    variable: 'REVURB_REDIS_MASTER',
    meaning: 'Name that the Sentinels have for the master',
  },
  sentinelPassword: {
    name: 'sentinel_password',
    type: 'text',
    default: null,
    isOurs: true,
    variable: 'REVURB_REDIS_SENTINEL_PASSWORD',
    meaning: 'Password of the Sentinels themselves',
  },
  cluster: {
    name: 'cluster',
    type: 'list',
    default: null,
    isOurs: true,
    variable: 'REVURB_REDIS_CLUSTER',
    meaning:
      'Some nodes of a [Redis Cluster](scaling.md#redis-cluster), instead of host and port: `10.0.0.1:6379,10.0.0.2:6379`, or a list; `[{host, port}]` in the document',
  },
} as const satisfies Rows

/** What only the document has of a Redis. */
export const redisOfDocument = {
  tls: {
    name: 'tls',
    type: 'object',
    default: null,
    meaning:
      '`true`: TLS with a certificate that a public CA has signed. An object: TLS with the options below, for Sentinels and nodes of a cluster too. `null` or `false`: none',
  },
} as const satisfies Rows

/** PHP's SSL context options, as phpredis has them. */
export const redisTls = {
  caFile: {
    name: 'cafile',
    type: 'text',
    default: null,
    isOurs: true,
    variable: 'REVURB_REDIS_CAFILE',
    meaning:
      'File with the CA of Redis, instead of the CAs of the system. [Redis over TLS](scaling.md#redis-over-tls). In `config/reverb.php`, each of these options turns TLS on unless a scheme is set',
  },
  certFile: {
    name: 'local_cert',
    type: 'text',
    default: null,
    isOurs: true,
    variable: 'REVURB_REDIS_CERT',
    meaning: "File of this server's own certificate, if Redis asks for one",
  },
  keyFile: {
    name: 'local_pk',
    type: 'text',
    default: null,
    isOurs: true,
    variable: 'REVURB_REDIS_KEY',
    meaning: 'File of its key. Without it, the key is in `local_cert`',
  },
  passphrase: {
    name: 'passphrase',
    type: 'text',
    default: null,
    isOurs: true,
    variable: 'REVURB_REDIS_PASSPHRASE',
    meaning: 'Passphrase of the key',
  },
  name: {
    name: 'peer_name',
    type: 'text',
    default: null,
    isOurs: true,
    variable: 'REVURB_REDIS_PEER_NAME',
    meaning: 'Name in the certificate of Redis, if it is not the host',
  },
  verifiesPeer: {
    name: 'verify_peer',
    type: 'boolean',
    default: true,
    published: null,
    isOurs: true,
    variable: 'REVURB_REDIS_VERIFY_PEER',
    meaning: '`false`: accept any certificate, with any name',
  },
  verifiesName: {
    name: 'verify_peer_name',
    type: 'boolean',
    default: true,
    isOurs: true,
    isUnpublished: true,
    meaning: '`false`: accept a trusted certificate with any name',
  },
} as const satisfies Rows
