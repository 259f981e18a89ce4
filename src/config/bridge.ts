/** Decodes the document that the PHP side passes (`docs/bridge.md`) → Config. */
import { decodeApps, sizeInBytes } from './app.ts'
import { type Config, type EventName, eventNames, type HandOver, type RestartFlag, type Tls } from './config.ts'
import { type Fault, Fields, Report } from './decode.ts'
import { sentence } from './places.ts'
import { publicUrl } from './public-url.ts'
import { redis } from './redis.ts'
import { scaling } from './scaling.ts'

const documentVersion = 1

/** All faults of a document. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(readonly faults: readonly Fault[]) {
    super(faults.map(sentence).join('\n'))
  }
}

/** @throws ConfigError with all faults and their paths */
export function decodeDocument(text: string): { config: Config; warnings: readonly Fault[] } {
  const report = new Report()
  const document = Fields.of(parse(text), '', report)
  if (report.faults.length > 0) throw new ConfigError(report.faults)
  const config = decode(document, report)
  if (report.faults.length > 0) throw new ConfigError(report.faults)
  return { config, warnings: report.warnings }
}

const howToWrite = 'write it with php artisan reverb:config --show-secrets.'

function parse(text: string): unknown {
  if (text.trim() === '') throw new ConfigError([{ path: '', message: `The configuration document is empty: ${howToWrite}` }])
  try {
    return JSON.parse(text)
  } catch {
    throw new ConfigError([{ path: '', message: `The configuration document is not JSON: ${howToWrite}` }])
  }
}

function decode(document: Fields, report: Report): Config {
  const version = document.raw('version')
  if (version !== documentVersion)
    report.fault(
      'version',
      `must be ${documentVersion}: dist/revurb.js and the package's PHP classes are of different releases. Run composer install, then php artisan reverb:restart`,
    )
  const server = document.object('server')
  const path = prefix(server)
  const config: Config = {
    host: server.text('host', '') || '0.0.0.0',
    port: server.integer('port', 8080, { min: 0, max: 65_535 }),
    path,
    maxRequestBytes: sizeInBytes(server, 'max_request_size'),
    drainSeconds: server.integer('drain_seconds', 10, { min: 0, max: 3600 }),
    timestampToleranceSeconds: server.integer('timestamp_tolerance', 600, { min: 1 }),
    ...queueBounds(server),
    maxMessagesPerSecond: server.integer('max_messages_per_second', 2000, { min: 0 }) || Number.POSITIVE_INFINITY,
    maxBytesPerSecond: server.integer('max_bytes_per_second', 2_000_000, { min: 0 }) || Number.POSITIVE_INFINITY,
    idempotencySeconds: server.integer('idempotency_seconds', 120, { min: 0 }),
    tls: server.has('tls') ? tls(server.object('tls'), report) : null,
    debug: document.boolean('debug', false),
    handOver: document.has('hand_over') ? handOver(document.object('hand_over')) : null,
    events: new Set(document.texts('events', []).filter(name => isEventName(name, report))) as ReadonlySet<EventName>,
    acknowledgesEvents: document.boolean('acknowledges_events', false),
    scaling: scaling(document.object('scaling')),
    restart: document.has('restart') ? restart(document.object('restart')) : null,
    apps: decodeApps(document.raw('apps'), report),
    publicUrls: publicUrls(document.raw('apps'), server.raw('hostname'), path),
  }
  server.warnOfUnknown()
  document.warnOfUnknown()
  return config
}

function queueBounds(server: Fields): Pick<Config, 'maxQueuedBytes' | 'maxTotalQueuedBytes'> {
  const maxQueuedBytes = server.integer('max_queued_bytes', 1_048_576, { min: 1024 })
  const total = server.integer('max_total_queued_bytes', 67_108_864, { min: 0 })
  if (total > 0 && total < maxQueuedBytes)
    server.warn(
      'max_total_queued_bytes',
      `is ${total}, less than max_queued_bytes (${maxQueuedBytes}): no client may leave more than ${total} bytes waiting`,
    )
  return { maxQueuedBytes, maxTotalQueuedBytes: total || Number.POSITIVE_INFINITY }
}

function publicUrls(apps: unknown, hostname: unknown, path: string): string[] {
  const urls = Array.isArray(apps) ? apps.map(app => publicUrl(app, hostname, path)) : []
  return [...new Set(urls)].filter(url => url !== undefined)
}

function handOver(fields: Fields): HandOver {
  const decoded = { address: fields.requiredText('address'), socketPath: fields.requiredText('peer') }
  fields.warnOfUnknown()
  return decoded
}

function restart(fields: Fields): RestartFlag {
  const decoded = { key: fields.requiredText('key'), redis: redis(fields.object('server')) }
  fields.warnOfUnknown()
  return decoded
}

function prefix(server: Fields): string {
  const path = server.text('path', '')
  if (/[?#]|:\/\/|[^!-~]/.test(path)) server.fault('path', 'must be a path alone, such as /ws')
  const bare = path.replace(/^\/+|\/+$/g, '')
  return bare === '' ? '' : `/${bare}`
}

function isEventName(name: string, report: Report): name is EventName {
  if (eventNames.some(known => known === name)) return true
  report.warn('events', `names "${name}", which is not known and was ignored`)
  return false
}

/** TLS options of PHP that this server does not support and that would change whom it serves, and what to use instead. */
const unsupported: Readonly<Record<string, string>> = {
  capath: 'name a file of certificates in cafile',
  ciphers: 'a proxy in front of it can have its own',
  crypto_method: 'a proxy in front of it can have its own',
  security_level: 'a proxy in front of it can have its own',
  SNI_server_certs: 'it serves the one certificate of local_cert',
}

/** Unsupported options by which PHP verifies clients. */
const unsupportedForClients: Readonly<Record<string, string>> = {
  allow_self_signed: 'name the certificate itself in cafile',
  peer_name: 'every client with a certificate of cafile is accepted',
  verify_depth: 'every client with a certificate of cafile is accepted',
}

/** Decodes the TLS options. Others that PHP has change neither whom the server serves nor how securely, and are ignored. */
function tls(options: Fields, report: Report): Tls | null {
  const certFile = options.optionalText('local_cert')
  if (certFile === undefined || certFile === '') {
    report.fault(options.at('local_cert'), 'is missing: without a certificate there is no TLS')
    return null
  }
  const decoded = {
    certFile,
    keyFile: options.text('local_pk', certFile),
    passphrase: options.optionalText('passphrase') ?? null,
    caFile: options.optionalText('cafile') ?? null,
    verifyClients: options.boolean('verify_peer', false),
  }
  const ignored = decoded.verifyClients ? { ...unsupported, ...unsupportedForClients } : unsupported
  for (const [key, advice] of Object.entries(ignored))
    if (options.has(key)) options.warn(key, `is not honoured by this server and was ignored: ${advice}`)
  // If it were ignored, more clients would be trusted than configured.
  if (decoded.verifyClients && options.has('peer_fingerprint'))
    options.fault(
      'peer_fingerprint',
      'cannot be verified by this server: name the certificates of clients, or their CA, in cafile',
    )
  return decoded
}
