/**
 * Why the server refuses or drops something. Logs, metrics and programs rely on these names, so that they stay when messages are reworded.
 * In these names `request` is a request to the HTTP API.
 */
export type Refusal = SocketRefusal | MessageRefusal | RequestRefusal | Dropped

/** A connection is refused or closed. */
type SocketRefusal =
  | 'bad-handshake'
  | 'unknown-key'
  | 'apps-unreachable'
  | 'app-disabled'
  | 'protocol-version'
  | 'origin-not-allowed'
  | 'max-connections'
  | 'over-capacity'
  | 'message-too-large'
  | 'message-flood'
  | 'slow-client'
  | 'queued-total'
  | 'idle-connection'
  | 'connection-pruned'

/** A message of a client is refused; one of kind `subscription-repeat` is delayed. */
export type MessageRefusal =
  | 'message-rate'
  | 'message-invalid'
  | 'subscription-signature'
  | 'subscription-name'
  | 'subscription-data'
  | 'subscription-limit'
  | 'subscription-repeat'
  | 'connection-state'
  | 'signin-signature'
  | 'signin-data'
  | 'signin-other-user'
  | 'watchlist-too-long'
  | 'client-events-off'
  | 'client-event-not-subscribed'
  | 'client-event-user-channel'
  | 'client-event-name'
  | 'client-event-rate'

/** A request to the HTTP API is answered with 4xx, or 503. */
export type RequestRefusal =
  | 'request-host'
  | 'request-path'
  | 'request-method'
  | 'request-too-large'
  | 'request-bodies'
  | 'request-incomplete'
  | 'request-unknown-app'
  | 'request-apps-unreachable'
  | 'request-app-disabled'
  | 'request-signature'
  | 'request-timestamp'
  | 'request-rate'
  | 'request-idempotency-key'
  | 'request-not-json'
  | 'request-invalid'
  | 'request-limit'
  | 'request-channel'

/** A value that is kept for a time is dropped before it expires, as a bound is exceeded. */
type Dropped = 'cached-event-dropped' | 'idempotency-key-dropped'
