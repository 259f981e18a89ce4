/** The attacker against servers that end its connections. */
import { describe, expect, test } from 'bun:test'
import type { ServerWebSocket } from 'bun'
import { type Flood, floods } from '../floods.ts'
import { send } from './connections.ts'

const flood = (wanted: string): Flood => floods.find(({ id }) => id === wanted)!
/** Far longer than a test takes: the count of connections ends it. */
const bounds = { seconds: 60, maxConnections: 3 }

describe('an attacker over WebSocket', () => {
  test('waits for connection_established, sends whole messages, and reconnects when it is closed', async () => {
    const received: string[] = []
    using server = establishing((socket, message) => {
      if (socket.readyState !== WebSocket.OPEN) return
      received.push(message)
      if (received.length % 100 === 0) socket.close(4100, 'Over the limit')
    })
    const outcome = await send(flood('ping'), { host: '127.0.0.1', port: server.port! }, bounds)
    expect(outcome).toMatchObject({ connections: 3, failedConnections: 0, closes: { '4100': 3 }, statuses: { '101': 3 } })
    expect(new Set(received)).toEqual(new Set(['{"event":"pusher:ping"}']))
    expect(outcome.bytesSent).toBeGreaterThan(300 * '{"event":"pusher:ping"}'.length)
  })

  test('subscribes first where the flood needs a subscription', async () => {
    const received: string[] = []
    using server = establishing((socket, message) => {
      if (received.length < 2) received.push(message)
      else socket.close(4100)
    })
    await send(flood('nested-arrays'), { host: '127.0.0.1', port: server.port! }, { ...bounds, maxConnections: 1 })
    expect(received[0]).toContain('pusher:subscribe')
    expect(received[1]).toStartWith('{"event":"client-x"')
  })
})

test('a paced flood never sends more than is due', async () => {
  const received: { atMs: number }[] = []
  using server = establishing(socket => {
    received.push({ atMs: performance.now() })
    if (received.length === 360) socket.close(4100)
  })
  const beganMs = performance.now()
  await send(flood('presence-100-paced'), { host: '127.0.0.1', port: server.port! }, { ...bounds, maxConnections: 1 })
  // Turns of 90 messages: the first at once, each further one after another 50 ms. A timer of 50 ms may end within 49.
  for (const [i, { atMs }] of received.slice(0, 360).entries()) expect(atMs - beganMs).toBeGreaterThan(Math.floor(i / 90) * 49)
})

describe('an attacker over HTTP', () => {
  test('counts the responses, and reconnects when it is closed', async () => {
    using server = Bun.serve({
      port: 0,
      fetch: () => new Response('{}', { status: 429, headers: { Connection: 'close' } }),
    })
    const outcome = await send(flood('up'), { host: '127.0.0.1', port: server.port! }, bounds)
    expect(outcome).toMatchObject({ connections: 3, failedConnections: 0 })
    expect(Object.values(outcome.closes).reduce((sum, count) => sum + count, 0)).toBe(3)
  })

  test('counts refused connections', async () => {
    const server = Bun.serve({ port: 0, fetch: () => new Response() })
    const port = server.port!
    await server.stop(true)
    expect(await send(flood('up'), { host: '127.0.0.1', port }, bounds)).toMatchObject({ connections: 0, failedConnections: 3 })
  })
})

/** A server that sends each WebSocket the greeting of the protocol. */
function establishing(message: (socket: ServerWebSocket, message: string) => void) {
  const established = JSON.stringify({ event: 'pusher:connection_established', data: '{"socket_id":"1.2"}' })
  return Bun.serve({
    port: 0,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 400 })),
    websocket: {
      open: socket => void socket.send(established),
      message: (socket, data) => message(socket, String(data)),
    },
  })
}
