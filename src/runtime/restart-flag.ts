/** The flag that `reverb:restart` writes to Laravel's cache, watched by a server that runs without Artisan. */
import type { RedisAddress } from '../cluster/redis-address.ts'
import type { RestartFlag } from '../config/config.ts'
import type { Log } from './log.ts'

type Sleep = (ms: number) => Promise<unknown>

/** Resolves with null where there is no flag, and rejects where the cache cannot be read. */
export type FlagReader = () => Promise<string | null>

const intervalMs = 5000
const answerMs = 5000

const unreadable = 'The restart flag cannot be read from Redis, so that reverb:restart does not reach this server. Check Redis'

/** Resolves once the flag appears or changes. One that is deleted requests no restart: that is what clearing a cache does. */
export async function restartRequest(read: FlagReader, log: Pick<Log, 'warn'>, sleep: Sleep): Promise<void> {
  let known: string | null | undefined
  let hasFailed = false
  for (;;) {
    try {
      const flag = await read()
      if (known !== undefined && flag !== null && flag !== known) return
      known = flag ?? known ?? null
      hasFailed = false
    } catch (error) {
      if (!hasFailed) log.warn(unreadable, { reason: (error as Error).message }, 'restart-flag-unreadable')
      hasFailed = true
    }
    await sleep(intervalMs)
  }
}

/** Reads the raw bytes, whatever Laravel's serialisation is: only a change of them matters. */
export async function redisFlag({ key, redis }: RestartFlag<RedisAddress>, sleep: Sleep): Promise<FlagReader> {
  // Loading the client takes as long as all the rest of the start.
  const { newRedisClient } = await import('../cluster/redis-client.ts')
  const client = newRedisClient(redis, Math.random, setImmediate)
  let ready = Promise.withResolvers<void>()
  let reason = 'Redis does not answer'
  client.on('error', (error: Error) => {
    reason = error.message || reason
  })
  client.on('ready', () => ready.resolve())
  client.on('close', () => {
    ready = Promise.withResolvers()
  })
  return async () => {
    const timeout = sleep(answerMs).then(() => Promise.reject(new Error(reason)))
    try {
      return await Promise.race([ready.promise.then(() => client.get(key)), timeout])
    } catch (error) {
      // A connection that looks open but does not answer is opened anew.
      if (client.status === 'ready') client.disconnect(true)
      throw error
    }
  }
}
