import { expect, test } from 'bun:test'
import { closeError, complaint, refuse, unanswered } from '../../src/core/error-effects.ts'
import { closes, invalidMessage, SubscriptionError, unauthorized } from '../../src/protocol/errors.ts'
import * as frames from '../../src/protocol/frames.ts'
import type { Refusal } from '../../src/protocol/refusal.ts'
import { testApp } from '../support/apps.ts'

const socket = { id: '1.1', app: testApp() }
const refused = (refusal: Refusal, about: string) => ({ type: 'refused' as const, refusal, appId: '1001', about })
const send = (frame: string) => ({ type: 'send' as const, socketId: '1.1', frame })

test('an error in front of a close has its code and reason', () => {
  expect(closeError('1.1', closes.disabled)).toEqual(send(frames.error(4003, 'Application disabled')))
})

test('a client that is not let in is sent the error, then the close', () => {
  const close = { code: 4003, reason: 'Application disabled' }
  expect(refuse('1.1', closes.disabled, refused('app-disabled', ''))).toEqual([
    refused('app-disabled', ''),
    closeError('1.1', close),
    { type: 'close', socketId: '1.1', close },
  ])
})

test('a message that is refused is answered; a subscription on its channel too', () => {
  expect(complaint(socket, invalidMessage())).toEqual([
    refused('message-invalid', ''),
    send(frames.error(4200, 'Invalid message format')),
  ])
  expect(complaint(socket, new SubscriptionError(unauthorized('subscription-signature'), 'private-x', 401))).toEqual([
    refused('subscription-signature', 'private-x'),
    send(frames.error(4009, 'Connection is unauthorized')),
    send(frames.subscriptionError('private-x', 'Connection is unauthorized', 401)),
  ])
})

test('a refusal that was answered before is only counted', () => {
  expect(unanswered(socket, 'client-event-rate', 'private-x')).toEqual(refused('client-event-rate', 'private-x'))
})

test('what is nothing of the client is thrown on', () => {
  const error = new TypeError('not foreseen')
  expect(() => complaint(socket, error)).toThrow(error)
})
