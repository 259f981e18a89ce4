/** A client for a single Redis, for one behind Sentinel and for Redis Cluster. */
import { type ClusterNode, type ClusterOptions, default as Redis, type RedisOptions } from 'ioredis'
import type { Defer } from './backplane.ts'
import type { RedisAddress, RedisTls } from './redis-address.ts'
import { readInTurns } from './redis-protocol.ts'
import { ErrorExplainer, forwardErrors, sentinelConnector } from './redis-reason.ts'

export type RedisClient = Redis | InstanceType<typeof Redis.Cluster>

const maxRetryMs = 5000
/** The time for a server of a cluster to connect and to name the others, before the next one is asked: TLS on a busy machine takes seconds. */
const maxSlotsMs = 5000

/** A client that tries for ever to connect. Until it is connected, commands fail at once. Its errors name the cause and what to do. */
export function newRedisClient(address: RedisAddress, random: () => number, defer: Defer): RedisClient {
  const explainer = new ErrorExplainer()
  const client = connect(address, random, defer, explainer)
  if (!('nodes' in client)) readInTurns(client, defer)
  client.on('error', (error: Error) => {
    // Listeners that are added later get the explained message.
    error.message = explainer.explain(error)
    // Where no sentinel can be reached, ioredis does not emit that the connection is closed.
    if (address.kind === 'sentinels' && client.status === 'connecting') queueMicrotask(() => client.emit('close'))
  })
  return client
}

function connect(address: RedisAddress, random: () => number, defer: Defer, explainer: ErrorExplainer): RedisClient {
  const onError = (error: Error) => explainer.record(error)
  const retry = (times: number) => Math.min(maxRetryMs, 50 * 2 ** Math.min(times, 8)) * (0.5 + random() / 2)
  const tls = address.tls && tlsOptions(address.tls)
  const common: RedisOptions = {
    username: address.username ?? undefined,
    password: address.password ?? undefined,
    db: address.database,
    connectTimeout: address.connectTimeoutMs,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    autoResubscribe: false,
    // A command that is unanswered when the connection ends fails: the caller sends it again where it has to be.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retry,
    ...(tls ? { tls } : {}),
  } as RedisOptions
  const hosts = [...address.hosts]
  if (address.kind === 'cluster') {
    // A certificate is for a name: ioredis would replace it by an address.
    const names: ClusterOptions = tls ? { dnsLookup: (name, done) => done(null, name) } : {}
    const clusterOptions: ClusterOptions = {
      clusterRetryStrategy: retry,
      enableOfflineQueue: false,
      slotsRefreshTimeout: Math.min(address.connectTimeoutMs, maxSlotsMs),
      redisOptions: common,
      ...names,
    }
    return new Redis.Cluster(hosts as ClusterNode[], clusterOptions).on('+node', (node: Redis) => {
      forwardErrors(node, onError)
      readInTurns(node, defer)
    })
  }
  if (address.kind === 'sentinels') {
    return new Redis({
      ...common,
      sentinels: hosts,
      name: address.masterName,
      Connector: sentinelConnector(onError),
      sentinelRetryStrategy: retry,
      // Without a timeout, `disconnect` would wait for a sentinel that does not answer.
      sentinelCommandTimeout: address.connectTimeoutMs,
      // With `tls` alone, connections to the sentinels and to the server would be in plain text.
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
