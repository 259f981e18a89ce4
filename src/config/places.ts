/**
 * Where people configure what the document contains: the key in config/reverb.php and, where the published file reads one, the variable of
 * .env and the option of `reverb:start`.
 */
import type { Fault } from './decode.ts'

/** The variables and options by the path in the document. Of several apps, only the first has variables. */
const variables: Readonly<Record<string, string>> = {
  'server.host': 'REVERB_SERVER_HOST, --host',
  'server.port': 'REVERB_SERVER_PORT, --port',
  'server.path': 'REVERB_SERVER_PATH, --path',
  'server.hostname': 'REVERB_HOST, --hostname',
  'server.max_request_size': 'REVERB_MAX_REQUEST_SIZE',
  'server.drain_seconds': 'REVURB_DRAIN_SECONDS',
  'server.timestamp_tolerance': 'REVURB_TIMESTAMP_TOLERANCE',
  'server.max_queued_bytes': 'REVURB_MAX_QUEUED_BYTES',
  'server.max_total_queued_bytes': 'REVURB_MAX_TOTAL_QUEUED_BYTES',
  'server.max_messages_per_second': 'REVURB_MAX_MESSAGES_PER_SECOND',
  'server.max_bytes_per_second': 'REVURB_MAX_BYTES_PER_SECOND',
  'server.idempotency_seconds': 'REVURB_IDEMPOTENCY_SECONDS',
  'scaling.enabled': 'REVERB_SCALING_ENABLED',
  'scaling.channel': 'REVERB_SCALING_CHANNEL',
  'scaling.secret': 'REVURB_SCALING_SECRET',
  'scaling.server.host': 'REDIS_HOST',
  'scaling.server.port': 'REDIS_PORT',
  'scaling.server.username': 'REDIS_USERNAME',
  'scaling.server.password': 'REDIS_PASSWORD',
  'scaling.server.database': 'REDIS_DB',
  'scaling.server.timeout': 'REDIS_TIMEOUT',
  'scaling.server.sentinels': 'REVURB_REDIS_SENTINELS',
  'scaling.server.cluster': 'REVURB_REDIS_CLUSTER',
  'scaling.server.master': 'REVURB_REDIS_MASTER',
  'scaling.server.sentinel_password': 'REVURB_REDIS_SENTINEL_PASSWORD',
  'scaling.server.tls.cafile': 'REVURB_REDIS_CAFILE',
  'scaling.server.tls.local_cert': 'REVURB_REDIS_CERT',
  'scaling.server.tls.local_pk': 'REVURB_REDIS_KEY',
  'scaling.server.tls.passphrase': 'REVURB_REDIS_PASSPHRASE',
  'scaling.server.tls.peer_name': 'REVURB_REDIS_PEER_NAME',
  'scaling.server.tls.verify_peer': 'REVURB_REDIS_VERIFY_PEER',
  'apps.0.app_id': 'REVERB_APP_ID',
  'apps.0.key': 'REVERB_APP_KEY',
  'apps.0.secret': 'REVERB_APP_SECRET',
  'apps.0.check_protocol': 'REVURB_CHECK_PROTOCOL',
  'apps.0.ping_interval': 'REVERB_APP_PING_INTERVAL',
  'apps.0.activity_timeout': 'REVERB_APP_ACTIVITY_TIMEOUT',
  'apps.0.max_connections': 'REVERB_APP_MAX_CONNECTIONS',
  'apps.0.max_message_size': 'REVERB_APP_MAX_MESSAGE_SIZE',
  'apps.0.accept_client_events_from': 'REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM',
  'apps.0.rate_limiting.enabled': 'REVERB_APP_RATE_LIMITING_ENABLED',
  'apps.0.rate_limiting.max_attempts': 'REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS',
  'apps.0.rate_limiting.decay_seconds': 'REVERB_APP_RATE_LIMIT_DECAY_SECONDS',
  'apps.0.rate_limiting.terminate_on_limit': 'REVERB_APP_RATE_LIMIT_TERMINATE',
  'apps.0.subscription_count': 'REVURB_SUBSCRIPTION_COUNT',
  'apps.0.cache.ttl': 'REVURB_CACHE_TTL',
  'apps.0.limits.preset': 'REVURB_LIMITS',
  'apps.0.limits.presence_members': 'REVURB_PRESENCE_MEMBERS',
  'apps.0.limits.client_events_per_second': 'REVURB_CLIENT_EVENTS_PER_SECOND',
}

/** The keys of the document's `server` that Reverb has under the same names; the others are Revurb's own. */
const reverbKeys = /^server\.(host|port|path|hostname|max_request_size)$/

/** The place of a path, such as `servers.reverb.port (REVERB_SERVER_PORT, --port)`. */
export function placeOf(path: string): string {
  const variable = variables[path]
  return variable === undefined ? keyOf(path) : `${keyOf(path)} (${variable})`
}

/** The place of a path for programs: the key, and the variable where there is one. */
export function fieldsOf(path: string): { readonly key?: string; readonly variable?: string } {
  if (path === '') return {}
  const variable = variables[path]?.split(',')[0]
  return variable === undefined ? { key: keyOf(path) } : { key: keyOf(path), variable }
}

/** A fault or a warning as a sentence for people. */
export function sentence({ path, message }: Fault): string {
  return path === '' ? message : `${placeOf(path)} ${message}`
}

function keyOf(path: string): string {
  if (/^apps\b/.test(path)) return `apps.${path}`
  if (/^scaling\b/.test(path)) return `servers.reverb.${path.replace('scaling.server.tls.', 'scaling.server.context.stream.')}`
  if (reverbKeys.test(path)) return path.replace('server', 'servers.reverb')
  if (/^server\.tls\b/.test(path)) return path.replace('server', 'servers.reverb.options')
  return path.replace(/^server\./, 'servers.reverb.revurb.')
}
