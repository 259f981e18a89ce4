/**
 * A Redis of a test's own, and what can happen to it: a container where a Docker engine has or gets the image, else a process;
 * where an image is named, a container or nothing.
 */

import { freePort } from '../../support/ports.ts'
import { type Redis, RedisProcess, withoutRedisServer } from '../../support/redis-process.ts'
import { containersLack, RedisContainer } from './container.ts'

const wanted = process.env.REVURB_TEST_REDIS_IMAGE
const image = wanted ?? 'redis:7-alpine'
const lack = await containersLack(image)
const isInContainers = lack === undefined
// A Redis of another kind would show something else than what was asked for.
if (wanted !== undefined && !isInContainers) throw new Error(`REVURB_TEST_REDIS_IMAGE: ${lack}`)

/** Why there can be none here. */
export const withoutRedis: string | false = !isInContainers && withoutRedisServer

if (!withoutRedis) console.log(isInContainers ? `Redis: ${image}, in containers` : `Redis: redis-server, as a process (${lack})`)

export async function startRedis(): Promise<Redis> {
  const port = await freePort()
  const redis = isInContainers ? new RedisContainer(image, port) : new RedisProcess({ port })
  await redis.start()
  return redis
}
