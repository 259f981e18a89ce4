/**
 * Starts a Redis for a test, which the test can stop, kill and suspend: in a container where a Docker engine has or pulls the image, and
 * as a process otherwise. Where REVURB_TEST_REDIS_IMAGE names an image, only a container is used.
 */

import { freePort } from '../../support/ports.ts'
import { type Redis, RedisProcess, withoutRedisServer } from '../../support/redis-process.ts'
import { RedisContainer, reasonAgainstContainers } from './container.ts'

const configuredImage = process.env.REVURB_TEST_REDIS_IMAGE
const image = configuredImage ?? 'redis:7-alpine'
const reason = await reasonAgainstContainers(image)
const isInContainers = reason === undefined
// With another Redis, the tests would not test the image that was configured.
if (configuredImage !== undefined && !isInContainers) throw new Error(`REVURB_TEST_REDIS_IMAGE: ${reason}`)

/** Why no Redis can be started here; false where one can. */
export const withoutRedis: string | false = !isInContainers && withoutRedisServer

if (!withoutRedis)
  console.log(isInContainers ? `Redis: ${image}, in containers` : `Redis: redis-server, as a process (${reason})`)

export async function startRedis(): Promise<Redis> {
  const port = await freePort()
  const redis = isInContainers ? new RedisContainer(image, port) : new RedisProcess({ port })
  await redis.start()
  return redis
}
