import { describe, expect, test } from 'bun:test'
import { dispatch } from '../../src/core/dispatch.ts'
import type { Effect } from '../../src/core/effect.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put, signingIn, subscribing, unsubscribing } from '../support/core.ts'

const app = testApp()

/** What a message does that a client sends which is subscribed to `news`. */
function effectsOf(text: string): Effect[] {
  const { state } = subscribed()
  const effects: Effect[] = []
  dispatch(state, state.sockets.get('s1')!, text, 1, effects)
  return effects
}

function subscribed() {
  const hub = hubWith(app, 's1')
  put(hub, app, 's1', 'news')
  return hub
}

describe('a message of a client', () => {
  test.each([
    ['ping', '{"event":"pusher:ping"}', ['send pusher:pong']],
    ['pong', '{"event":"pusher:pong"}', []],
    ['subscribe', subscribing({ channel: 'x' }), ['notify', 'subscribe', 'send pusher_internal:subscription_succeeded']],
    ['unsubscribe', unsubscribing('news'), ['unsubscribe', 'notify']],
    ['client event', '{"event":"client-e","channel":"news"}', ['broadcast client-e']],
    ['signin', signingIn(app, 's1', '{"id":"u"}'), ['send pusher:signin_success']],
    ['an event that no client may send', '{"event":"e","channel":"news"}', []],
  ])('of type %s has its effects', (_, text, expected) => {
    const found = effectsOf(text).map(effect =>
      'frame' in effect ? `${effect.type} ${JSON.parse(effect.frame).event}` : effect.type,
    )
    expect(found).toEqual(expected)
  })

  test('that is malformed is answered with its error', () => {
    expect(effectsOf('no JSON').map(({ type }) => type)).toEqual(['refused', 'send'])
  })

  test('on which the server itself fails throws that error', () => {
    const { state } = subscribed()
    const broken = new TypeError('a fault of the server')
    state.resubscriptions.cancel = () => {
      throw broken
    }
    expect(() => dispatch(state, state.sockets.get('s1')!, unsubscribing('news'), 1, [])).toThrow(broken)
  })
})
