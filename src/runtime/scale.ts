/** Several servers, one cluster, over Redis. */
import type { Scaling } from '../config/config.ts'
import type { RunningServer } from '../server/server.ts'
import type { Log } from './log.ts'

/** Whether Redis is there or not, this server serves its own clients. */
export async function scale({ membership }: Pick<RunningServer, 'membership'>, scaling: Scaling, log: Log): Promise<void> {
  const { channel, key, redis: address } = scaling
  // Loading the client takes as long as all the rest of the start.
  const { redisBackplane } = await import('../cluster/redis.ts')
  await membership.join({
    key,
    open: async listener => redisBackplane({ address, channel, listener, random: Math.random, sleep: Bun.sleep }),
    onState: (isUp, reason) =>
      isUp
        ? log.info('Connected with the other servers over Redis')
        : log.warn('Redis is away: this server hears nothing of the others', { reason }),
  })
}
