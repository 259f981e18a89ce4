import { expect, test } from 'bun:test'
import { closeSocket, closeWithError, removeFromNode, terminateUser } from '../../src/core/closing.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { Hub } from '../../src/core/hub.ts'
import { socketCount } from '../../src/core/state.ts'
import { closes } from '../../src/protocol/errors.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'

const app = testApp()

/** Two sockets, one of which is a member of a presence channel. */
function twoSockets(): Hub {
  const hub = hubWith(app, '1.1', '2.2')
  put(hub, app, '1.1', 'presence-x', '{"user_id":"7"}')
  return hub
}
const sentTo = (socketId: string, effects: readonly Effect[]) =>
  effects.flatMap(effect => {
    if (effect.type === 'send' && effect.socketId === socketId) return [JSON.parse(effect.frame).event]
    return effect.type === 'close' && effect.socketId === socketId ? [effect.close.code] : []
  })

test('a socket whose client has disconnected is no longer counted, and leaves its channels', () => {
  const { state } = twoSockets()
  const effects: Effect[] = []
  removeFromNode(state, state.sockets.get('1.1')!, 1, effects)
  expect([socketCount(state, app.id), sentTo('1.1', effects)]).toEqual([1, []])
  expect(state.channels.get(app.id)!.size).toBe(0)
})

test('a socket is closed with a code alone, or with the error before it', () => {
  const { state } = twoSockets()
  const effects: Effect[] = []
  closeSocket(state, state.sockets.get('1.1')!, closes.disconnected, 1, effects)
  closeWithError(state, state.sockets.get('2.2')!, closes.noPong, 1, effects)
  expect(sentTo('1.1', effects)).toEqual([closes.disconnected.code])
  expect(sentTo('2.2', effects)).toEqual(['pusher:error', closes.noPong.code])
  expect(state.sockets.size).toBe(0)
})

test('a user who is terminated loses the sockets of that user, and no others', () => {
  const { state } = twoSockets()
  const effects: Effect[] = []
  terminateUser(state, app, '7', 1, effects)
  expect(sentTo('1.1', effects)).toEqual(['pusher:error', closes.terminated.code])
  expect([...state.sockets.keys()]).toEqual(['2.2'])
})
