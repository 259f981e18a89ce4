import { expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { Hub } from '../../src/core/hub.ts'
import { maxAllowanceBytes } from '../../src/core/resubscriptions.ts'
import { socketsOfUser } from '../../src/core/user-sockets.ts'
import { testApp } from '../support/apps.ts'
import { put, signedSubscribing, signingIn, unsubscribing } from '../support/core.ts'

const one = testApp({ id: '1', key: 'one' })
const two = testApp({ id: '2', key: 'two' })

function hubOf(app = one, ...socketIds: string[]) {
  const hub = new Hub(appsOf([one, two]), Number.POSITIVE_INFINITY, 1)
  for (const socketId of socketIds) hub.open(socketId, app.key, null, 0)
  return hub
}
const idsOf = (hub: Hub, app = one) => socketsOfUser(hub.state, app, 'u').map(({ id }) => id)

test('the sockets of a user are those that are signed in or on a presence channel as that user, each once', () => {
  const hub = hubOf(one, 's1', 's2', 's3', 's4')
  hub.message('s1', signingIn(one, 's1', '{"id":"u"}'), 0)
  for (const socketId of ['s1', 's2']) put(hub, one, socketId, 'presence-x', '{"user_id":"u"}')
  put(hub, one, 's3', 'presence-x', '{"user_id":"another"}')
  put(hub, one, 's4', 'news')
  expect(idsOf(hub)).toEqual(['s1', 's2'])
  expect(idsOf(hub, two)).toEqual([])
})

test('a socket that waits to join a presence channel is one of its user, in its own app', () => {
  const hub = hubOf(one, 's1')
  put(hub, one, 's1', 'presence-x', '{"user_id":"u"}')
  put(hub, one, 's1', 'presence-x', '{"user_id":"u"}')
  hub.state.resubscriptions.charge('s1', maxAllowanceBytes)
  hub.message('s1', unsubscribing('presence-x'), 0)
  expect(idsOf(hub)).toEqual([])
  hub.message('s1', signedSubscribing(one, 's1', 'presence-x', '{"user_id":"u"}'), 0)
  expect(hub.state.resubscriptions.waitingOf('s1').size).toBe(1)
  expect(idsOf(hub)).toEqual(['s1'])
  expect(idsOf(hub, two)).toEqual([])
})

test('a socket that has disconnected is none, although it is still to be unsubscribed', () => {
  const hub = hubOf(one, 'busy', 's1')
  put(hub, one, 'busy', 'news')
  put(hub, one, 's1', 'presence-x', '{"user_id":"u"}')
  for (const socketId of ['busy', 's1']) hub.closed(socketId, 0)
  expect(hub.state.channels.get('1')!.get('presence-x')!.members.socketsOf('u')).toEqual(['s1'])
  expect(idsOf(hub)).toEqual([])
})
