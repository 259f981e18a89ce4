/** Logs what the server refuses: how often, for which app, which setting to check, and one example. */
import { placeOf } from '../config/places.ts'
import type { App } from '../core/app.ts'
import type { RefusalReport } from '../server/refusals.ts'
import type { Level, Log } from './log.ts'
import { withoutSecrets } from './text.ts'

type Line = {
  readonly level: Extract<Level, 'info' | 'warn'>
  readonly what: string
  readonly see: readonly string[]
  readonly example: string | undefined
}

/**
 * @param see what to check: paths in the document, in which `apps.*` is the app in question, or advice
 * @param example the name under which the example is logged
 */
const warn = (what: string, see: readonly string[], example?: string): Line => ({ level: 'warn', what, see, example })
/** For refusals that are normal in the operation of a server. */
const info = (what: string, see: readonly string[], example?: string): Line => ({ level: 'info', what, see, example })

const lines: Readonly<Record<RefusalReport['refusal'], Line>> = {
  'bad-handshake': warn(
    'WebSocket requests without the headers of a handshake were refused: the client is not a WebSocket client, or a proxy does not pass on Upgrade and Connection',
    ['docs/proxies.md'],
    'user_agent',
  ),
  'unknown-key': warn(
    'Connections with an unknown app key were closed (4001)',
    ['apps.*.key', 'VITE_REVERB_APP_KEY of the browsers'],
    'key',
  ),
  'apps-unreachable': warn(
    'Connections with an unknown key were closed (4100): the apps cannot be looked up at the moment',
    ['apps.provider'],
    'key',
  ),
  'app-disabled': warn('Connections of a disabled app were closed (4003)', ['apps.*.enabled']),
  'protocol-version': warn(
    'Connections without a protocol version from 4 to 7 in their URL were closed (4006 to 4008)',
    ['apps.*.check_protocol'],
    'protocol',
  ),
  'origin-not-allowed': warn(
    'Connections of an origin that is not allowed were closed (4009)',
    ['apps.*.allowed_origins', 'apps.*.allow_missing_origin where there is no origin'],
    'origin',
  ),
  'max-connections': warn('Connections over the quota of the app were closed (4004)', ['apps.*.max_connections']),
  'over-capacity': warn('Connections were closed (4100): the server has as many as its limit of open files allows', [
    'ulimit -n (LimitNOFILE of systemd, minfds of Supervisor)',
  ]),
  'idle-connection': warn(
    'Connections without a complete request, and idle ones, were closed: the server was close to its limit of open files',
    [
      'who connects to the port of the server: it is for the proxy alone (docs/proxies.md)',
      'ulimit -n (LimitNOFILE of systemd, minfds of Supervisor)',
    ],
  ),
  'message-too-large': warn('Connections were closed (1009): a message of the client was too large', ['apps.*.max_message_size']),
  'message-flood': warn('Connections were closed (4100): their clients sent more messages or bytes than one may send', [
    'server.max_messages_per_second',
    'server.max_bytes_per_second',
  ]),
  'slow-client': warn(
    'Connections were closed with events that their clients had not taken: the clients are too slow, or their network is gone',
    ['server.max_queued_bytes'],
  ),
  'queued-total': warn(
    'Connections were closed with events that their clients had not taken: too much waited for all clients together, and most for these',
    ['server.max_total_queued_bytes'],
  ),
  'connection-pruned': info('Connections were closed (4201): their clients left a ping unanswered', ['apps.*.ping_interval']),
  'message-rate': warn('Messages of clients over the rate limit were dropped', [
    'apps.*.rate_limiting.max_attempts',
    'apps.*.rate_limiting.decay_seconds',
  ]),
  'message-invalid': warn('Messages that are not valid in the Pusher protocol were dropped', ['reverb:start --debug']),
  'subscription-signature': warn(
    'Subscriptions with a wrong signature were refused',
    ['apps.*.secret', 'the secret of the broadcasting connection'],
    'channel',
  ),
  'subscription-name': warn(
    'Subscriptions to channels whose names are not allowed were refused',
    ['apps.*.limits.channel_name_length', 'apps.*.limits.channel_name_charset'],
    'channel',
  ),
  'subscription-data': warn(
    'Subscriptions whose channel_data names no user were refused',
    ['routes/channels.php: the callback of a presence channel returns an array'],
    'channel',
  ),
  'subscription-limit': warn(
    'Subscriptions over a limit were refused',
    ['apps.*.limits.presence_members', 'apps.*.limits.channels_per_socket', 'apps.*.limits.presence_user_info_bytes'],
    'channel',
  ),
  'subscription-repeat': warn(
    'Subscriptions were answered late: their clients were on the channel, or had just left it, and subscribe again and again',
    ['the client that calls subscribe() and unsubscribe(), or join() and leave(), in a loop'],
    'channel',
  ),
  'connection-state': warn(
    'Subscriptions or sign-ins were refused: one connection may have 2 MiB of channel names, channel_data and user_data, and has them',
    ['the client that subscribes to thousands of channels and never calls unsubscribe() or leave()'],
    'channel',
  ),
  'signin-signature': warn('Sign-ins with a wrong signature were refused', ['apps.*.secret']),
  'signin-data': warn('Sign-ins whose user_data names no user were refused', [
    'what the application gives to authenticateUser()',
  ]),
  'signin-other-user': info('Sign-ins as a second user on the same connection were refused', [
    'pusher.signin() in the client: a new user needs a new connection',
  ]),
  'watchlist-too-long': warn('Watchlists over the limit were ignored', ['apps.*.limits.watchlist_users']),
  'client-events-off': warn('Client events were dropped: the app takes none', ['apps.*.accept_client_events_from'], 'channel'),
  'client-event-not-subscribed': warn(
    'Client events of clients that are not subscribed to the channel were dropped',
    ['apps.*.accept_client_events_from'],
    'channel',
  ),
  'client-event-user-channel': warn(
    "Client events on a user's own channel were dropped: only the application publishes there",
    ['the whisper() of the client'],
    'channel',
  ),
  'client-event-name': warn('Client events with too long a name were dropped', ['apps.*.limits.event_name_length'], 'channel'),
  'client-event-rate': warn(
    'Client events over the rate limit were dropped',
    ['apps.*.limits.client_events_per_second'],
    'channel',
  ),
  'request-host': warn(
    'Requests with more than one Host header were answered with 400',
    ['the client that sends them, and the proxy between'],
    'request',
  ),
  'request-path': info('Requests for an unknown path were answered with 404', ['server.path'], 'request'),
  'request-method': info(
    'Requests with a method that their path does not accept were answered with 405',
    ['the client that sends them'],
    'request',
  ),
  'request-too-large': warn('Requests with too large a body were answered with 413', ['server.max_request_size'], 'request'),
  'request-bodies': warn(
    'Requests were answered with 503: the bodies of others that were being received left no room',
    ['the clients that send bodies slowly, or without body_md5 (docs/limits.md)', 'server.max_request_size'],
    'request',
  ),
  'request-incomplete': warn(
    'Requests whose body was cut short were answered with 400',
    ['the client that sends them, and the proxy between'],
    'request',
  ),
  'request-unknown-app': warn(
    'Requests for an unknown app id were answered with 404',
    ['apps.*.app_id', 'the app_id of the broadcasting connection'],
    'request',
  ),
  'request-apps-unreachable': warn(
    'Requests for an unknown app were answered with 503: the apps cannot be looked up at the moment',
    ['apps.provider'],
    'request',
  ),
  'request-app-disabled': warn('Requests of a disabled app were answered with 403', ['apps.*.enabled'], 'request'),
  'request-signature': warn(
    'Requests with a wrong signature were answered with 401',
    ['apps.*.key', 'apps.*.secret', 'key and secret of the broadcasting connection'],
    'request',
  ),
  'request-timestamp': warn(
    'Requests whose auth_timestamp is too far from the clock of this server were answered with 401',
    ['the clocks of both machines', 'server.timestamp_tolerance'],
    'request',
  ),
  'request-rate': warn('Requests over the rate limit were answered with 429', ['apps.*.request_rate_limiting'], 'request'),
  'request-idempotency-key': warn(
    'Publishes were refused because of their X-Idempotency-Key',
    ['the client that sends them'],
    'request',
  ),
  'request-not-json': warn(
    'Publishes whose body is no JSON object were answered with 400',
    ['the client that sends them'],
    'request',
  ),
  'request-invalid': warn(
    'Publishes that are not valid were answered with 422',
    ['the event: its broadcastOn(), broadcastAs() and broadcastWith()'],
    'request',
  ),
  'request-limit': warn('Publishes over a limit were answered with 400 or 413', ['apps.*.limits'], 'request'),
  'request-channel': warn(
    'Requests for the users of a channel that is no presence channel were answered with 400',
    ['the client that sends them'],
    'request',
  ),
  'cached-event-dropped': warn(
    'Last events of cache channels were dropped before their time: clients that subscribe are sent pusher:cache_miss instead',
    ['apps.*.cache.max_bytes', 'apps.*.cache.max_channels', 'docs/limits.md'],
  ),
  'idempotency-key-dropped': warn(
    'X-Idempotency-Keys were forgotten before their time: a publish that is sent again with one of them is delivered again',
    ['server.idempotency_seconds', 'docs/limits.md'],
  ),
}

/** @param apps the present apps, in the order of the configuration */
export function logRefusal({ refusal, appId, count, seconds, about }: RefusalReport, apps: readonly App[], log: Log): void {
  const { level, what, see, example } = lines[refusal]
  const context = { app: appId, count, ...(seconds === 0 ? {} : { seconds }) }
  const shown = example === undefined || about === '' ? context : { ...context, [example]: withoutSecrets(about, apps) }
  const index = Math.max(
    0,
    apps.findIndex(({ id }) => id === appId),
  )
  log[level](`${what}. See ${see.map(place => placeIn(place, index)).join(', ')}.`, shown, refusal)
}

function placeIn(see: string, index: number): string {
  const [path] = see.split(' ', 1) as [string]
  return /^(apps\.\*|server)\./.test(path) ? see.replace(path, placeOf(path.replace('apps.*', `apps.${index}`))) : see
}
