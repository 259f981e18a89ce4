import { describe, expect, test } from 'bun:test'
import { testApp } from '../support/apps.ts'
import { Client } from '../support/client.ts'
import { TestServer } from '../support/server.ts'
import { Connection } from '../support/tcp.ts'

const handshake = {
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

async function shake(changes: Record<string, string | undefined>, { method = 'GET', path = '/app/app-key' } = {}) {
  await using server = new TestServer()
  const connection = await Connection.open(server.port)
  const headers = Object.entries({ Host: 'localhost', ...handshake, ...changes }).filter(([, value]) => value !== undefined)
  connection.write(`${method} ${path} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  const head = await connection.until('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), head, connection, sockets: server.running.traffic.openSockets() }
}

describe('a WebSocket handshake', () => {
  test('is accepted with the header of Reverb', async () => {
    const { status, head } = await shake({})
    expect(status).toBe(101)
    expect(head).toContain('X-Powered-By: Laravel Reverb\r\n')
    expect(head).toContain('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })

  test('accepts any protocol and version of a client, or none', async () => {
    expect((await shake({}, { path: '/app/app-key?protocol=99&client=x&version=0' })).status).toBe(101)
    expect((await shake({ Upgrade: 'WebSocket' })).status).toBe(101)
  })

  test.each<[string, Record<string, string | undefined>, number]>([
    ['without a key', { 'Sec-WebSocket-Key': undefined }, 400],
    ['with a bad key', { 'Sec-WebSocket-Key': 'short' }, 400],
    ['with another version', { 'Sec-WebSocket-Version': '8' }, 426],
    ['without Upgrade', { Upgrade: undefined, Connection: undefined }, 426],
    ['for HTTP/2', { Upgrade: 'h2c' }, 426],
    ['with a body', { 'Content-Length': '31' }, 400],
    ['with a body in chunks', { 'Transfer-Encoding': 'chunked' }, 400],
  ])('with %s is refused, and opens no socket', async (_, changes, status) => {
    const answer = await shake(changes)
    expect(answer.status).toBe(status)
    // Bun itself answers for other versions.
    if (!('Sec-WebSocket-Version' in changes)) expect(answer.head).toContain('Revurb-Refusal: bad-handshake\r\n')
    expect(answer.sockets).toBe(0)
  })

  test('that announces no bytes of a body is accepted', async () => {
    expect((await shake({ 'Content-Length': '0' })).status).toBe(101)
  })

  test.each([
    ['Content-Length: 31', ''],
    ['Transfer-Encoding: chunked', '1f\r\n'],
  ])('with %s opens no socket, has no frames read from its body, and its connection is closed', async (header, before) => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    const headers = Object.entries({ Host: 'localhost', ...handshake }).map(([name, value]) => `${name}: ${value}\r\n`)
    const ping = Buffer.from('{"event":"pusher:ping"}')
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | ping.length, 0, 0, 0, 0]), ping])
    connection.write(`GET /app/app-key HTTP/1.1\r\n${headers.join('')}${header}\r\n\r\n${before}`)
    connection.write(frame)
    connection.write(frame)
    const answer = await connection.response()
    await connection.ended
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('announces a body') })
    expect(server.running.traffic.openSockets()).toBe(0)
    expect(server.refusals).toMatchObject([{ refusal: 'bad-handshake', appId: '1001' }])
  })

  test('without a Host header is accepted, and its protocol version is read', async () => {
    await using server = new TestServer({ apps: [testApp({ checksProtocol: true })] })
    const connection = await Connection.open(server.port)
    const headers = Object.entries(handshake).map(([name, value]) => `${name}: ${value}\r\n`)
    connection.write(`GET /app/app-key?protocol=7 HTTP/1.0\r\n${headers.join('')}\r\n`)
    expect(await connection.until('pusher:connection_established')).toContain(' 101 ')
    connection.destroy()
    expect(server.unexpected).toEqual([])
  })

  test('that is a plain GET is answered with what to do, and its connection is closed', async () => {
    const { head, connection } = await shake({ Upgrade: undefined, Connection: undefined })
    expect(head.toLowerCase()).toContain('upgrade: websocket\r\n')
    expect(head.toLowerCase()).toContain('connection: close\r\n')
    await connection.until('This is a WebSocket endpoint: connect with a Pusher client.')
    await connection.ended
  })

  test('by HEAD or on another route opens no socket', async () => {
    expect((await shake({}, { method: 'HEAD' })).status).toBe(426)
    expect((await shake({}, { method: 'POST' })).status).toBe(405)
    expect((await shake({}, { path: '/up' })).status).toBe(200)
    expect((await shake({}, { path: '/apps/1001/channels' })).status).toBe(401)
    expect((await shake({}, { path: '/app/app-key/x' })).status).toBe(404)
  })
})

test('an API route answers clients that offer HTTP/2', async () => {
  const { status } = await shake(
    { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings', 'HTTP2-Settings': 'AAMAAABkAAQ' },
    { path: '/up' },
  )
  expect(status).toBe(200)
})

describe('the prefix of the configuration', () => {
  test('is required before every route', async () => {
    await using server = new TestServer({ path: '/ws' })
    const client = await server.connect({ prefix: '/ws' })
    await client.nothingMore()
    expect((await fetch(`http://127.0.0.1:${server.port}/ws/up`)).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${server.port}/up`)).status).toBe(404)
    expect(
      (await server.request({ method: 'GET', path: '/apps/1001/connections', url: '/ws/apps/1001/connections' })).status,
    ).toBe(200)
    expect((await server.request({ method: 'GET', path: '/ws/apps/1001/connections' })).status).toBe(200)
    const stray = Client.open(server.port)
    await expect(stray.next()).rejects.toThrow('the socket was closed')
  })
})

describe('an app with check_protocol', () => {
  const checking = { apps: [testApp({ checksProtocol: true })] }

  test.each([
    ['', 4008, 'No protocol version supplied'],
    ['?client=js', 4008, 'No protocol version supplied'],
    ['?protocol=', 4006, 'Invalid version string format'],
    ['?protocol=7.0&client=js', 4006, 'Invalid version string format'],
    ['?client=js&protocol=3', 4007, 'Unsupported protocol version'],
  ])('closes "%s" with %p', async (query, code, reason) => {
    await using server = new TestServer(checking)
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/app/app-key${query}`)
    const texts: string[] = []
    const closed = await new Promise<CloseEvent>(resolve => {
      socket.onmessage = ({ data }) => texts.push(String(data))
      socket.onclose = resolve
    })
    expect(texts).toEqual([JSON.stringify({ event: 'pusher:error', data: JSON.stringify({ code, message: reason }) })])
    expect(closed).toMatchObject({ code, reason })
  })

  test('greets a client of protocol 7', async () => {
    await using server = new TestServer(checking)
    await (await server.connect()).nothingMore()
  })
})
