/** A client for whatever kind of Redis there is. */
import { type ClusterNode, type ClusterOptions, default as Redis, type RedisOptions } from 'ioredis'
import type { RedisAddress, RedisTls } from './redis-address.ts'
import { type Defer, readInTurns } from './redis-protocol.ts'
import { Reasons, sentinelsThatTell, tellOf } from './redis-reason.ts'

export type RedisClient = Redis | InstanceType<typeof Redis.Cluster>

const longestRetryMs = 5000
/** In which a server of a cluster has to connect and name the others before the next one is asked: TLS on a busy machine takes seconds. */
const longestSlotsMs = 5000

/**
 * A command fails at once where the connection is not there; the connection is tried for ever. Its errors say what to do.
 *
 * @param defer runs a function soon, in another turn of the event loop
 */
export function newRedisClient(address: RedisAddress, random: () => number, defer: Defer): RedisClient {
  const reasons = new Reasons()
  const client = connect(address, random, defer, reasons)
  if (!('nodes' in client)) readInTurns(client, defer)
  client.on('error', (error: Error) => {
    // Whoever listens after this finds it said.
    error.message = reasons.of(error)
    // Where no sentinel could be asked, ioredis would not say that there is no connection.
    if (address.kind === 'sentinels' && client.status === 'connecting') queueMicrotask(() => client.emit('close'))
  })
  return client
}

function connect(address: RedisAddress, random: () => number, defer: Defer, reasons: Reasons): RedisClient {
  const note = (error: Error) => reasons.note(error)
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
    // What is under way when the connection breaks fails with it: whoever says something says it again where it has to be.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
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
      slotsRefreshTimeout: Math.min(address.connectTimeoutMs, longestSlotsMs),
      redisOptions: common,
      ...names,
    }
    return new Redis.Cluster(hosts as ClusterNode[], clusterOptions).on('+node', (node: Redis) => {
      tellOf(node, note)
      readInTurns(node, defer)
    })
  }
  if (address.kind === 'sentinels') {
    return new Redis({
      ...common,
      sentinels: hosts,
      name: address.masterName,
      Connector: sentinelsThatTell(note),
      sentinelRetryStrategy: retry,
      // A sentinel that does not answer would be waited for even after `disconnect`.
      sentinelCommandTimeout: address.connectTimeoutMs,
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
