import { expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import { closeError, refusalOf, refuseConnection, rejectMessage } from '../../src/core/error-effects.ts'
import { closes, invalidMessage, SubscriptionError, unauthorized } from '../../src/protocol/errors.ts'
import * as frames from '../../src/protocol/frames.ts'
import type { Refusal } from '../../src/protocol/refusal.ts'
import { testApp } from '../support/apps.ts'

const socket = { id: '1.1', app: testApp() }
const refused = (refusal: Refusal, about: string) => ({ type: 'refused' as const, refusal, appId: '1001', about })
const send = (frame: string) => ({ type: 'send' as const, socketId: '1.1', frame })

/** The effects that a function appends. */
function effectsOf(append: (effects: Effect[]) => void): Effect[] {
  const effects: Effect[] = []
  append(effects)
  return effects
}

test('the error in front of a close has its code and reason', () => {
  expect(closeError('1.1', closes.disabled)).toEqual(send(frames.error(4003, 'Application disabled')))
})

test('a client whose connection is refused is sent the error, then the close', () => {
  const close = { code: 4003, reason: 'Application disabled' }
  expect(effectsOf(effects => refuseConnection('1.1', closes.disabled, refused('app-disabled', ''), effects))).toEqual([
    refused('app-disabled', ''),
    closeError('1.1', close),
    { type: 'close', socketId: '1.1', close },
  ])
})

test('a message that is refused is answered with its error, and a subscription also with one for its channel', () => {
  expect(effectsOf(effects => rejectMessage(socket, invalidMessage(), effects))).toEqual([
    refused('message-invalid', ''),
    send(frames.error(4200, 'Invalid message format')),
  ])
  const unsigned = new SubscriptionError(unauthorized('subscription-signature'), 'private-x', 401)
  expect(effectsOf(effects => rejectMessage(socket, unsigned, effects))).toEqual([
    refused('subscription-signature', 'private-x'),
    send(frames.error(4009, 'Connection is unauthorized')),
    send(frames.subscriptionError('private-x', 'Connection is unauthorized', 401)),
  ])
})

test('a refusal is counted with its app and what it is about', () => {
  expect(refusalOf(socket, 'client-event-rate', 'private-x')).toEqual(refused('client-event-rate', 'private-x'))
})

test('an error that is not of the protocol is thrown again', () => {
  const error = new TypeError('not foreseen')
  expect(() => rejectMessage(socket, error, [])).toThrow(error)
})
