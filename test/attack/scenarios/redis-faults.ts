/** What can become of Redis while servers publish over it. */

import type { SlowLink } from '../../support/slow-link.ts'
import type { OperatedRedis } from './redis.ts'

type Around = { readonly redis: OperatedRedis; readonly link: SlowLink | undefined }

export type RedisFault = {
  readonly id: string
  readonly title: string
  /** The publishing server reaches Redis by a link that can be limited. */
  readonly hasLink?: true
  /** What begins the fault. `seconds`: how long it is to last. */
  readonly begin: (around: Around, seconds: number) => Promise<unknown>
  readonly end: (around: Around) => Promise<unknown>
  /** Redis goes on delivering, so that the server has no reason to be degraded. */
  readonly delivers?: true
}

const slowBytesPerSecond = 1_000_000

const permissions = ['publish', 'subscribe']

export const redisFaults: readonly RedisFault[] = [
  {
    id: 'redis-refused',
    title: 'refused: the process has ended, the port is closed',
    begin: ({ redis }) => redis.server.kill(),
    end: ({ redis }) => redis.server.start(),
  },
  {
    id: 'redis-hung',
    title: 'hung: SIGSTOP',
    begin: ({ redis }) => redis.server.pause(),
    end: ({ redis }) => redis.server.resume(),
  },
  {
    id: 'redis-paused',
    title: 'paused: `CLIENT PAUSE`',
    begin: ({ redis }, seconds) => redis.call('CLIENT', 'PAUSE', String(Math.round(seconds * 1000)), 'ALL'),
    // It ends by itself: `CLIENT UNPAUSE` would wait for it too.
    end: async () => {},
  },
  {
    id: 'redis-slow',
    title: 'slow: a link of 1 MB/s to the publishing server',
    hasLink: true,
    begin: async ({ link }) => {
      link!.bytesPerSecond = slowBytesPerSecond
    },
    end: async ({ link }) => {
      link!.bytesPerSecond = Number.POSITIVE_INFINITY
    },
  },
  {
    id: 'redis-memory',
    title: 'out of memory: `maxmemory` 1 MB, `maxmemory-clients` 1 MB',
    begin: ({ redis }) => redis.call('CONFIG', 'SET', 'maxmemory', '1mb', 'maxmemory-clients', '1mb'),
    end: ({ redis }) => redis.call('CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-clients', '0'),
    delivers: true,
  },
  {
    id: 'redis-permission',
    title: 'permission taken away: `ACL SETUSER`',
    begin: ({ redis }) => redis.call('ACL', 'SETUSER', 'default', ...permissions.map(command => `-${command}`), 'resetchannels'),
    end: ({ redis }) => redis.call('ACL', 'SETUSER', 'default', ...permissions.map(command => `+${command}`), 'allchannels'),
  },
]
