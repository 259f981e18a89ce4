import { describe, expect, test } from 'bun:test'
import type { RefusalReport } from '../../src/server/refusals.ts'
import { testApp } from '../support/apps.ts'
import { TestServer } from '../support/server.ts'
import { signedQuery } from '../support/sign.ts'
import { Connection } from '../support/tcp.ts'
import { until } from '../support/until.ts'

const app = testApp()
const event = '{"name":"e","channel":"news","data":"d"}'

function raw(method: string, path: string, body = ''): string {
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path}?${signedQuery(app, { method, path, body })} HTTP/1.1\r\nHost: localhost\r\n${length}\r\n${body}`
}

describe('the API over the wire', () => {
  test.each([
    ['GET', '/apps/1001/events', 405, 'POST, OPTIONS'],
    ['DELETE', '/apps/1001/channels', 405, 'GET, HEAD, OPTIONS'],
    ['POST', '/up', 405, 'GET, HEAD, OPTIONS'],
    ['PUT', '/app/app-key', 405, 'GET, HEAD, OPTIONS'],
    ['GET', '/nowhere', 404, null],
    ['GET', '/', 404, null],
    ['POST', '/apps/9/events', 404, null],
  ])('%s %s is %d', async (method, path, status, allow) => {
    await using server = new TestServer()
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      ...(method === 'POST' ? { body: event } : {}),
    })
    expect(response.status).toBe(status)
    expect(response.headers.get('allow')).toBe(allow)
  })

  test.each([
    ['that ends too soon', 'Content-Length: 100', 'half'],
    ['with a broken chunk', 'Transfer-Encoding: chunked', '4\r\nhalf\r\nzz\r\n'],
  ])('a body %s is answered with 400, and is no unexpected error', async (_, header, body) => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    connection.write(`POST /apps/1001/events HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n${body}`)
    connection.destroy()
    await connection.ended
    await (await server.connect()).nothingMore()
    expect(server.unexpected).toEqual([])
  })

  test('a health check in HTTP/1.0 without a Host header is answered, as HAProxy sends it by default', async () => {
    await using server = new TestServer()
    for (const path of ['/up', '//up', '/ready']) {
      const connection = await Connection.open(server.port)
      connection.write(`GET ${path} HTTP/1.0\r\n\r\n`)
      expect(await connection.response()).toMatchObject({ status: 200, body: '{"health":"OK"}' })
      connection.destroy()
    }
  })

  test.each([
    ['OPTIONS / HTTP/1.0', 'what HAProxy sends where no path is configured', 204, ''],
    ['OPTIONS / HTTP/1.1\r\nHost: localhost', 'the same in HTTP/1.1', 204, ''],
    ['GET /up HTTP/1.0\r\nHost:', 'an empty Host', 200, '{"health":"OK"}'],
    ['GET /ready HTTP/1.1\r\nHost:', 'an empty Host', 200, '{"health":"OK"}'],
    ['HEAD /up HTTP/1.0', 'a HEAD', 200, ''],
    ['OPTIONS /up HTTP/1.0', 'an OPTIONS', 204, ''],
  ])('a health check %j (%s) is %d', async (head, _, status, body) => {
    for (const path of ['', '/prefix']) {
      await using server = new TestServer({ path })
      const connection = await Connection.open(server.port)
      connection.write(`${head.replace(' /up', ` ${path}/up`).replace(' /ready', ` ${path}/ready`)}\r\nConnection: close\r\n\r\n`)
      const received = await connection.until('\r\n\r\n')
      expect(Number(received.split(' ')[1])).toBe(status)
      if (body !== '') await connection.until(body)
      await connection.ended
      expect(server.refusals).toEqual([])
    }
  })

  test.each(['Host: a\r\nHost: b', 'Host: a\r\nhost: a', 'Host:\r\nHost: a', 'Host: a\r\nHost:'])(
    '%j is a bad request on every route, and its connection is closed',
    async hosts => {
      await using server = new TestServer()
      const upgrade =
        'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
      const signed = `/apps/1001/channels?${signedQuery(app, { method: 'GET', path: '/apps/1001/channels', body: '' })}`
      for (const [target, more] of [
        ['/up', 'Accept: */*'],
        [signed, 'Accept: */*'],
        ['/app/app-key', upgrade],
      ]) {
        const connection = await Connection.open(server.port)
        connection.write(`GET ${target} HTTP/1.1\r\n${hosts}\r\n${more}\r\n\r\n`)
        expect(await connection.response()).toMatchObject({ status: 400, body: 'More than one Host header.' })
        await connection.ended
      }
      expect(server.refusals).toMatchObject([{ refusal: 'request-host' }, { refusal: 'request-host', appId: '1001' }])
    },
  )

  test('a request is answered where its URL cannot be parsed, and reported with its path as it was sent', async () => {
    await using server = new TestServer()
    const statuses: number[] = []
    for (const head of ['GET // HTTP/1.0', 'GET //[up/x HTTP/1.0', 'GET //up/x HTTP/1.1\r\nHost: a b']) {
      const connection = await Connection.open(server.port)
      connection.write(`${head}\r\n\r\n`)
      statuses.push((await connection.response()).status)
      connection.destroy()
    }
    expect(statuses).toEqual([404, 404, 404])
    expect(server.answers).toEqual(['GET // 404', 'GET //[up/x 404', 'GET //up/x 404'])
  })

  test('a chunked body that is far over the limit is refused as too large, not as incomplete', async () => {
    await using server = new TestServer({ maxRequestBytes: 100 })
    const connection = await Connection.open(server.port)
    connection.write(`POST /apps/1001/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n`)
    connection.write('x'.repeat(0x20000))
    expect(await connection.until('\r\n\r\n')).toContain(' 413 ')
    connection.destroy()
    await until('it is counted', () => server.refusals.length > 0)
    expect(server.refusals.map(({ refusal }) => refusal)).toEqual(['request-too-large'])
  })

  test('malformed JSON is 400, a missing field 422', async () => {
    await using server = new TestServer()
    const post = (body: string) => server.request({ method: 'POST', path: '/apps/1001/events', body })
    expect((await post('{"name":')).status).toBe(400)
    expect((await post('null')).status).toBe(400)
    const response = await post('{"name":"e","channel":"news"}')
    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({ data: ['The data field is required.'] })
  })

  test.each([
    ['a bad signature', { app: { key: 'app-key', secret: 'wrong' } }, 'Authentication signature invalid.'],
    ['a stale timestamp', { timestamp: 1_000_000_000 }, 'auth_timestamp is'],
    ['a wrong key', { app: { key: 'other', secret: 'app-secret' } }, 'auth_key is not the key of this app.'],
    ['a wrong version', { query: { auth_version: '2.0' } }, 'auth_version must be 1.0.'],
  ])('%s is 401 with the reason, and publishes nothing', async (_, changes, said) => {
    await using server = new TestServer()
    const client = await server.connect()
    await client.subscribe('news')
    const response = await server.request({ method: 'POST', path: '/apps/1001/events', body: event, ...changes })
    expect(response.status).toBe(401)
    expect(await response.text()).toContain(said)
    await client.nothingMore()
  })

  test.each([10_001, 50_000, 1_000_000])('a body of %d bytes is 413', async bytes => {
    await using server = new TestServer()
    const response = await server.request({ method: 'POST', path: '/apps/1001/events', body: event.padEnd(bytes) })
    expect(response.status).toBe(413)
  })

  test('status lines have the phrases that Bun has for their numbers', async () => {
    await using server = new TestServer()
    const post = (body: string) => server.request({ method: 'POST', path: '/apps/1001/events', body })
    expect((await post(event.padEnd(10_001))).statusText).toBe('Payload Too Large')
    expect((await post('{}')).statusText).toBe('Unprocessable Entity')
  })

  test('a body over the limit is answered with the limit', async () => {
    await using server = new TestServer()
    const response = await server.request({ method: 'POST', path: '/apps/1001/events', body: event.padEnd(10_001) })
    expect(await response.text()).toBe('Payload too large: the limit is 10000 bytes (max_request_size in config/reverb.php).')
    expect((await server.request({ method: 'POST', path: '/apps/1001/events', body: event.padEnd(10_000) })).status).toBe(200)
  })

  test('chunked bodies are read', async () => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    const path = '/apps/1001/events'
    const query = signedQuery(app, { method: 'POST', path, body: event })
    connection.write(`POST ${path}?${query} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
    for (const part of [event.slice(0, 7), event.slice(7)]) connection.write(`${part.length.toString(16)}\r\n${part}\r\n`)
    connection.write('0\r\n\r\n')
    expect(await connection.response()).toMatchObject({ status: 200, body: '{}' })
    connection.destroy()
  })

  test('an answer to HEAD has no body', async () => {
    await using server = new TestServer()
    const response = await server.request({ method: 'HEAD', path: '/apps/1001/connections' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  test('pipelined requests are answered in their order, over one connection', async () => {
    await using server = new TestServer()
    const client = await server.connect()
    await client.subscribe('news')
    const connection = await Connection.open(server.port)
    const body = (n: number) =>
      JSON.stringify({ name: 'e', channel: 'news', data: String(n), info: n % 2 === 0 ? 'cache' : 'subscription_count' })
    connection.write(Array.from({ length: 10 }, (_, n) => raw('POST', '/apps/1001/events', body(n))).join(''))
    for (let n = 0; n < 10; n++) {
      const answer = n % 2 === 0 ? '{"channels":{"news":{}}}' : '{"channels":{"news":{"subscription_count":1}}}'
      expect(await connection.response()).toMatchObject({ status: 200, body: answer })
    }
    expect((await client.untilPong()).map(({ data }) => data)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    connection.destroy()
  })

  test('a connection is kept, also after an error', async () => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    for (const [path, status] of [
      ['/up', 200],
      ['/nowhere', 404],
      ['/apps/1001/events', 405],
      ['/apps/1001/channels', 200],
      ['/up', 200],
    ] as const) {
      connection.write(raw('GET', path))
      expect((await connection.response()).status).toBe(status)
    }
    connection.destroy()
  })

  test('an unexpected error is 500 without details, is reported, and the server continues', async () => {
    await using server = new TestServer()
    const publish = server.running.parts.hub.publish
    server.running.parts.hub.publish = () => {
      throw new RangeError('secret detail')
    }
    const response = await server.post('/events', { name: 'e', channel: 'news', data: 'd' })
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('Internal server error.')
    expect(server.unexpected).toEqual([{ error: new RangeError('secret detail'), where: 'POST /apps/1001/events' }])
    server.running.parts.hub.publish = publish
    await server.publish('news', 'd')
  })

  test('an unexpected error is reported with its path also without a Host header', async () => {
    await using server = new TestServer()
    const fault = new RangeError('secret detail')
    server.running.parts.hub.publish = () => {
      throw fault
    }
    const body = JSON.stringify({ name: 'e', channel: 'news', data: 'd' })
    const path = '/apps/1001/events'
    const query = signedQuery({ key: 'app-key', secret: 'app-secret' }, { method: 'POST', path, body })
    const connection = await Connection.open(server.port)
    connection.write(`POST ${path}?${query} HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    expect(await connection.response()).toMatchObject({ status: 500 })
    expect(server.unexpected).toEqual([{ error: fault, where: 'POST /apps/1001/events' }])
    connection.destroy()
  })
})

describe('a server that stops', () => {
  test('closes the oldest sockets first, with 4200, and serves the others', async () => {
    await using server = new TestServer()
    const clients = [await server.connect(), await server.connect(), await server.connect()]
    for (const client of clients) await client.subscribe('news')
    server.running.traffic.closeOldest(2)
    for (const client of clients.slice(0, 2))
      expect(await client.closed).toEqual({ code: 4200, reason: 'Server is going away, please reconnect' })
    await clients[2]!.nothingMore()
    expect(server.running.traffic.openSockets()).toBe(1)
  })

  test('accepts no new connections, and open sockets still exchange events', async () => {
    await using server = new TestServer()
    const [one, two] = [await server.connect(), await server.connect()]
    await one.subscribe('presence-x', { app, member: { user_id: 1 } })
    await two.subscribe('presence-x', { app, member: { user_id: 2 } })
    await one.untilPong()
    server.running.traffic.stopAccepting()
    await expect(Connection.open(server.port)).rejects.toThrow()
    two.send({ event: 'client-a', channel: 'presence-x', data: 1 })
    expect(await one.next()).toMatchObject({ event: 'client-a', user_id: 2 })
    two.close()
    expect(await one.next()).toMatchObject({ event: 'pusher_internal:member_removed' })
  })

  test('closes the remaining sockets with 1001, and sends none of them that others have left', async () => {
    const server = new TestServer()
    const clients = [await server.connect(), await server.connect()]
    for (const [i, client] of clients.entries()) await client.subscribe('presence-x', { app, member: { user_id: i } })
    await clients[0]!.untilPong()
    await server.running.traffic.stop()
    for (const client of clients) expect(await client.closed).toEqual({ code: 1001, reason: 'Server is stopping' })
    for (const client of clients) expect(client.rest()).toEqual([])
    expect(server.running.traffic.openSockets()).toBe(0)
    await expect(Connection.open(server.port)).rejects.toThrow()
  })
})

describe('a server is busy', () => {
  test('with a request that is not answered', async () => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    connection.write('POST /apps/1001/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{')
    while (!server.running.traffic.isBusy()) await Bun.sleep(1)
    connection.write('}')
    await connection.response()
    expect(server.running.traffic.isBusy()).toBe(false)
    connection.destroy()
  })

  test('with frames that a client has not taken', async () => {
    await using server = new TestServer()
    const client = await server.connect()
    const slow = await Connection.open(server.port)
    slow.socket.pause()
    slow.handshake()
    await client.untilPong()
    while (server.running.traffic.openSockets() < 2) await Bun.sleep(1)
    expect(server.running.traffic.isBusy()).toBe(false)
    const sockets = [...server.running.parts.executor.sockets.values()]
    while (!server.running.traffic.isBusy()) for (const socket of sockets.slice(1)) socket.send('x'.repeat(10_000))
    slow.destroy()
    while (server.running.traffic.isBusy()) await Bun.sleep(1)
  })
})

test('an error in a tick is reported, and the next tick follows', async () => {
  await using server = new TestServer()
  const ticked = Promise.withResolvers<void>()
  let ticks = 0
  server.running.parts.hub.tick = () => {
    if (++ticks === 2) ticked.resolve()
    throw new Error(`tick ${ticks}`)
  }
  await ticked.promise
  expect(server.unexpected[0]).toEqual({ error: new Error('tick 1'), where: 'tick' })
})

test('a second server cannot listen on the same port', async () => {
  await using server = new TestServer()
  expect(() => new TestServer({ port: server.port })).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }))
})

describe('the server reports refusals with their kind and app', () => {
  test('of connections: an unknown key, another origin, over the quota, and requests that are no handshake', async () => {
    await using server = new TestServer({ apps: [testApp({ allowedOrigins: ['good.example'], maxConnections: 1 })] })
    await server.open({ key: 'nobody' }).closed
    await server.open({ origin: 'https://evil.example' }).closed
    await server.connect({ origin: 'https://good.example' })
    await server.open({ origin: 'https://good.example' }).closed
    await fetch(`http://127.0.0.1:${server.port}/app/app-key`, { headers: { 'User-Agent': 'curl' } })
    const report = (refusal: string, appId: string | undefined, about: string) => ({
      refusal,
      appId,
      count: 1,
      seconds: 0,
      about,
    })
    expect(server.refusals).toEqual([
      report('unknown-key', undefined, 'nobody'),
      report('origin-not-allowed', '1001', 'https://evil.example'),
      report('max-connections', '1001', ''),
      report('bad-handshake', '1001', 'curl'),
    ] as RefusalReport[])
  })

  test('of messages, publishes and pruned connections, and the last ones when it stops', async () => {
    const server = new TestServer()
    const client = await server.connect()
    for (let i = 0; i < 3; i++) client.send({ event: 'client-x', channel: 'private-x' })
    for (let i = 0; i < 3; i++) await client.next()
    await server.post('/events', { name: 'e', data: 'd' })
    const { hub, executor, nowMs } = server.running.parts
    for (const minutes of [10, 20]) executor.apply(hub.checkLiveness(nowMs() + minutes * 60_000).effects)
    expect(await client.closed).toMatchObject({ code: 4201 })
    const kinds = () => server.refusals.map(({ refusal, count }) => `${refusal} ${count}`)
    expect(kinds()).toEqual(['client-event-not-subscribed 1', 'request-invalid 1', 'connection-pruned 1'])
    await server.running.traffic.stop()
    expect(kinds().slice(3)).toEqual(['client-event-not-subscribed 2'])
    expect([...server.running.parts.refusals.totals()].map(({ total }) => total)).toEqual([3, 1, 1])
  })
})

test('answers are reported with their status, a WebSocket with 101', async () => {
  await using server = new TestServer()
  await server.connect()
  await server.publish('news', 'x')
  await fetch(`http://127.0.0.1:${server.port}/nowhere`)
  expect(server.answers).toEqual(['GET /app/app-key 101', 'POST /apps/1001/events 200', 'GET /nowhere 404'])
})
