import { expect, test } from 'bun:test'
import * as names from '../../src/protocol/names.ts'

test('are those of the Pusher protocol, version 7', () => {
  expect<Record<string, string>>({ ...names }).toEqual({
    connectionEstablished: 'pusher:connection_established',
    error: 'pusher:error',
    ping: 'pusher:ping',
    pong: 'pusher:pong',
    subscribe: 'pusher:subscribe',
    unsubscribe: 'pusher:unsubscribe',
    subscriptionError: 'pusher:subscription_error',
    cacheMiss: 'pusher:cache_miss',
    subscriptionSucceeded: 'pusher_internal:subscription_succeeded',
    memberAdded: 'pusher_internal:member_added',
    memberRemoved: 'pusher_internal:member_removed',
    protocolPrefix: 'pusher:',
    clientPrefix: 'client-',
  })
})
