/** What PHP alone reads of config/reverb.php, or passes on in another form. The bundled server does not contain these rows. */
import type { Rows } from './row.ts'

export const file = {
  server: {
    name: 'default',
    type: 'text',
    default: 'reverb',
    variable: 'REVERB_SERVER',
    meaning: 'A key of Reverb. Revurb always uses the server `reverb`',
  },
} as const satisfies Rows

export const collectors = {
  pulse: {
    name: 'pulse_ingest_interval',
    type: 'integer',
    default: 15,
    min: 1,
    variable: 'REVERB_PULSE_INGEST_INTERVAL',
    meaning: 'Seconds between two writes of what Pulse has collected',
  },
  telescope: {
    name: 'telescope_ingest_interval',
    type: 'integer',
    default: 15,
    min: 1,
    variable: 'REVERB_TELESCOPE_INGEST_INTERVAL',
    meaning: 'The same for Telescope',
  },
} as const satisfies Rows

export const command = {
  bun: {
    name: 'bun',
    type: 'text',
    default: null,
    isOurs: true,
    variable: 'REVURB_BUN',
    meaning: 'Path of the [Bun](#bun-binary) to run',
  },
  bunMirror: {
    name: 'bun_mirror',
    type: 'text',
    default: null,
    isOurs: true,
    variable: 'REVURB_BUN_MIRROR',
    meaning: 'Where [`reverb:bun --install`](#bun-mirror) gets Bun from: an address or a path, with `{version}` and `{target}`',
  },
  log: {
    name: 'log',
    type: 'choice',
    values: ['text', 'json'],
    default: 'text',
    isOurs: true,
    variable: 'REVURB_LOG',
    option: '--log',
    meaning: 'Format of the [log](#log-format-and-log-channel): `text` or `json`',
  },
  logChannel: {
    name: 'log_channel',
    type: 'text',
    default: null,
    isOurs: true,
    variable: 'REVURB_LOG_CHANNEL',
    meaning: 'Channel of `config/logging.php` to which the log is copied',
  },
} as const satisfies Rows

const unpublished = { type: 'text', default: null, isUnpublished: true } as const

/** The other settings of a Redis that Laravel has. */
export const redisOfLaravel = {
  url: {
    name: 'url',
    type: 'text',
    default: null,
    variable: 'REDIS_URL',
    meaning:
      'URL of Redis, which wins over the other keys: `rediss://user:password@host:6380`. Percent-encode special characters',
  },
  scheme: { ...unpublished, name: 'scheme', meaning: '`tls` or `tcp`, as in `config/database.php`' },
  prefix: { ...unpublished, name: 'prefix', meaning: 'Redis prefix. Without it: that of `database.redis.options`' },
  options: {
    ...unpublished,
    name: 'options',
    meaning: '`prefix`, `context` (phpredis) and `parameters.ssl` (Predis), as in `config/database.php`',
  },
  ssl: {
    ...unpublished,
    name: 'ssl',
    meaning: "SSL context options of Predis. They need `'scheme' => 'tls'` or a `rediss://` URL",
  },
  nodes: { ...unpublished, name: 'nodes', meaning: 'Another name of `cluster`' },
  service: { ...unpublished, name: 'service', meaning: 'Another name of `master`' },
} as const satisfies Rows

export const source = {
  provider: {
    name: 'provider',
    type: 'text',
    default: 'config',
    meaning: 'Where apps come from. Other values need `laravel/reverb`, or bind [`AppSource`](#apps-from-a-database)',
  },
} as const satisfies Rows

/** The server makes the public URL in its log of them: `config/public-url.ts`. */
export const publicAddress = {
  host: {
    name: 'host',
    type: 'text',
    default: null,
    variable: 'REVERB_HOST',
    meaning:
      'Host of the [public address](#public-address). The server uses the four keys of `options` for the public URL in its log alone',
  },
  port: {
    name: 'port',
    type: 'text',
    default: null,
    published: 443,
    variable: 'REVERB_PORT',
    meaning: 'Port of the public address. Without the key: that of the scheme',
  },
  scheme: {
    name: 'scheme',
    type: 'choice',
    values: ['https', 'http'],
    default: null,
    published: 'https',
    variable: 'REVERB_SCHEME',
    meaning: '`https` or `http`. Without the key: as `useTLS` says',
  },
  isSecure: {
    name: 'useTLS',
    type: 'boolean',
    default: false,
    published: true,
    variable: 'REVERB_SCHEME',
    meaning: "Whether the scheme is `https`; for Pusher's SDK",
  },
} as const satisfies Rows
