import { describe, expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import { Observation } from '../../src/server/observation.ts'
import type { ObservedSocket } from '../../src/server/observer.ts'
import type { SocketData } from '../../src/server/socket-data.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'

const app = testApp()

/** Three sockets, of which two are subscribed and one has disconnected, and an observer that writes down what it sees. */
function observed() {
  const hub = hubWith(app, '1.1', '2.2', '3.3')
  for (const socketId of ['1.1', '2.2']) put(hub, app, socketId, 'news')
  const seen: string[] = []
  const observer = {
    opened: () => undefined,
    closed: () => undefined,
    received: () => undefined,
    sent: ({ appId, socketId }: ObservedSocket, frame: string) => void seen.push(`sent ${appId} ${socketId} ${frame}`),
    channel: (notice: object) => void seen.push(JSON.stringify(notice)),
    pruned: (socket: ObservedSocket) => void seen.push(JSON.stringify(socket)),
  }
  const origin = (of: string | undefined) => ({
    data: { seen: of === undefined ? undefined : { origin: of, appId: '1001', openedAtMs: 0 } } as SocketData,
  })
  const sockets = new Map([
    ['1.1', origin('https://chat.test')],
    ['2.2', origin(undefined)],
  ])
  const observation = new Observation([observer], hub.queries, sockets)
  const show = (...effects: Effect[]) => {
    for (const effect of effects) observation.show(effect)
  }
  return { observation, show, seen }
}

const broadcast = (topic: string, frame: string, exceptSocketId?: string): Effect => ({
  type: 'broadcast',
  topic,
  frame,
  exceptSocketId,
  scope: 'node',
})

describe('observers', () => {
  test('see every frame once for each socket that receives it, and every notice of a channel', () => {
    const { show, seen } = observed()
    show(
      { type: 'subscribe', socketId: '1.1', topic: '1001/news' },
      { type: 'send', socketId: '1.1', frame: 'a' },
      broadcast('1001/news', 'b'),
      broadcast('1001/news', 'c', '2.2'),
      broadcast('1001/news', 'd', 'elsewhere'),
      { type: 'close', socketId: '1.1', close: { code: 4200, reason: 'bye' } },
      { type: 'notify', notice: { event: 'channel_removed', appId: '1001', channel: 'news' } },
    )
    expect(seen).toEqual([
      'sent 1001 1.1 a',
      'sent 1001 1.1 b',
      'sent 1001 2.2 b',
      'sent 1001 1.1 c',
      'sent 1001 1.1 d',
      'sent 1001 2.2 d',
      '{"event":"channel_removed","appId":"1001","channel":"news"}',
    ])
  })

  test('see nothing of channels and sockets that do not exist, or of a client that has disconnected', () => {
    const { show, seen } = observed()
    show(broadcast('1001/empty', 'x'), ...['9.9', '3.3'].map(socketId => ({ type: 'send' as const, socketId, frame: 'x' })))
    expect(seen).toEqual([])
  })

  test('see the origin of a socket, when it was last active, and whether a ping is unanswered', () => {
    const { observation, show, seen } = observed()
    const known = { appId: '1001', socketId: '1.1', origin: 'https://chat.test', lastSeenMs: 0 }
    expect(observation.socket('1.1')).toEqual({ ...known, isPinged: false })
    expect(observation.socket('2.2')).toMatchObject({ socketId: '2.2', origin: null })
    expect(observation.socket('9.9')).toBeUndefined()
    show(
      { type: 'notify', notice: { event: 'connection_pruned', appId: '1001', socketId: '1.1', lastSeenMs: 7 } },
      { type: 'notify', notice: { event: 'connection_pruned', appId: '1001', socketId: '9.9', lastSeenMs: 7 } },
    )
    expect(seen.map(line => JSON.parse(line))).toEqual([
      { ...known, lastSeenMs: 7, isPinged: true },
      { appId: '1001', socketId: '9.9', origin: null, lastSeenMs: 7, isPinged: true },
    ])
  })
})
