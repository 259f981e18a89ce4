/** The event names of the Pusher protocol, version 7. https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/ */

export const connectionEstablished = 'pusher:connection_established'
export const error = 'pusher:error'
export const ping = 'pusher:ping'
export const pong = 'pusher:pong'
export const subscribe = 'pusher:subscribe'
export const unsubscribe = 'pusher:unsubscribe'
export const signin = 'pusher:signin'
export const signinSuccess = 'pusher:signin_success'
export const subscriptionError = 'pusher:subscription_error'
export const cacheMiss = 'pusher:cache_miss'
export const subscriptionSucceeded = 'pusher_internal:subscription_succeeded'
export const memberAdded = 'pusher_internal:member_added'
export const memberRemoved = 'pusher_internal:member_removed'
export const subscriptionCount = 'pusher_internal:subscription_count'
export const watchlistEvents = 'pusher_internal:watchlist_events'

/** The prefix of events of the protocol, which clients and applications cannot publish. */
export const protocolPrefix = 'pusher:'
const internalPrefix = 'pusher_internal:'
/** The prefix of client events. */
export const clientPrefix = 'client-'

/** Whether an event is one of the application, and not of the protocol or a client. */
export function isApplicationEvent(name: string): boolean {
  return ![protocolPrefix, internalPrefix, clientPrefix].some(prefix => name.startsWith(prefix))
}
