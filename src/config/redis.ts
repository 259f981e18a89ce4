/** Decodes a `server` of the document → RedisServer. */
import type { RedisServer, RedisTlsFiles } from './config.ts'
import type { Fields } from './decode.ts'
import * as schema from './schema/scaling.ts'
import { settingOf, settingsOf } from './settings.ts'

export function redis(fields: Fields): RedisServer {
  const { host, port, masterName, username, password, sentinelPassword, database, timeoutSeconds } = schema.redis
  const sentinels = hosts(fields, schema.redis.sentinels.name)
  const cluster = hosts(fields, schema.redis.cluster.name)
  const single = settingsOf(fields, { host, port })
  const decoded: RedisServer = {
    kind: sentinels.length > 0 ? 'sentinels' : cluster.length > 0 ? 'cluster' : 'single',
    hosts: sentinels.length > 0 ? sentinels : cluster.length > 0 ? cluster : [single],
    ...settingsOf(fields, { masterName, username, password, sentinelPassword, database }),
    tls: tls(fields.optionsOf(schema.redisOfDocument.tls.name)),
    connectTimeoutMs: settingOf(fields, timeoutSeconds) * 1000,
  }
  fields.warnOfUnknown()
  return decoded
}

function hosts(fields: Fields, key: string): { host: string; port: number }[] {
  const { host, port } = schema.redis
  return fields.list(key).map(item => {
    const decoded = { host: item.requiredText(host.name), port: settingOf(item, port) }
    item.warnOfUnknown()
    return decoded
  })
}

function tls(options: Fields | null): RedisTlsFiles | null {
  if (options === null) return null
  const values = settingsOf(options, schema.redisTls)
  if (values.certFile === null && values.keyFile !== null)
    options.fault(schema.redisTls.certFile.name, 'is missing: it is the certificate of local_pk')
  // If it were ignored, more servers would be trusted than configured.
  if (options.has('peer_fingerprint'))
    options.fault('peer_fingerprint', 'cannot be verified by this server: name the certificate, or its CA, in cafile')
  options.warnOfUnknown()
  return { ...values, keyFile: values.keyFile ?? values.certFile }
}
