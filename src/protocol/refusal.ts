/**
 * Why the server refuses or drops something: names that logs, metrics and programs recognise, whatever the sentences beside them become.
 * In names of requests `request` is one to the HTTP API.
 */
export type Refusal = SocketRefusal | MessageRefusal | RequestRefusal | Dropped

/** A connection is not made, or ends. */
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

/** A message of a client is rejected; one of kind `subscription-repeat` is carried out late. */
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

/** What is kept for a while is dropped before its time, because there is no room for it. */
type Dropped = 'cached-event-dropped' | 'idempotency-key-dropped'

/** Header of an answer that refuses a request, with the name of the refusal. */
export const refusalHeader = 'Revurb-Refusal'
