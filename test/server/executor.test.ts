import { expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import { Executor } from '../../src/server/executor.ts'
import type { Observer } from '../../src/server/observer.ts'
import type { WebSocket } from '../../src/server/socket-data.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'

const app = testApp()

/** An executor whose sockets write down what is done to them. */
function recorded(observers: readonly Observer[] = []) {
  const hub = hubWith(app, '1.1', '2.2', '3.3')
  for (const socketId of ['1.1', '2.2']) put(hub, app, socketId, 'news')
  const calls: string[] = []
  const refused: unknown[] = []
  const executor = new Executor({
    queries: hub.queries,
    otherNodes: {
      publish: ({ topic, frame }) => void calls.push(`others publish ${topic} ${frame}`),
      replicate: entry => void calls.push(`others replicate ${JSON.stringify(entry)}`),
      terminate: (appId, userId) => void calls.push(`others terminate ${appId} ${userId}`),
    },
    observers,
    refused: what => void refused.push(what),
    queueBounds: { maxQueuedBytes: 1000, maxTotalQueuedBytes: 4000 },
  })
  const pretend = (name: string) =>
    new Proxy(
      {},
      {
        get: (_, method) =>
          method === 'data'
            ? { socketId: name, seen: undefined }
            : (...args: unknown[]) =>
                method === 'getBufferedAmount' ? 0 : void calls.push([name, String(method), ...args].join(' ')),
      },
    )
  for (const socketId of ['1.1', '2.2']) executor.opened(pretend(socketId) as WebSocket)
  executor.attach(pretend('server') as Bun.Server<never>)
  return { executor, calls, refused }
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

test('the other nodes are given what concerns them, a broadcast where its scope is the cluster', () => {
  const { executor, calls } = recorded()
  executor.apply([
    { type: 'broadcast', topic: '1001/news', frame: 'a', exceptSocketId: undefined, scope: 'cluster' },
    { type: 'replicate', entry: { kind: 'connections', appId: '1001', count: 2 } },
    { type: 'terminate', appId: '1001', userId: 'ann' },
    { type: 'broadcast', topic: '1001/news', frame: 'b', exceptSocketId: undefined, scope: 'node' },
  ])
  expect(calls).toEqual([
    'server publish 1001/news a',
    'others publish 1001/news a',
    'others replicate {"kind":"connections","appId":"1001","count":2}',
    'others terminate 1001 ann',
    'server publish 1001/news b',
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

test('observers see an effect before it is executed, and sockets as the core knows them', () => {
  const calls: string[] = []
  const observer = {
    sent: ({ socketId }, frame) => void calls.push(`${socketId} is sent ${frame}`),
  } as Partial<Observer> as Observer
  const { executor, calls: executed } = recorded([observer])
  executor.apply([{ type: 'send', socketId: '1.1', frame: 'a' }])
  expect([calls, executed]).toEqual([['1.1 is sent a'], ['1.1 send a']])
  expect(executor.observed('1.1')).toEqual({ appId: '1001', socketId: '1.1', origin: null, lastSeenMs: 0, isPinged: false })
  expect(executor.observed('9.9')).toBeUndefined()
})
