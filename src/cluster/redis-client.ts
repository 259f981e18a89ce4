/** A client for whatever kind of Redis there is. */
import { type ClusterNode, type ClusterOptions, default as Redis, type RedisOptions } from 'ioredis'
import type { RedisAddress, RedisTls } from './redis-address.ts'

export type RedisClient = Redis | InstanceType<typeof Redis.Cluster>

const longestRetryMs = 5000

/** A command fails at once where the connection is not there; the connection is tried for ever. */
export function newRedisClient(address: RedisAddress, random: () => number): RedisClient {
  const retry = (times: number) => Math.min(longestRetryMs, 50 * 2 ** Math.min(times, 8)) * (0.5 + random() / 2)
  const tls = address.tls && tlsOptions(address.tls)
  const common: RedisOptions = {
    username: address.username ?? undefined,
    password: address.password ?? undefined,
    db: address.database,
    connectTimeout: address.connectTimeoutMs,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    autoResubscribe: false,
    // Whoever says something says it again where it has to be.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    retryStrategy: retry,
    ...(tls ? { tls } : {}),
  } as RedisOptions
  const hosts = [...address.hosts]
  if (address.kind === 'cluster') {
    // A certificate is for a name, which must not become an address on the way.
    const names: ClusterOptions = tls ? { dnsLookup: (name, done) => done(null, name) } : {}
    const clusterOptions: ClusterOptions = {
      clusterRetryStrategy: retry,
      enableOfflineQueue: false,
      redisOptions: common,
      ...names,
    }
    return new Redis.Cluster(hosts as ClusterNode[], clusterOptions)
  }
  if (address.kind === 'sentinels') {
    return new Redis({
      ...common,
      sentinels: hosts,
      name: address.masterName,
      sentinelRetryStrategy: retry,
      // `tls` alone would leave both in plain text.
      ...(tls ? { sentinelTLS: tls, enableTLSForSentinelMode: true } : {}),
      ...(address.sentinelPassword === null ? {} : { sentinelPassword: address.sentinelPassword }),
    })
  }
  return new Redis({ ...common, ...hosts[0] })
}

function tlsOptions({ ca, identity, verifiesPeer, verifiesName, name }: RedisTls): NonNullable<RedisOptions['tls']> {
  return {
    ...(ca === null ? {} : { ca }),
    ...(identity === null ? {} : { cert: identity.cert, key: identity.key }),
    ...(identity?.passphrase ? { passphrase: identity.passphrase } : {}),
    rejectUnauthorized: verifiesPeer,
    ...(verifiesName ? {} : { checkServerIdentity: () => undefined }),
    ...(name === null ? {} : { servername: name }),
  }
}
