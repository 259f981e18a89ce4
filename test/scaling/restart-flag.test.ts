/** `reverb:restart` reaches a server that runs without Artisan, through the Redis of Laravel's cache. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import Redis from 'ioredis'
import { Command, document } from '../support/command.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

const key = 'app_cache_laravel:reverb:restart'

setDefaultTimeout(180_000)

test.skipIf(cannotRun('restart-flag', withoutRedis))(
  'a changed restart flag stops the server with 0, also after an outage of Redis',
  async () => {
    await using redis = await startRedis()
    await using server = await Command.started(document({ restart: { key, server: redis.address } }))
    const client = await server.connect()
    await redis.stop()
    const warned = () => server.output.some(line => line.includes('The restart flag cannot be read'))
    await until('the outage is logged', warned)
    await redis.start()
    const laravel = new Redis(redis.address)
    let hasEnded = false
    const ended = server.ended().finally(() => {
      hasEnded = true
    })
    let time = 0
    const raise = async () => {
      await laravel.set(key, ++time)
      return hasEnded
    }
    await until('the server has ended', raise)
    laravel.disconnect()
    expect((await client.closed).code).toBe(1001)
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
    expect((await ended).messages.slice(-3)).toEqual([
      'A restart was requested by reverb:restart: this server stops, for its process manager to start it again',
      'Stopping',
      'Stopped',
    ])
  },
)
