import { describe, expect, test } from 'bun:test'
import { decodeDocument } from '../../src/config/bridge.ts'
import { limitsInForce } from '../../src/runtime/limits.ts'

/** What is logged of a document with these apps. */
const logged = (...apps: object[]) => {
  const document = { version: 1, apps: apps.map((app, i) => ({ app_id: i + 1, key: `key-${i}`, secret: 's', ...app })) }
  return limitsInForce(decodeDocument(JSON.stringify(document)).config)
}
const server =
  'Limits of the server: max_request_size 10000, max_queued_bytes 1048576, max_total_queued_bytes 67108864, max_messages_per_second 2000, max_bytes_per_second 2000000'
const beyond = 'that Reverb does not have (apps.apps.*.limits in config/reverb.php, where 0 lifts one)'

describe('the log of the limits in force', () => {
  test('of stock settings names them by their keys', () => {
    expect(logged({})).toEqual([server, 'Limits of app 1: max_message_size 10000, watchlist_users 100'])
  })

  test('leaves out those that are lifted', () => {
    const server = { max_messages_per_second: 0, max_bytes_per_second: 0 }
    const document = { version: 1, server, apps: [{ app_id: 1, key: 'key', secret: 's' }] }
    expect(limitsInForce(decodeDocument(JSON.stringify(document)).config)[0]).toBe(
      'Limits of the server: max_request_size 10000, max_queued_bytes 1048576, max_total_queued_bytes 67108864',
    )
  })

  test('names every limit that an app can set', () => {
    const rate = { enabled: true, max_attempts: 60, decay_seconds: 60 }
    const app = {
      max_connections: 500,
      rate_limiting: rate,
      request_rate_limiting: { ...rate, decay_seconds: 1 },
      limits: { preset: 'pusher', channels_per_socket: 20, watchlist_users: 0 },
    }
    expect(logged(app)).toEqual([
      server,
      'Limits of app 1: max_connections 500, max_message_size 10000, rate_limiting 60 per 60 s, request_rate_limiting 60 per 1 s',
      `Limits of app 1 ${beyond}: channels_per_event 100, events_per_batch 10, event_name_length 200, event_data_bytes 10240, ` +
        'channel_name_length 200, channels_per_socket 20, presence_members 100, presence_user_info_bytes 1024, ' +
        'client_events_per_second 10, channel_name_charset pusher',
    ])
  })

  test('names the limits of a configuration that was published for an earlier release', () => {
    expect(logged({ limits: { presence_members: 100, event_data_bytes: 0 } }).at(-1)).toBe(
      `Limits of app 1 ${beyond}: presence_members 100`,
    )
  })

  test('has one line for each set of limits, also of many apps', () => {
    const apps = Array.from({ length: 1000 }, (_, i) => (i === 1 ? { max_connections: 0 } : {}))
    expect(logged(...apps).slice(1)).toEqual([
      'Limits of apps 1, 3, 4 and 996 more: max_message_size 10000, watchlist_users 100',
      'Limits of app 2: max_connections 0, max_message_size 10000, watchlist_users 100',
    ])
    expect(logged({}, {}).slice(1)).toEqual(['Limits of apps 1, 2: max_message_size 10000, watchlist_users 100'])
  })
})
