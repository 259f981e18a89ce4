/** The flag that `reverb:restart` raises in Laravel's cache, watched by a server that no Artisan watches over. */
import type { RedisAddress } from '../cluster/redis-address.ts'
import type { RestartFlag } from '../config/config.ts'
import type { Log } from './log.ts'

type Sleep = (ms: number) => Promise<unknown>

/** Null: there is none. Rejects where that cannot be known. */
export type FlagReader = () => Promise<string | null>

const intervalMs = 5000
const answerMs = 5000

/** Resolves once the flag appears or changes. That it vanishes is no wish for a restart: caches are cleared. */
export async function flagRaised(read: FlagReader, log: Pick<Log, 'warn'>, sleep: Sleep): Promise<void> {
  let known: string | null | undefined
  let failed = false
  for (;;) {
    try {
      const flag = await read()
      if (known !== undefined && flag !== null && flag !== known) return
      known = flag ?? known ?? null
      failed = false
    } catch (error) {
      if (!failed) log.warn('The restart flag cannot be read', { reason: (error as Error).message }, 'restart-flag-unreadable')
      failed = true
    }
    await sleep(intervalMs)
  }
}

/** The raw bytes, whatever Laravel's serialisation: only that they change counts. */
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
    const late = sleep(answerMs).then(() => Promise.reject(new Error(reason)))
    try {
      return await Promise.race([ready.promise.then(() => client.get(key)), late])
    } catch (error) {
      // Connected by the looks of it, and silent.
      if (client.status === 'ready') client.disconnect(true)
      throw error
    }
  }
}
