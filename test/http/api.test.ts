import { describe, expect, test } from 'bun:test'
import type { Api } from '../../src/http/api.ts'
import { type Asking, apiWith, app, event, now, post } from '../support/api.ts'
import { testApp } from '../support/apps.ts'
import { signedQuery } from '../support/sign.ts'

describe('a route', () => {
  test.each<[string, Asking, string]>([
    ['events', post('/apps/1001/events'), '{}'],
    ['batch_events', post('/apps/1001/batch_events', `{"batch":[${event}]}`), '{}'],
    ['connections', { path: '/apps/1001/connections' }, '{"connections":2}'],
    ['channels', { path: '/apps/1001/channels' }, '{"channels":{"presence-x":{}}}'],
    ['channels with a query', { path: '/apps/1001/channels', query: { filter_by_prefix: 'private-' } }, '{"channels":{}}'],
    ['channel', { path: '/apps/1001/channels/presence-x', query: { info: 'user_count' } }, '{"occupied":true,"user_count":1}'],
    ['users', { path: '/apps/1001/channels/presence-x/users' }, '{"users":[{"id":"1"}]}'],
    ['terminate', post('/apps/1001/users/1/terminate_connections', ''), '{}'],
  ])('%s answers a signed request', async (_, asking, text) => {
    const answer = await apiWith().ask(asking)
    expect(answer).toMatchObject({ status: 200, text })
    expect(answer.headers.get('content-type')).toBe('application/json')
  })

  test('publishes events, and terminates connections', async () => {
    const { ask, published, terminated } = apiWith()
    await ask(post('/apps/1001/events'))
    await ask(post('/apps/1001/batch_events', '{"batch":[{"name":"f","channel":"a","data":"d","socket_id":"1.1"}]}'))
    await ask(post('/apps/1001/users/a%2Fb/terminate_connections', ''))
    expect(published).toMatchObject([
      { name: '1001 e', channels: ['news'], data: 'd', exceptSocketId: undefined },
      { name: '1001 f', channels: ['a'], data: 'd', exceptSocketId: '1.1' },
    ])
    expect(terminated).toEqual(['1001 a/b'])
  })

  test('accepts a signature of the path before it was encoded, as SDKs make it', async () => {
    const { ask, terminated } = apiWith()
    const signed = { method: 'POST', path: '/apps/1001/users/zoë smith/terminate_connections' }
    const url = '/apps/1001/users/zo%C3%AB%20smith/terminate_connections'
    expect(await ask({ ...signed, url })).toMatchObject({ status: 200 })
    expect(await ask({ ...signed, path: '/apps/1001/users/zoë/terminate_connections', url })).toMatchObject({ status: 401 })
    expect(terminated).toEqual(['1001 zoë smith'])
    const behind = apiWith({ prefix: '/ws' })
    expect(await behind.ask({ ...signed, path: `/ws${signed.path}`, url: `/ws${url}` })).toMatchObject({ status: 200 })
  })

  test('for health needs no signature', async () => {
    expect(await apiWith().get('/up')).toEqual({ status: 200, text: '{"health":"OK"}' })
  })

  test('for readiness needs no signature, and shows whether the server is degraded', async () => {
    expect(await apiWith().get('/ready')).toEqual({ status: 200, text: '{"health":"OK"}' })
    expect(await apiWith({ isDegraded: () => true }).get('/ready')).toEqual({ status: 200, text: '{"health":"degraded"}' })
  })

  test('for a socket needs no signature, and is answered by the upgrade', async () => {
    expect(await apiWith().get('/app/my%20key?protocol=7')).toEqual({ status: 299, text: 'my key' })
    const { api } = apiWith({ upgrade: () => undefined })
    expect(await api(new Request('http://host/app/key'))).toBeUndefined()
  })
})

test('every answer to a request whose signature is not verified is reported as unsigned, and no other', async () => {
  const statuses: number[] = []
  const unsigned = (_: Request, response: Response) => {
    statuses.push(response.status)
    return new Response(response.body, { status: response.status, headers: { Connection: 'close' } })
  }
  const { ask, get } = apiWith({ unsigned })
  const stranger = testApp({ secret: 'wrong' })
  const closes = async (asking: Asking) => (await ask(asking)).headers.has('connection')
  for (const path of ['/up', '/ready', '/nowhere', '/apps/1001/channels']) await get(path)
  await get('/apps/1001/events', 'OPTIONS')
  await get('/apps/1001/events')
  expect(await closes({ ...post('/apps/1001/events'), key: stranger })).toBe(true)
  expect(await closes({ ...post('/apps/9/events'), key: stranger })).toBe(true)
  expect(statuses).toEqual([200, 200, 404, 401, 204, 405, 401, 404])
  expect(await closes(post('/apps/1001/events'))).toBe(false)
  expect(await closes(post('/apps/1001/events', 'not json'))).toBe(false)
  expect(await closes(post('/apps/1001/events', '{}'))).toBe(false)
  expect(statuses).toHaveLength(8)
})

test('a request whose query is signed is not reported as unsigned, whatever refuses it but another body', async () => {
  const statuses: number[] = []
  const unsigned = (_: Request, response: Response) => {
    statuses.push(response.status)
    return response
  }
  const limited = testApp({ requestRate: { maxAttempts: 1, decaySeconds: 1 } })
  const query = signedQuery(app, { method: 'POST', path: '/apps/1001/events', body: event, timestamp: now })
  const statusOf = async (api: Api, body: string | ReadableStream, headers = {}) =>
    (await api(new Request(`http://host/apps/1001/events?${query}`, { method: 'POST', body, headers })))!.status

  const { api } = apiWith({ unsigned }, limited)
  expect(await statusOf(api, 'x'.repeat(101), { 'content-length': '1' })).toBe(413)
  expect(await statusOf(api, event)).toBe(200)
  expect(await statusOf(api, event)).toBe(429)

  const { promise, resolve } = Promise.withResolvers<void>()
  const cutShort = () => new ReadableStream({ pull: controller => promise.then(() => controller.error(new Error('cut'))) })
  const busy = apiWith({ unsigned, maxRequestBytes: 8_000_000 }).api
  const announced = { 'content-length': '8000000' }
  const waiting = Array.from({ length: 33 }, () => statusOf(busy, cutShort(), announced))
  expect(await statusOf(busy, cutShort(), announced)).toBe(503)
  resolve()
  expect([...new Set(await Promise.all(waiting))]).toEqual([400])

  expect(statuses).toEqual([])
  expect(await statusOf(api, 'another')).toBe(401)
  expect(statuses).toEqual([401])
})

describe('a request is checked in this order:', () => {
  test('route, size, app, signature, JSON, fields', async () => {
    const { ask } = apiWith()
    const statuses = async (asking: Asking) => (await ask(asking)).status
    const large = 'x'.repeat(101)
    const stranger = testApp({ secret: 'wrong' })
    expect(await statuses({ ...post('/nowhere', large), key: stranger })).toBe(404)
    expect(await statuses({ ...post('/apps/9/channels', large), key: stranger })).toBe(405)
    expect(await statuses({ ...post('/apps/9/events', large), key: stranger, headers: { 'Content-Length': '101' } })).toBe(413)
    expect(await ask({ ...post('/apps/9/events', 'not json'), key: stranger })).toMatchObject({
      status: 404,
      text: 'No matching application for ID [9].',
    })
    expect(await ask({ ...post('/apps/1001/events', 'not json'), key: stranger })).toMatchObject({
      status: 401,
      text: 'Authentication signature invalid.',
    })
    expect(await ask(post('/apps/1001/events', 'not json'))).toMatchObject({ status: 400, text: 'The body is not JSON.' })
    expect(await ask(post('/apps/1001/events', ''))).toMatchObject({ status: 400, text: 'The body is not JSON.' })
    const answer = await ask(post('/apps/1001/events', '{"channel":"a"}'))
    expect(answer).toMatchObject({
      status: 422,
      text: '{"name":["The name field is required."],"data":["The data field is required."]}',
    })
    expect(answer.headers.get('content-type')).toBe('application/json')
  })

  test('the signature, then the body', async () => {
    const { api } = apiWith()
    const unread = async (query: string) => {
      const request = new Request(`http://host/apps/1001/events?${query}`, { method: 'POST', body: event })
      return [(await api(request))!.status, request.bodyUsed]
    }
    const query = signedQuery(app, { method: 'POST', path: '/apps/1001/events', body: event, timestamp: now })
    expect(await unread(query)).toEqual([200, true])
    expect(await unread(query.replace('auth_timestamp=1', 'auth_timestamp=2'))).toEqual([401, false])
    expect(await unread(query.replace(/&body_md5=[\da-f]+/, ''))).toEqual([200, true])
  })

  test('the method, with the allowed ones in the answer', async () => {
    const { headers } = await apiWith().ask(post('/apps/1001/channels'))
    expect(headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })
})

describe('an app', () => {
  test('that is disabled is answered with 403 once the signature is valid', async () => {
    const { ask, published } = apiWith({}, testApp({ enabled: false }))
    expect(await ask(post('/apps/1001/events'))).toMatchObject({ status: 403, text: 'The app [1001] is disabled.' })
    expect(await ask({ ...post('/apps/1001/events'), key: testApp({ secret: 'wrong' }) })).toMatchObject({ status: 401 })
    expect(published).toEqual([])
  })

  test('that is unknown is answered with 503 while the apps cannot be looked up', async () => {
    const { ask, hub } = apiWith()
    hub.markAppsUnavailable()
    const answer = await ask(post('/apps/9/events'))
    expect(answer).toMatchObject({ status: 503, text: 'Applications cannot be looked up at the moment.' })
    expect(answer.headers.get('retry-after')).toBe('5')
    expect((await ask(post('/apps/1001/events'))).status).toBe(200)
  })

  test('that exceeds its rate is answered with 429 and Retry-After; unsigned requests do not count', async () => {
    let nowMs = 0
    const { ask, published } = apiWith({ nowMs: () => nowMs }, testApp({ requestRate: { maxAttempts: 2, decaySeconds: 10 } }))
    const statuses = async (...askings: Asking[]) => {
      const list: number[] = []
      for (const asking of askings) list.push((await ask(asking)).status)
      return list
    }
    const forged = { ...post('/apps/1001/events'), key: testApp({ secret: 'wrong' }) }
    expect(await statuses(forged, forged, forged)).toEqual([401, 401, 401])
    expect(await statuses(post('/apps/1001/events'), { path: '/apps/1001/channels' })).toEqual([200, 200])
    nowMs = 6500
    const answer = await ask(post('/apps/1001/events'))
    expect(answer).toMatchObject({
      status: 429,
      text: 'Too many requests: the limit is 2 in 10 seconds (request_rate_limiting).',
    })
    expect(answer.headers.get('retry-after')).toBe('4')
    expect(published).toHaveLength(1)
    nowMs = 10_000
    expect(await statuses(post('/apps/1001/events'))).toEqual([200])
  })
})

test('the connection of a signed request is kept open for the next one, and no other', async () => {
  const kept: string[] = []
  const { ask, get } = apiWith({ keepAlive: ({ method }) => void kept.push(method) })
  await get('/up')
  await get('/apps/1001/channels')
  await ask({ ...post('/apps/1001/events'), key: testApp({ secret: 'another' }) })
  expect(kept).toEqual([])
  await ask(post('/apps/1001/events'))
  await ask({ path: '/apps/1001/channels' })
  expect(kept).toEqual(['POST', 'GET'])
})

test('the connection of a request whose query is signed is kept open before its body has arrived', async () => {
  const kept = Promise.withResolvers<void>()
  const { api } = apiWith({ keepAlive: () => kept.resolve() })
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const path = '/apps/1001/events'
  const query = signedQuery(app, { method: 'POST', path, body: event, timestamp: now })
  const answer = api(new Request(`http://localhost${path}?${query}`, { method: 'POST', body: readable }))
  await kept.promise
  const writer = writable.getWriter()
  await writer.write(new TextEncoder().encode(event))
  await writer.close()
  expect((await answer)?.status).toBe(200)
})
