import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { newChannel } from '../../src/core/channel.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { Hub } from '../../src/core/hub.ts'
import { livenessOf, pingAfterMs, socketsPerTurn } from '../../src/core/liveness.ts'
import { newSocket, touch } from '../../src/core/socket.ts'
import { testApp } from '../support/apps.ts'
import { AnsweringHub, close, error, hubWith, put, send } from '../support/core.ts'

const app = testApp({ pingIntervalSeconds: 10 })
const other = testApp({ id: '1002', key: 'other-key', secret: 'other-secret', activityTimeoutSeconds: 7 })

test.each([
  [1, 750],
  [10, 7_500],
  [60, 45_000],
  [66, 49_500],
  [67, 50_000],
  [3600, 50_000],
])('with a ping_interval of %p seconds a ping is due after %p ms of silence', (pingIntervalSeconds, ms) => {
  expect(pingAfterMs(testApp({ pingIntervalSeconds }))).toBe(ms)
})

describe('an idle socket', () => {
  test('is pinged after three quarters of the ping interval, and expires a whole interval after the ping', () => {
    const socket = newSocket('1.1', app, 1_000)
    expect(livenessOf(socket, 1_000)).toBe('alive')
    expect(livenessOf(socket, 8_499)).toBe('alive')
    expect(livenessOf(socket, 8_500)).toBe('ping')
    socket.pingedAtMs = 8_600
    expect(livenessOf(socket, 8_600)).toBe('alive')
    expect(livenessOf(socket, 18_599)).toBe('alive')
    expect(livenessOf(socket, 18_600)).toBe('expired')
  })

  test('is alive again after anything that its client sends', () => {
    const socket = newSocket('1.1', app, 0)
    socket.pingedAtMs = 7_500
    touch(socket, 17_499)
    expect(livenessOf(socket, 17_500)).toBe('alive')
    expect(livenessOf(socket, 24_998)).toBe('alive')
    expect(livenessOf(socket, 24_999)).toBe('ping')
  })
})

describe('a check of liveness', () => {
  const brisk = testApp({ pingIntervalSeconds: 10 })
  const ping = (socketId: string) => send(socketId, '{"event":"pusher:ping"}')
  const notice = (socketId: string, lastSeenMs: number): Effect => ({
    type: 'notify',
    notice: { event: 'connection_pruned', appId: '1001', socketId, lastSeenMs },
  })
  const gone = (socketId: string, lastSeenMs = 0) => [
    notice(socketId, lastSeenMs),
    error(socketId, 4201, 'Pong reply not received in time'),
    close(socketId, 4201, 'Pong reply not received in time'),
  ]
  /** The effects of a round that one turn is enough for. */
  const checked = (hub: Hub, nowMs: number) => {
    const { effects, isRoundOver } = hub.checkLiveness(nowMs)
    expect(isRoundOver).toBe(true)
    return effects
  }

  test('pings an idle socket once, and closes it where it does not answer', () => {
    const hub = hubWith(brisk, '1.1')
    expect(checked(hub, 7_499)).toEqual([])
    expect(checked(hub, 7_500)).toEqual([ping('1.1')])
    expect(checked(hub, 8_000)).toEqual([])
    expect(checked(hub, 17_499)).toEqual([])
    expect(checked(hub, 17_500)).toEqual(gone('1.1'))
    expect(hub.state.sockets.size).toBe(0)
    expect(checked(hub, 30_000)).toEqual([])
  })

  test('keeps a socket that answers', () => {
    const hub = hubWith(brisk, '1.1')
    checked(hub, 7_500)
    hub.message('1.1', '{"event":"pusher:pong"}', 15_000)
    expect(checked(hub, 22_499)).toEqual([])
    expect(checked(hub, 22_500)).toEqual([ping('1.1')])
  })

  test('pings a client that sends control frames with a control frame', () => {
    const hub = hubWith(brisk, '1.1')
    hub.control('1.1', 1_000)
    expect(checked(hub, 8_499)).toEqual([])
    expect(checked(hub, 8_500)).toEqual([{ type: 'ping', socketId: '1.1' }])
    hub.control('1.1', 12_000)
    expect(checked(hub, 19_499)).toEqual([])
    expect(checked(hub, 19_500)).toEqual([{ type: 'ping', socketId: '1.1' }])
    expect(checked(hub, 29_500)).toEqual(gone('1.1', 12_000))
  })

  test('applies the interval of its app to each socket, on a channel or not', () => {
    const hub = new AnsweringHub(appsOf([brisk, other]))
    for (const id of ['1.1', '2.2', '3.3']) hub.open(id, 'app-key', null, 0)
    hub.open('4.4', 'other-key', null, 0)
    put(hub, brisk, '2.2', 'news')
    expect(checked(hub, 7_500)).toEqual([ping('1.1'), ping('2.2'), ping('3.3')])
    expect(checked(hub, 17_500)).toEqual([
      ...gone('1.1'),
      notice('2.2', 0),
      error('2.2', 4201, 'Pong reply not received in time'),
      { type: 'unsubscribe', socketId: '2.2', topic: '1001/news' },
      { type: 'notify', notice: { event: 'channel_removed', appId: '1001', channel: 'news' } },
      close('2.2', 4201, 'Pong reply not received in time'),
      ...gone('3.3'),
    ])
    expect(checked(hub, 45_000)).toEqual([ping('4.4')])
  })

  test('closes a socket with very many channels', () => {
    const hub = hubWith(testApp(), '1.1')
    const socket = hub.state.sockets.get('1.1')!
    for (let i = 0; i < 400_000; i++) {
      const channel = newChannel('1001', `c${i}`)
      channel.localSubscribers.add('1.1')
      socket.subscriptions.add(channel)
    }
    checked(hub, 45_000)
    expect(checked(hub, 105_000).at(-1)).toMatchObject({ type: 'close', close: { code: 4201 } })
  })

  describe('of more sockets than one turn takes', () => {
    const ids = Array.from({ length: 2 * socketsPerTurn + 1 }, (_, i) => `1.${i}`)
    const idsIn = (effects: readonly Effect[]) => effects.flatMap(effect => ('socketId' in effect ? [effect.socketId] : []))

    test('continues where the turn before has ended, and begins again after the last', () => {
      const hub = hubWith(brisk, ...ids)
      const turns = [hub.checkLiveness(7_500), hub.checkLiveness(7_501), hub.checkLiveness(7_502)]
      expect(turns.map(({ effects }) => effects.length)).toEqual([socketsPerTurn, socketsPerTurn, 1])
      expect(turns.map(({ isRoundOver }) => isRoundOver)).toEqual([false, false, true])
      expect(turns.flatMap(({ effects }) => idsIn(effects))).toEqual(ids)
      expect(hub.checkLiveness(7_503)).toEqual({ effects: [], isRoundOver: true })
      expect(idsIn(hub.checkLiveness(17_500).effects)).toEqual(ids.slice(0, socketsPerTurn).flatMap(id => [id, id]))
    })

    test('includes sockets that open between turns, and skips those that close', () => {
      const hub = hubWith(brisk, ...ids)
      hub.checkLiveness(7_500)
      for (const id of ids.slice(0, -1)) hub.closed(id, 7_500)
      hub.open('9.9', 'app-key', null, 0)
      expect(hub.checkLiveness(7_501)).toEqual({ effects: [ping(ids.at(-1)!), ping('9.9')], isRoundOver: true })
    })
  })
})
