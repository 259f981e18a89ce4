/** Decodes a `server` of the document → RedisServer. */
import type { RedisServer, RedisTlsFiles } from './config.ts'
import type { Fields } from './decode.ts'

export function redis(fields: Fields): RedisServer {
  const sentinels = hosts(fields, 'sentinels')
  const cluster = hosts(fields, 'cluster')
  const single = { host: fields.text('host', '127.0.0.1'), port: fields.integer('port', 6379, { min: 1, max: 65_535 }) }
  const decoded: RedisServer = {
    kind: sentinels.length > 0 ? 'sentinels' : cluster.length > 0 ? 'cluster' : 'single',
    hosts: sentinels.length > 0 ? sentinels : cluster.length > 0 ? cluster : [single],
    masterName: fields.text('master', 'mymaster'),
    username: fields.optionalText('username') || null,
    password: fields.optionalText('password') || null,
    sentinelPassword: fields.optionalText('sentinel_password') || null,
    database: fields.integer('database', 0, { min: 0 }),
    tls: tls(fields.optionsOf('tls')),
    connectTimeoutMs: fields.integer('timeout', 60, { min: 1 }) * 1000,
  }
  fields.warnOfUnknown()
  return decoded
}

function hosts(fields: Fields, key: string): { host: string; port: number }[] {
  return fields.list(key).map(item => {
    const decoded = { host: item.requiredText('host'), port: item.integer('port', 6379, { min: 1, max: 65_535 }) }
    item.warnOfUnknown()
    return decoded
  })
}

function tls(options: Fields | null): RedisTlsFiles | null {
  if (options === null) return null
  const certFile = options.optionalText('local_cert') || null
  const keyFile = options.optionalText('local_pk') || certFile
  if (certFile === null && keyFile !== null) options.fault('local_cert', 'is missing: it is the certificate of local_pk')
  // If it were ignored, more servers would be trusted than configured.
  if (options.has('peer_fingerprint'))
    options.fault('peer_fingerprint', 'cannot be verified by this server: name the certificate, or its CA, in cafile')
  const decoded = {
    caFile: options.optionalText('cafile') || null,
    certFile,
    keyFile,
    passphrase: options.optionalText('passphrase') ?? null,
    verifiesPeer: options.boolean('verify_peer', true),
    verifiesName: options.boolean('verify_peer_name', true),
    name: options.optionalText('peer_name') || null,
  }
  options.warnOfUnknown()
  return decoded
}
