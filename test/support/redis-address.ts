import type { RedisAddress } from '../../src/cluster/redis-address.ts'
import type { Address } from './redis-ping.ts'

/** The address of a single Redis without a password, with what a test changes. */
export function redisAddress({ host, port }: Address, changes: Partial<RedisAddress> = {}): RedisAddress {
  return {
    kind: 'single',
    hosts: [{ host, port }],
    masterName: '',
    username: null,
    password: null,
    sentinelPassword: null,
    database: 0,
    tls: null,
    connectTimeoutMs: 5000,
    ...changes,
  }
}
