/**
 * Where no Docker engine answers, one of the test's own shows that the tests do with Redis in containers what they do with
 * processes. Nothing is pulled: the image is a stand-in with this machine's Redis.
 */
import { describe, expect, test } from 'bun:test'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Docker, withoutDocker } from '../deploy/support/docker.ts'
import { lacks } from '../deploy/support/lacks.ts'
import { outcome } from '../deploy/support/run.ts'
import { withoutRedisServer } from './support/process.ts'
import { isInContainers } from './support/redis.ts'

const image = 'revurb-test/redis'
const leftOut = lacks(
  'Redis in a Docker engine of its own',
  isInContainers && 'the other tests have it in containers',
  withoutRedisServer,
  withoutDocker,
)

describe.skipIf(leftOut)('Redis in a container', () => {
  test('is stopped and started, and falls asleep and wakes up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'revurb-docker-'))
    const docker = await Docker.started(folder)
    try {
      const redis = realpathSync(Bun.which('redis-server')!)
      await docker.standIn(image, { [redis]: '/usr/bin/redis-server' }, {}, 'ENV PATH=/usr/bin')
      const env = {
        PATH: process.env.PATH ?? '',
        DOCKER_HOST: `unix://${folder}/docker.sock`,
        TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1',
        REVURB_TEST_REDIS_IMAGE: image,
      }
      const tests = [join(import.meta.dir, 'faults.test.ts'), '--test-name-pattern', 'while Redis']
      const { code, output } = await outcome([process.execPath, 'test', ...tests], { env })
      expect(output).toContain(`Redis: ${image}, in containers`)
      expect(output).toContain('\n 2 pass\n')
      expect(code).toBe(0)
    } finally {
      await docker.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }, 120_000)
})
