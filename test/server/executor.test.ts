import { describe, expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import { Executor, type WebSocket } from '../../src/server/executor.ts'
import type { ObservedSocket } from '../../src/server/observer.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'

const app = testApp()

/** An executor whose sockets write down what is done to them. */
function recorded(watched = false) {
  const hub = hubWith(app, '1.1', '2.2', '3.3')
  for (const socketId of ['1.1', '2.2']) put(hub, app, socketId, 'news')
  const calls: string[] = []
  const seen: string[] = []
  const refused: unknown[] = []
  const observer = {
    opened: () => undefined,
    closed: () => undefined,
    received: ({ appId, socketId }: ObservedSocket, text: string) => void seen.push(`received ${appId} ${socketId} ${text}`),
    sent: ({ appId, socketId }: ObservedSocket, frame: string) => void seen.push(`sent ${appId} ${socketId} ${frame}`),
    channel: (notice: object) => void seen.push(JSON.stringify(notice)),
    pruned: (socket: ObservedSocket) => void seen.push(JSON.stringify(socket)),
  }
  const executor = new Executor(hub.state, watched ? [observer] : [], what => void refused.push(what), {
    maxQueuedBytes: 1000,
    maxTotalQueuedBytes: 4000,
  })
  const pretend = (name: string) =>
    new Proxy(
      {},
      {
        get: (_, method) =>
          method === 'data'
            ? { seen: undefined }
            : (...args: unknown[]) =>
                method === 'getBufferedAmount' ? 0 : void calls.push([name, String(method), ...args].join(' ')),
      },
    )
  for (const socketId of ['1.1', '2.2']) executor.sockets.set(socketId, pretend(socketId) as WebSocket)
  executor.attach(pretend('server') as Bun.Server<never>)
  return { executor, calls, seen, refused }
}

const effects: Effect[] = [
  { type: 'subscribe', socketId: '1.1', topic: '1001/news' },
  { type: 'send', socketId: '1.1', frame: 'a' },
  { type: 'broadcast', topic: '1001/news', frame: 'b', exceptSocketId: undefined, scope: 'node' },
  { type: 'broadcast', topic: '1001/news', frame: 'c', exceptSocketId: '2.2', scope: 'node' },
  { type: 'broadcast', topic: '1001/news', frame: 'd', exceptSocketId: 'elsewhere', scope: 'node' },
  { type: 'ping', socketId: '2.2' },
  { type: 'unsubscribe', socketId: '1.1', topic: '1001/news' },
  { type: 'close', socketId: '1.1', close: { code: 4200, reason: 'bye' } },
  { type: 'notify', notice: { event: 'channel_removed', appId: '1001', channel: 'news' } },
]

test('effects are executed in order, a broadcast as one publish of Bun', () => {
  const { executor, calls } = recorded()
  executor.apply(effects)
  expect(calls).toEqual([
    '1.1 subscribe 1001/news',
    '1.1 send a',
    'server publish 1001/news b',
    '2.2 publish 1001/news c',
    'server publish 1001/news d',
    '2.2 ping',
    '1.1 unsubscribe 1001/news',
    '1.1 close 4200 bye',
  ])
})

test('topics that differ only in lone surrogates are different topics of Bun', () => {
  const { executor, calls } = recorded()
  const topics = ['\ud800', '\udfff', '\ufffd', '/"\\ud800"'].map(name => `1001/${name}`)
  for (const topic of topics) {
    executor.apply([
      { type: 'subscribe', socketId: '1.1', topic },
      { type: 'broadcast', topic, frame: 'x', exceptSocketId: undefined, scope: 'node' },
      { type: 'unsubscribe', socketId: '1.1', topic },
    ])
  }
  const native = calls.map(call => Buffer.from(call.split(' ')[2]!).toString())
  expect(new Set(native).size).toBe(4)
  expect(native).toEqual(native.flatMap((_, i) => (i % 3 === 0 ? Array<string>(3).fill(native[i]!) : [])))
})

test('effects for a socket that has closed are skipped', () => {
  const { executor, calls } = recorded()
  executor.apply([
    { type: 'send', socketId: '9.9', frame: 'a' },
    { type: 'subscribe', socketId: '9.9', topic: 't' },
    { type: 'unsubscribe', socketId: '9.9', topic: 't' },
    { type: 'ping', socketId: '9.9' },
    { type: 'close', socketId: '9.9', close: { code: 4200, reason: '' } },
  ])
  expect(calls).toEqual([])
})

test('refusals are counted, as are pruned connections, and other notices are not', () => {
  const { executor, calls, refused } = recorded()
  const tooFast: Effect = { type: 'refused', refusal: 'message-rate', appId: '1001', about: '' }
  executor.apply([
    tooFast,
    { type: 'notify', notice: { event: 'connection_pruned', appId: '1001', socketId: '1.1', lastSeenMs: 0 } },
    { type: 'notify', notice: { event: 'channel_created', appId: '1001', channel: 'news' } },
  ])
  expect(refused).toEqual([tooFast, { refusal: 'connection-pruned', appId: '1001', about: '' }])
  expect(calls).toEqual([])
})

describe('observers', () => {
  test('see every frame once for each socket that receives it, and every notice', () => {
    const { executor, seen } = recorded(true)
    executor.apply(effects)
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

  test('see nothing of channels and sockets that do not exist', () => {
    const { executor, seen } = recorded(true)
    executor.apply([
      { type: 'broadcast', topic: '1001/empty', frame: 'x', exceptSocketId: undefined, scope: 'node' },
      { type: 'send', socketId: '9.9', frame: 'x' },
    ])
    expect(seen).toEqual([])
  })

  test('see the origin of a socket, when it was last active, and whether a ping is unanswered', () => {
    const { executor, seen } = recorded(true)
    const socket = executor.sockets.get('1.1')!
    executor.sockets.set('1.1', {
      ...socket,
      data: { socketId: '1.1', handshake: undefined, seen: { origin: 'https://chat.test', appId: '1001', openedAtMs: 0 } },
    } as WebSocket)
    const known = { appId: '1001', socketId: '1.1', origin: 'https://chat.test', lastSeenMs: 0 }
    expect(executor.observed('1.1')).toEqual({ ...known, isPinged: false })
    executor.apply([
      { type: 'notify', notice: { event: 'connection_pruned', appId: '1001', socketId: '1.1', lastSeenMs: 7 } },
      { type: 'notify', notice: { event: 'connection_pruned', appId: '1001', socketId: '9.9', lastSeenMs: 7 } },
    ])
    expect(seen.map(line => JSON.parse(line))).toEqual([
      { ...known, lastSeenMs: 7, isPinged: true },
      { appId: '1001', socketId: '9.9', origin: null, lastSeenMs: 7, isPinged: true },
    ])
    expect(executor.observed('9.9')).toBeUndefined()
  })
})
