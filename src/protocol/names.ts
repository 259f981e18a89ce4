/** The event names of the Pusher protocol, version 7. https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/ */

export const connectionEstablished = 'pusher:connection_established'
export const error = 'pusher:error'
export const ping = 'pusher:ping'
export const pong = 'pusher:pong'
export const subscribe = 'pusher:subscribe'
export const unsubscribe = 'pusher:unsubscribe'
export const subscriptionError = 'pusher:subscription_error'
export const cacheMiss = 'pusher:cache_miss'
export const subscriptionSucceeded = 'pusher_internal:subscription_succeeded'
export const memberAdded = 'pusher_internal:member_added'
export const memberRemoved = 'pusher_internal:member_removed'

/** Events that only the protocol itself may carry. */
export const protocolPrefix = 'pusher:'
/** Events from one client to the others. */
export const clientPrefix = 'client-'
