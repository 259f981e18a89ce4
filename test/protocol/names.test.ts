import { expect, test } from 'bun:test'
import * as names from '../../src/protocol/names.ts'

test('the names are those of the Pusher protocol, version 7', () => {
  const { isApplicationEvent, ...texts } = names
  expect<Record<string, string>>(texts).toEqual({
    connectionEstablished: 'pusher:connection_established',
    error: 'pusher:error',
    ping: 'pusher:ping',
    pong: 'pusher:pong',
    subscribe: 'pusher:subscribe',
    unsubscribe: 'pusher:unsubscribe',
    signin: 'pusher:signin',
    signinSuccess: 'pusher:signin_success',
    subscriptionError: 'pusher:subscription_error',
    cacheMiss: 'pusher:cache_miss',
    subscriptionSucceeded: 'pusher_internal:subscription_succeeded',
    memberAdded: 'pusher_internal:member_added',
    memberRemoved: 'pusher_internal:member_removed',
    subscriptionCount: 'pusher_internal:subscription_count',
    watchlistEvents: 'pusher_internal:watchlist_events',
    protocolPrefix: 'pusher:',
    clientPrefix: 'client-',
  })
})

test.each([
  ['order-shipped', true],
  ['pusher', true],
  ['Client-x', true],
  ['pusher:x', false],
  ['pusher_internal:x', false],
  ['client-x', false],
])('%s is an event of the application: %p', (name, is) => expect(names.isApplicationEvent(name)).toBe(is))
