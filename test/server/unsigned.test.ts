import { describe, expect, test } from 'bun:test'
import { totalUnsignedPerSecond, UnsignedRequests, unsignedPerSecond } from '../../src/server/unsigned.ts'
import { TestServer } from '../support/server.ts'
import { signedQuery } from '../support/sign.ts'
import { Connection } from '../support/tcp.ts'

const up = 'GET /up HTTP/1.1\r\nHost: a\r\n\r\n'
const unsignedPost = 'POST /apps/1001/events?auth_signature=x&body_md5=x HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n'

describe('requests without a valid signature', () => {
  test('close their connection where there are many in a second', () => {
    const unsigned = new UnsignedRequests()
    const [one, other] = [
      { address: '127.0.0.1', port: 1 },
      { address: '127.0.0.1', port: 2 },
    ]
    const ends = Array.from({ length: unsignedPerSecond + 1 }, () => unsigned.count(one, 10))
    expect(ends.indexOf(true)).toBe(unsignedPerSecond - 1)
    expect(ends.at(-1)).toBe(true)
    expect(unsigned.count(other, 10)).toBe(false)
    expect(unsigned.count(one, 1009)).toBe(true)
    expect(unsigned.count(one, 1010)).toBe(false)
  })

  test('close every connection where there are many of all connections together', () => {
    const unsigned = new UnsignedRequests()
    const ends = Array.from({ length: totalUnsignedPerSecond + 2 }, (_, port) => unsigned.count({ address: '::1', port }, 10))
    expect(ends.indexOf(true)).toBe(totalUnsignedPerSecond)
    expect(ends.at(-1)).toBe(true)
    expect(unsigned.count({ address: '::1', port: 1 }, 1010)).toBe(false)
  })

  test('are not counted once their connection is closed', () => {
    const unsigned = new UnsignedRequests()
    for (let i = 0; i < 2 * unsignedPerSecond; i++) expect(unsigned.count(null, 10)).toBe(false)
  })

  test.each([
    ['for /up', up, 200],
    ['for /ready', up.replace('up', 'ready'), 200],
    ['for a path that there is not', up.replace('up', 'nowhere'), 404],
    ['with another method', up.replace('up', 'apps/1001/events'), 405],
    ['that ask for methods', up.replace('GET', 'OPTIONS'), 204],
    ['for an app that there is not', up.replace('up', 'apps/9/channels'), 404],
    ['with a wrong signature', up.replace('up', 'apps/1001/channels?auth_signature=x'), 401],
  ])('%s: the last answer of a connection has Connection: close, and no later request is handled', async (_, request, status) => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    let count = 0
    for (let ends = false; !ends; count++) {
      connection.write(request)
      const answer = await connection.response()
      expect(answer.status).toBe(status)
      ends = answer.headers.get('connection') === 'close'
    }
    expect(count).toBeGreaterThanOrEqual(unsignedPerSecond)
    await connection.ended

    const pipelined = await Connection.open(server.port)
    pipelined.write(request.repeat(5000))
    await pipelined.ended
    // The second in which they are counted may end among them.
    expect(server.answers.length - count).toBeLessThan(2 * unsignedPerSecond)
  })

  test('are answered on a new connection of the same client', async () => {
    await using server = new TestServer()
    for (let i = 0; i < 3 * unsignedPerSecond; i++) expect((await fetch(`http://127.0.0.1:${server.port}/up`)).status).toBe(200)
  })

  test('do not close a connection whose requests are signed', async () => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    const body = '{"name":"e","channel":"news","data":"d"}'
    const query = signedQuery(server.app, { method: 'POST', path: '/apps/1001/events', body })
    const signed = `POST /apps/1001/events?${query} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const unnamed = signed.replace(/&body_md5=[\da-f]+/, '')
    for (let i = 0; i < 2 * unsignedPerSecond; i++) {
      connection.write(i % 2 === 0 ? signed : unnamed)
      const answer = await connection.response()
      expect([answer.status, answer.headers.get('connection')]).toEqual([200, null])
    }
    const malformed = 'x'.repeat(body.length)
    const other = signedQuery(server.app, { method: 'POST', path: '/apps/1001/events', body: malformed })
    connection.write(signed.replace(query, other).replace(body, malformed))
    expect(await connection.response()).toMatchObject({ status: 400, body: 'The body is not JSON.' })
    for (let i = 1; i < unsignedPerSecond; i++) connection.write(up)
    for (let i = 1; i < unsignedPerSecond; i++) expect((await connection.response()).headers.get('connection')).toBeNull()
    connection.write(signed)
    expect(await connection.response()).toMatchObject({ status: 200 })
    connection.destroy()
  })
})

describe('the body of a request without a valid signature', () => {
  test('is not waited for, and the connection stays open', async () => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    connection.write(unsignedPost)
    expect(await connection.response()).toMatchObject({ status: 401, body: 'Authentication signature invalid.' })
    connection.write('x'.repeat(4000))
    connection.write('x'.repeat(5000))
    connection.write(up)
    expect(await connection.response()).toMatchObject({ status: 200, body: '{"health":"OK"}' })
    connection.destroy()
  })

  test('is read before an answer that closes the connection, as a reset would lose the answer', async () => {
    await using server = new TestServer()
    const isAnswered = async (connection: Connection, head: string) => {
      const before = server.answers.length
      connection.write(head)
      // Once this is answered, the server has seen the head.
      expect((await fetch(`http://127.0.0.1:${server.port}/up`)).status).toBe(200)
      return server.answers.slice(before).includes('POST /apps/1001/events 401')
    }
    const ending = await Connection.open(server.port)
    expect(await isAnswered(ending, unsignedPost.replace('Host', 'Connection: close\r\nHost'))).toBe(false)
    ending.write('x'.repeat(9000))
    expect((await ending.response()).status).toBe(401)
    await ending.ended

    const busy = await Connection.open(server.port)
    while (await isAnswered(busy, unsignedPost)) {
      busy.write('x'.repeat(9000))
      expect((await busy.response()).headers.get('connection')).toBeNull()
    }
    busy.write('x'.repeat(9000))
    const last = await busy.response()
    expect([last.status, last.headers.get('connection')]).toEqual([401, 'close'])
    await busy.ended
  })

  test('without body_md5 is waited for, as the signature covers the body', async () => {
    await using server = new TestServer()
    const connection = await Connection.open(server.port)
    connection.write(unsignedPost.replace('&body_md5=x', ''))
    connection.write('x'.repeat(9000))
    expect(await connection.response()).toMatchObject({ status: 401, body: 'Authentication signature invalid.' })
    connection.destroy()
  })

  test('must be the one that was signed', async () => {
    await using server = new TestServer()
    const body = '{"name":"e","channel":"news","data":"d"}'
    const query = signedQuery(server.app, { method: 'POST', path: '/apps/1001/events', body })
    const answer = await fetch(`http://127.0.0.1:${server.port}/apps/1001/events?${query}`, {
      method: 'POST',
      body: body.replace('"d"', '"x"'),
    })
    expect(answer.status).toBe(401)
    expect(await answer.text()).toBe('Authentication signature invalid: body_md5 is not that of the body.')
  })
})
