/** Several servers, one cluster, over Redis. */
import type { RedisAddress } from '../cluster/redis-address.ts'
import type { Scaling } from '../config/config.ts'
import { authority } from '../server/address.ts'
import { type Counters, type Membership, slowMs } from '../server/membership.ts'
import type { Log } from './log.ts'

/** So long nobody is let in, for this server to hear of the others first. */
const longestConnectingMs = 1000
const longestMeetingMs = 300

const slow =
  `Redis is slow: what this server sent to the others ${slowMs / 1000} s ago has not come back. ` +
  "Look at Redis (redis-cli --latency, SLOWLOG GET, INFO clients) and at the network between. Events wait in this server's memory meanwhile, up to 16 MiB"

/** Whether Redis is there or not, this server serves its own clients. */
export async function scale(membership: Membership, scaling: Scaling<RedisAddress>, log: Log): Promise<void> {
  const { channel, key, redis: address } = scaling
  // Loading the client takes as long as all the rest of the start.
  const { redisBackplane } = await import('../cluster/redis.ts')
  const up = Promise.withResolvers<void>()
  await membership.join({
    // What was said on another channel is not meant for this one, whoever carries it over.
    key: `${key}\n${channel}`,
    handOver: undefined,
    open: async listener =>
      redisBackplane({ address, channel, listener, random: Math.random, sleep: Bun.sleep, defer: setImmediate }),
    onState(isUp, reason) {
      if (isUp) up.resolve()
      if (isUp) log.info('Connected with the other servers over Redis', undefined, 'redis-connected')
      else log.warn('Redis is away: this server hears nothing of the others', { reason }, 'redis-away')
    },
    onPace(isSlow, pace) {
      if (isSlow) log.warn(slow, { redis: placeOf(address), ...pace }, 'redis-slow')
      else log.info('Redis keeps up again: events reach the other servers within a second', undefined, 'redis-keeps-up')
    },
    onLoss: counters => reportLoss(log, counters),
  })
  await Promise.race([up.promise, Bun.sleep(longestConnectingMs)])
  await membership.settled(longestMeetingMs, Bun.sleep)
}

/** In a cluster and between sentinels, those that are configured. */
function placeOf({ hosts }: RedisAddress): string {
  return hosts.map(({ host, port }) => authority(host, port)).join(', ')
}

export function reportLoss(log: Log, counters: Counters): void {
  // What is said again after an outage reaches some a second time.
  const level = counters.forged + counters.malformed + counters.dropped > 0 ? 'warn' : 'info'
  log[level]('Some of what was said between the servers was ignored or lost', { ...counters }, 'cluster-loss')
}
