import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Refusal } from '../../src/protocol/refusal.ts'
import { jsonLog } from '../../src/runtime/log.ts'
import { logRefusal } from '../../src/runtime/refusals.ts'
import type { RefusalReport } from '../../src/server/refusals.ts'
import { testApp } from '../support/apps.ts'

const apps = [testApp(), testApp({ id: '1002', key: 'other-key', secret: 'other-secret' })]

type Line = { level: string; code: string; message: string; context: Record<string, unknown> }

function logged(report: Partial<RefusalReport> & Pick<RefusalReport, 'refusal'>, served = apps): Line {
  const written: Line[] = []
  const log = jsonLog(
    line => void written.push(JSON.parse(line)),
    () => new Date(0),
    false,
  )
  logRefusal({ appId: '1001', count: 1, seconds: 0, about: '', ...report }, served, log)
  expect(written).toHaveLength(1)
  return written[0]!
}

/** Where the line of each kind sends its reader. */
const places: Record<Refusal, string> = {
  'bad-handshake': 'docs/proxies.md',
  'unknown-key': 'apps.apps.0.key (REVERB_APP_KEY), VITE_REVERB_APP_KEY of the browsers',
  'apps-unreachable': 'apps.provider',
  'app-disabled': 'apps.apps.0.enabled',
  'protocol-version': 'apps.apps.0.check_protocol (REVURB_CHECK_PROTOCOL)',
  'origin-not-allowed': 'apps.apps.0.allowed_origins',
  'max-connections': 'apps.apps.0.max_connections (REVERB_APP_MAX_CONNECTIONS)',
  'over-capacity': 'ulimit -n',
  'idle-connection': 'ulimit -n',
  'message-too-large': 'apps.apps.0.max_message_size (REVERB_APP_MAX_MESSAGE_SIZE)',
  'message-flood':
    'servers.reverb.revurb.max_messages_per_second (REVURB_MAX_MESSAGES_PER_SECOND), servers.reverb.revurb.max_bytes_per_second (REVURB_MAX_BYTES_PER_SECOND)',
  'slow-client': 'servers.reverb.revurb.max_queued_bytes (REVURB_MAX_QUEUED_BYTES)',
  'queued-total': 'servers.reverb.revurb.max_total_queued_bytes (REVURB_MAX_TOTAL_QUEUED_BYTES)',
  'connection-pruned': 'apps.apps.0.ping_interval (REVERB_APP_PING_INTERVAL)',
  'message-rate': 'apps.apps.0.rate_limiting.max_attempts (REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS)',
  'message-invalid': '--debug',
  'subscription-signature': 'apps.apps.0.secret (REVERB_APP_SECRET)',
  'subscription-name': 'apps.apps.0.limits.channel_name_length',
  'subscription-data': 'routes/channels.php',
  'subscription-limit': 'apps.apps.0.limits.presence_members (REVURB_PRESENCE_MEMBERS)',
  'subscription-repeat': 'subscribe() and unsubscribe()',
  'connection-state': 'unsubscribe() or leave()',
  'signin-signature': 'apps.apps.0.secret (REVERB_APP_SECRET)',
  'signin-data': 'authenticateUser()',
  'signin-other-user': 'pusher.signin()',
  'watchlist-too-long': 'apps.apps.0.limits.watchlist_users',
  'client-events-off': 'apps.apps.0.accept_client_events_from (REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM)',
  'client-event-not-subscribed': 'apps.apps.0.accept_client_events_from (REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM)',
  'client-event-user-channel': 'whisper()',
  'client-event-name': 'apps.apps.0.limits.event_name_length',
  'client-event-rate': 'apps.apps.0.limits.client_events_per_second (REVURB_CLIENT_EVENTS_PER_SECOND)',
  'request-host': 'the proxy between',
  'request-path': 'servers.reverb.path (REVERB_SERVER_PATH, --path)',
  'request-method': 'the client that sends them',
  'request-too-large': 'servers.reverb.max_request_size (REVERB_MAX_REQUEST_SIZE)',
  'request-bodies': 'docs/limits.md',
  'request-incomplete': 'the client that sends them',
  'request-unknown-app': 'apps.apps.0.app_id (REVERB_APP_ID)',
  'request-apps-unreachable': 'apps.provider',
  'request-app-disabled': 'apps.apps.0.enabled',
  'request-signature': 'apps.apps.0.secret (REVERB_APP_SECRET)',
  'request-timestamp': 'servers.reverb.revurb.timestamp_tolerance (REVURB_TIMESTAMP_TOLERANCE)',
  'request-rate': 'apps.apps.0.request_rate_limiting',
  'request-idempotency-key': 'the client that sends them',
  'request-not-json': 'the client that sends them',
  'request-invalid': 'broadcastOn()',
  'request-limit': 'apps.apps.0.limits',
  'request-channel': 'the client that sends them',
  'cached-event-dropped': 'apps.apps.0.cache.max_bytes',
  'idempotency-key-dropped': 'servers.reverb.revurb.idempotency_seconds (REVURB_IDEMPOTENCY_SECONDS)',
}

test.each(Object.entries(places) as [Refusal, string][])(
  'the line of %s has that code and names the place to look: %s',
  (refusal, place) => {
    const { level, code, message } = logged({ refusal })
    expect(['info', 'warn']).toContain(level)
    expect(code).toBe(refusal)
    expect(message).toContain('. See ')
    expect(message).toContain(place)
    expect(message).not.toContain('*')
    expect(message).not.toContain('apps.apps.provider')
  },
)

test('docs/monitoring.md lists every kind with the text of its line, and no other', () => {
  const section = readFileSync(join(import.meta.dir, '../../docs/monitoring.md'), 'utf8')
    .split('\n## Log codes\n')[1]!
    .split('\n## ')[0]!
  const rows = [...section.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)].map(([, code, text]) => [code, text!.toLowerCase()])
  const said = (Object.keys(places) as Refusal[]).map(refusal => [
    refusal,
    logged({ refusal }).message.split('. See ')[0]!.toLowerCase(),
  ])
  expect(rows).toEqual(said)
})

describe('the log line of a refusal', () => {
  test('has the count, the seconds since the last one, the app and one example', () => {
    expect(logged({ refusal: 'origin-not-allowed', about: 'https://evil.example' }).context).toEqual({
      app: '1001',
      count: 1,
      origin: 'https://evil.example',
    })
    expect(logged({ refusal: 'origin-not-allowed', count: 57, seconds: 60 }).context).toEqual({
      app: '1001',
      count: 57,
      seconds: 60,
    })
    expect(logged({ refusal: 'unknown-key', appId: undefined, about: 'k' }).context).toEqual({ count: 1, key: 'k' })
  })

  test('names the settings of the app in question, or of the first app where there is none', () => {
    expect(logged({ refusal: 'origin-not-allowed', appId: '1002' }).message).toContain('apps.apps.1.allowed_origins')
    for (const appId of [undefined, 'gone'])
      expect(logged({ refusal: 'unknown-key', appId }).message).toContain('apps.apps.0.key (REVERB_APP_KEY)')
  })

  test('has text of clients escaped and cut', () => {
    const { key } = logged({ refusal: 'unknown-key', about: `\x1b[2J\u202e${'x'.repeat(300)}` }).context
    expect(key).toStartWith('\\x1b[2J\\u{202e}xxx')
    expect(key).toEndWith('… (305 characters)')
  })

  test('never shows the secret of an app, wherever a client has put it', () => {
    expect(logged({ refusal: 'unknown-key', about: 'other-secret' }).context.key).toBe('(holds the secret of an app)')
    expect(logged({ refusal: 'request-path', about: 'POST /app-secret: 404' }).context.request).toBe(
      '(holds the secret of an app)',
    )
    expect(logged({ refusal: 'unknown-key', about: 'k' }, [testApp({ secret: '' })]).context.key).toBe('k')
  })
})
