/** Decodes the document that the PHP side passes (`docs/bridge.md`) → Config. */
import { decodeApps } from './app.ts'
import { type Config, type EventName, eventNames, type HandOver, type RestartFlag, type Tls } from './config.ts'
import { type Fault, Fields, Report } from './decode.ts'
import { sentence } from './places.ts'
import { publicUrl } from './public-url.ts'
import { redis } from './redis.ts'
import { scaling } from './scaling.ts'
import { document as ofDocument } from './schema/document.ts'
import * as schema from './schema/server.ts'
import { type SettingsOf, settingOf, settingsOf } from './settings.ts'

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

/**
 * Decodes where the server listens, and nothing else: a fault of an app is none of its address.
 *
 * @throws ConfigError with all faults of these keys
 */
export function decodeListening(text: string): Pick<Config, 'host' | 'port' | 'path' | 'tls'> {
  const report = new Report()
  const server = Fields.of(parse(text), '', report).object('server')
  const { host, port } = schema.listening
  const address = { ...settingsOf(server, { host, port }), path: prefix(server), tls: tlsOf(server, report) }
  if (report.faults.length > 0) throw new ConfigError(report.faults)
  return address
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

/** Settings that need no more than their rows. */
const { path: _, hostname: __, ...listening } = schema.listening

function decode(document: Fields, report: Report): Config {
  expectVersion(document.raw(ofDocument.version.name), report)
  const server = document.object('server')
  const path = prefix(server)
  const { debug, events, acknowledgesEvents } = ofDocument
  const config: Config = {
    path,
    ...settingsOf(server, listening),
    ...operation(server),
    tls: tlsOf(server, report),
    ...settingsOf(document, { debug, acknowledgesEvents }),
    handOver: document.has(ofDocument.handOver.name) ? handOver(document.object(ofDocument.handOver.name)) : null,
    events: new Set(settingOf(document, events).filter(name => isEventName(name, report))) as ReadonlySet<EventName>,
    scaling: scaling(document.object('scaling')),
    restart: document.has(ofDocument.restart.name) ? restart(document.object(ofDocument.restart.name)) : null,
    apps: decodeApps(document.raw('apps'), report),
    publicUrls: publicUrls(document.raw('apps'), server.raw(schema.listening.hostname.name), path),
  }
  server.warnOfUnknown()
  document.warnOfUnknown()
  return config
}

function expectVersion(version: unknown, report: Report): void {
  const { name, default: known } = ofDocument.version
  if (version !== known)
    report.fault(
      name,
      `must be ${known}: dist/revurb.js and the package's PHP classes are of different releases. Run composer install, then php artisan reverb:restart`,
    )
}

function operation(server: Fields): SettingsOf<typeof schema.operation> {
  const values = settingsOf(server, schema.operation)
  const { maxQueuedBytes, maxTotalQueuedBytes: total } = values
  if (total < maxQueuedBytes)
    server.warn(
      schema.operation.maxTotalQueuedBytes.name,
      `is ${total}, less than max_queued_bytes (${maxQueuedBytes}): no client may leave more than ${total} bytes waiting`,
    )
  return values
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
  const row = schema.listening.path
  const path = settingOf(server, row)
  if (/[?#]|:\/\/|[^!-~]/.test(path)) server.fault(row.name, 'must be a path alone, such as /ws')
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

function tlsOf(server: Fields, report: Report): Tls | null {
  return server.has('tls') ? tls(server.object('tls'), report) : null
}

/** Decodes the TLS options. Others that PHP has change neither whom the server serves nor how securely, and are ignored. */
function tls(options: Fields, report: Report): Tls | null {
  const { certFile, ...values } = settingsOf(options, schema.tls)
  if (certFile === null) {
    report.fault(options.at(schema.tls.certFile.name), 'is missing: without a certificate there is no TLS')
    return null
  }
  const decoded = { ...values, certFile, keyFile: values.keyFile ?? certFile }
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
