import { describe, expect, test } from 'bun:test'
import * as errors from '../../src/protocol/errors.ts'

describe('close codes', () => {
  test('are the documented ones', () => {
    const codes = Object.entries(errors.closes).map(([name, { code }]) => [name, code] as const)
    expect(Object.fromEntries(codes)).toEqual({
      unknownApp: 4001,
      disabled: 4003,
      overQuota: 4004,
      invalidVersion: 4006,
      unsupportedVersion: 4007,
      noVersion: 4008,
      unauthorized: 4009,
      terminated: 4009,
      overCapacity: 4100,
      unreachable: 4100,
      flooded: 4100,
      rateLimited: 4100,
      restart: 4200,
      stopped: 1001,
      disconnected: 4200,
      noPong: 4201,
      tooLarge: 1009,
    })
  })

  test('let clients reconnect where the reason is temporary', () => {
    for (const close of ['overCapacity', 'rateLimited', 'restart', 'disconnected', 'noPong'] as const) {
      expect(errors.closes[close].code, close).toBeWithin(4100, 4300)
    }
  })

  test('have reasons that fit into a close frame', () => {
    for (const { reason } of Object.values(errors.closes)) expect(Buffer.byteLength(reason)).toBeWithin(1, 124)
  })
})

test.each([
  [errors.invalidMessage(), 4200, 'Invalid message format'],
  [errors.unauthorized('signin-signature'), 4009, 'Connection is unauthorized'],
  [errors.rateLimited(), 4301, 'Rate limit exceeded'],
  [errors.clientEventsOff('x'), 4301, 'The app does not have client messaging enabled.'],
  [errors.notAMember('x'), 4009, 'The client is not a member of the specified channel.'],
  [errors.clientEventsOfUsersOff('x'), 4301, "Client event rejected: only the application publishes to a user's own channel."],
  [errors.clientEventNameTooLong(9, 'x'), 4301, 'Client event rejected: its name is longer than 9 characters.'],
  [errors.tooManyClientEvents(9, 'x'), 4301, 'Client event rejected due to rate limit: more than 9 a second.'],
  [errors.otherUser(), 4009, 'The connection is already signed in as another user.'],
  [errors.watchlistTooLong(9), 4302, 'The watchlist is over its limit of 9 users: no online status is sent.'],
])('%s', (error, code, message) => {
  expect(error).toBeInstanceOf(errors.PusherError)
  expect(error).toMatchObject({ name: 'PusherError', code, message })
})

test('a refused subscription names its channel, and why', () => {
  const cause = new errors.PusherError(4009, 'subscription-signature', 'no')
  const error = new errors.SubscriptionError(cause, 'private-x', 401)
  expect(error).toBeInstanceOf(Error)
  expect(error).not.toBeInstanceOf(errors.PusherError)
  expect(error).toMatchObject({ name: 'SubscriptionError', message: 'no', channel: 'private-x', status: 401 })
  expect(error.cause).toBe(cause)
})

test('a subscription beyond a limit names the limit', () => {
  const error = errors.overLimit('too many', 'x')
  expect(error).toMatchObject({ name: 'SubscriptionError', message: 'too many', channel: 'x', status: 403 })
  expect(error.cause).toMatchObject({ code: 4301, refusal: 'subscription-limit', message: 'too many' })
})
