/** A `server` of the document → RedisAddress. */
import type { RedisAddress } from '../cluster/redis-address.ts'
import type { Fields } from './decode.ts'

export function redis(fields: Fields): RedisAddress {
  const sentinels = hosts(fields, 'sentinels')
  const cluster = hosts(fields, 'cluster')
  const single = { host: fields.text('host', '127.0.0.1'), port: fields.integer('port', 6379, { min: 1, max: 65_535 }) }
  const decoded: RedisAddress = {
    kind: sentinels.length > 0 ? 'sentinels' : cluster.length > 0 ? 'cluster' : 'single',
    hosts: sentinels.length > 0 ? sentinels : cluster.length > 0 ? cluster : [single],
    masterName: fields.text('master', 'mymaster'),
    username: fields.optionalText('username') || null,
    password: fields.optionalText('password') || null,
    sentinelPassword: fields.optionalText('sentinel_password') || null,
    database: fields.integer('database', 0, { min: 0 }),
    tls: fields.boolean('tls', false),
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
