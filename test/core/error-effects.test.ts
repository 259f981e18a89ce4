import { expect, test } from 'bun:test'
import { closeError, complaint, refuse } from '../../src/core/error-effects.ts'
import { closes, invalidMessage, SubscriptionError, unauthorized } from '../../src/protocol/errors.ts'
import * as frames from '../../src/protocol/frames.ts'

const send = (frame: string) => ({ type: 'send' as const, socketId: '1.1', frame })

test('an error in front of a close has its code and reason', () => {
  expect(closeError('1.1', closes.disabled)).toEqual(send(frames.error(4003, 'Application disabled')))
})

test('a client that is not let in is sent the error, then the close', () => {
  const close = { code: 4003, reason: 'Application disabled' }
  expect(refuse('1.1', closes.disabled)).toEqual([closeError('1.1', close), { type: 'close', socketId: '1.1', close }])
})

test('a message that is refused is answered; a subscription on its channel too', () => {
  expect(complaint('1.1', invalidMessage())).toEqual([send(frames.error(4200, 'Invalid message format'))])
  expect(complaint('1.1', new SubscriptionError(unauthorized(), 'private-x', 401))).toEqual([
    send(frames.error(4009, 'Connection is unauthorized')),
    send(frames.subscriptionError('private-x', 'Connection is unauthorized', 401)),
  ])
})

test('what is nothing of the client is thrown on', () => {
  const error = new TypeError('not foreseen')
  expect(() => complaint('1.1', error)).toThrow(error)
})
