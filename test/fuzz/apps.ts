/** The two apps under test. All data of an app holds its mark, which the other app may never receive. */
import type { Random } from '../support/random.ts'

export type FuzzApp = { readonly id: string; readonly key: string; readonly secret: string; readonly mark: string }

export function twoApps(random: Random): readonly [FuzzApp, FuzzApp] {
  const word = () => random.bytes(8).toString('hex')
  const app = (id: string) => ({ id, key: `key-${word()}`, secret: `secret-${word()}`, mark: `mark-${word()}` })
  return [app('1001'), app('1002')]
}

/** A configuration with short times to live, so that cached events and idempotency keys expire many times in a run. */
export function documentFor(apps: readonly FuzzApp[]): object {
  return {
    version: 1,
    server: {
      host: '127.0.0.1',
      port: 0,
      drain_seconds: 1,
      max_request_size: 20_000,
      max_queued_bytes: 65_536,
      idempotency_seconds: 2,
    },
    apps: apps.map(({ id, key, secret }, i) => ({
      app_id: id,
      key,
      secret,
      accept_client_events_from: 'members',
      subscription_count: true,
      cache: { ttl: 2, max_channels: 50, max_bytes: 500_000 },
      limits: i === 0 ? {} : { channels_per_socket: 8, presence_members: 4, watchlist_users: 3 },
    })),
  }
}

/** The same names in both apps: what one of them does there is none of the other's business. */
export const channelNames = [
  'news',
  'cache-news',
  'private-a',
  'private-cache-a',
  'private-encrypted-a',
  'private-encrypted-cache-a',
  'presence-a',
  'presence-b',
  'presence-cache-a',
  '#server-to-user-u1',
  '#server-to-user-u2',
  'orders/7 ü?#%2F',
  'presence-a/b',
  '\ud800',
]

export const userIds = ['u1', 'u2', 'u3', 'ü/4', '5']
