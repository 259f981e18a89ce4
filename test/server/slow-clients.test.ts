import { describe, expect, test } from 'bun:test'
import { SlowClients } from '../../src/server/slow-clients.ts'
import { testApp } from '../support/apps.ts'
import { TestServer } from '../support/server.ts'
import { Connection } from '../support/tcp.ts'
import { until } from '../support/until.ts'

const maxQueuedBytes = 1000
const frame = 'x'.repeat(100)

function watching(...waiting: number[]) {
  let looks = 0
  const sockets = waiting.map(bytes => {
    const socket = {
      bytes,
      getBufferedAmount() {
        looks++
        return this.bytes
      },
    }
    return socket
  })
  const slow = new SlowClients(new Map(sockets.map((socket, i) => [String(i), socket])), maxQueuedBytes)
  return { slow, sockets, looks: () => looks }
}

describe('a client is slow', () => {
  test('where half of what may wait was published and it has not taken all', () => {
    const { slow, sockets, looks } = watching(0, 1)
    for (let i = 0; i < 4; i++) slow.published(frame)
    expect(looks()).toBe(0)
    slow.published(frame)
    expect(looks()).toBe(2)
    expect(sockets.map(socket => slow.closed(socket))).toEqual([undefined, 1])
    expect(sockets.map(socket => slow.closed(socket))).toEqual([undefined, undefined])
  })

  test.each([
    [-1, 1],
    [0, 1],
    [100, undefined],
  ])('where Bun returns %p for a frame to it: %p', (status, bytes) => {
    const { slow, sockets } = watching(1)
    slow.sent(sockets[0]!, status)
    expect(slow.closed(sockets[0]!)).toBe(bytes)
  })

  test('until its queue is empty', () => {
    const { slow, sockets } = watching(1, 1)
    for (const socket of sockets) slow.sent(socket, -1)
    sockets[0]!.bytes = 0
    slow.tick()
    expect(sockets.map(socket => slow.closed(socket))).toEqual([undefined, 1])
  })
})

test('200,000 connections are measured in a second at most, however much is published', () => {
  const { slow, looks } = watching(...Array<number>(50_000).fill(0))
  for (let i = 0; i < 1000; i++) slow.published(frame)
  expect(looks()).toBe(200_000)
  slow.tick()
  for (let i = 0; i < 1000; i++) slow.published(frame)
  expect(looks()).toBe(400_000)
})

/** A client that stops to read once it is subscribed. */
async function stalled(server: TestServer): Promise<Connection> {
  const client = await Connection.open(server.port)
  client.handshake()
  client.frame('{"event":"pusher:subscribe","data":{"channel":"news"}}')
  await until(
    'it is subscribed',
    () => server.running.parts.hub.state.channels.get('1001')?.get('news')?.localSubscribers.size === 1,
  )
  client.socket.pause()
  return client
}

test('a connection that Bun closes because too much waits is counted, and one that its client closes is not', async () => {
  const app = testApp()
  await using server = new TestServer({ apps: [app], maxRequestBytes: 200_000, maxQueuedBytes: 100_000 })
  const client = await stalled(server)
  for (let i = 0; i < 1000 && server.running.traffic.openSockets() > 0; i++) await server.publish('news', 'x'.repeat(60_000))
  expect(server.running.traffic.openSockets()).toBe(0)
  client.destroy()
  expect(server.refusals).toEqual([{ refusal: 'slow-client', appId: '1001', count: 1, seconds: 0, about: '' }])

  const other = await stalled(server)
  other.destroy()
  await until('its socket has closed', () => server.running.traffic.openSockets() === 0)
  expect([...server.running.parts.refusals.totals()].map(({ total }) => total)).toEqual([1])
})
