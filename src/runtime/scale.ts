/** Makes a server a node of a cluster over Redis. */
import type { RedisAddress } from '../cluster/redis-address.ts'
import type { Scaling } from '../config/config.ts'
import { placeOf } from '../config/places.ts'
import { authority } from '../server/address.ts'
import { slowMs } from '../server/connection.ts'
import type { Counters, Membership } from '../server/membership.ts'
import type { Log } from './log.ts'

/** How long clients of a new server wait at most, until it is connected to Redis. */
const longestConnectMs = 1000
/** How long they wait at most after that, while it receives the state of the other nodes. */
const longestSyncMs = 300

const disconnected =
  'Not connected to Redis: this server exchanges no events with the other servers, and goes on trying. ' +
  `Check Redis, the network, and ${placeOf('scaling.server')} in config/reverb.php`
const slow =
  `Redis is slow: what this server published ${slowMs / 1000} s ago has not come back. ` +
  'Check Redis (redis-cli --latency, SLOWLOG GET, INFO clients) and the network. Events wait in the memory of this server, up to 16 MiB'
const loss =
  'Messages between the servers were ignored (forged, unsupported, malformed, replayed) or dropped, in so many cases since the start. ' +
  'See "Messages that are ignored or dropped" in docs/scaling.md'

/** Resolves also where Redis cannot be reached: the server serves its own clients, and joins the others later. */
export async function scale(membership: Membership, scaling: Scaling<RedisAddress>, log: Log): Promise<void> {
  const { channel, key, redis: address } = scaling
  // Loading the client takes as long as all the rest of the start.
  const { redisBackplane } = await import('../cluster/redis.ts')
  const connected = Promise.withResolvers<void>()
  await membership.join({
    // With the channel in it, a message that was copied from another channel of the same application has a wrong signature.
    key: `${key}\n${channel}`,
    handOver: undefined,
    connect: async listener =>
      redisBackplane({ address, channel, listener, random: Math.random, sleep: Bun.sleep, defer: setImmediate }),
    onConnection(isConnected, reason) {
      if (isConnected) connected.resolve()
      if (isConnected) log.info('Connected to Redis: events are exchanged with the other servers', undefined, 'redis-connected')
      else log.warn(disconnected, { reason }, 'redis-away')
    },
    onPace(isSlow, pace) {
      if (isSlow) log.warn(slow, { redis: addressesOf(address), ...pace }, 'redis-slow')
      else log.info('Redis keeps up again: events reach the other servers within a second', undefined, 'redis-keeps-up')
    },
    onLoss: counters => logLoss(log, counters),
  })
  await Promise.race([connected.promise, Bun.sleep(longestConnectMs)])
  await membership.waitUntilSynced(longestSyncMs, Bun.sleep)
}

/** The addresses that are configured; Redis Cluster and Sentinel may name others. */
function addressesOf({ hosts }: RedisAddress): string {
  return hosts.map(({ host, port }) => authority(host, port)).join(', ')
}

/** Where messages were replayed only, nothing is lost: after an outage nodes send some of them again. */
export function logLoss(log: Log, counters: Counters): void {
  const level = counters.forged + counters.unsupported + counters.malformed + counters.dropped > 0 ? 'warn' : 'info'
  log[level](loss, { ...counters }, 'cluster-loss')
}
