import { describe, expect, test } from 'bun:test'
import type { App } from '../../src/core/app.ts'
import type { Publication } from '../../src/core/hub.ts'
import { type ApiOptions, createApi } from '../../src/http/api.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'
import { type SignedRequest, signedQuery } from '../support/sign.ts'

const app = testApp()
const now = 1_700_000_000

type Asking = Partial<SignedRequest> & { readonly url?: string; readonly headers?: Record<string, string>; readonly key?: App }

function apiWith(options: Partial<ApiOptions> = {}) {
  const hub = hubWith(app, '1.1', '2.2')
  put(hub, app, '1.1', 'presence-x', '{"user_id":"1"}')
  const published: Publication[] = []
  const terminated: string[] = []
  const unexpected: unknown[] = []
  const api = createApi({
    state: hub.state,
    prefix: '',
    maxRequestBytes: 100,
    timestampToleranceSeconds: 600,
    nowSeconds: () => now,
    publish: (to, publication) => void published.push({ ...publication, name: `${to.id} ${publication.name}` }),
    terminate: (from, userId) => void terminated.push(`${from.id} ${userId}`),
    upgrade: (_, key) => new Response(key, { status: 299 }),
    unexpected: (error, request) => void unexpected.push([error, request.method]),
    ...options,
  })
  /** A signed request, and the status, text and headers of its answer. */
  async function ask({ method = 'GET', path = '/', body = '', key = app, url = path, headers = {}, query }: Asking) {
    const signed = signedQuery(key, { method, path, body, timestamp: now, ...(query === undefined ? {} : { query }) })
    const init = { method, headers, ...(body === '' ? {} : { body }) }
    const response = (await api(new Request(`http://host:1${url}?${signed}`, init)))!
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  const get = async (url: string, method = 'GET') => {
    const response = (await api(new Request(`http://host:1${url}`, { method })))!
    return { status: response.status, text: await response.text() }
  }
  return { hub, published, terminated, unexpected, api, ask, get }
}

const event = '{"name":"e","channel":"news","data":"d"}'
const post = (path: string, body = event): Asking => ({ method: 'POST', path, body })

describe('every route', () => {
  test.each<[string, Asking, string]>([
    ['events', post('/apps/1001/events'), '{}'],
    ['batch_events', post('/apps/1001/batch_events', `{"batch":[${event}]}`), '{}'],
    ['connections', { path: '/apps/1001/connections' }, '{"connections":2}'],
    ['channels', { path: '/apps/1001/channels' }, '{"channels":{"presence-x":{}}}'],
    ['channels with a query', { path: '/apps/1001/channels', query: { filter_by_prefix: 'private-' } }, '{"channels":{}}'],
    ['channel', { path: '/apps/1001/channels/presence-x', query: { info: 'user_count' } }, '{"occupied":true,"user_count":1}'],
    ['users', { path: '/apps/1001/channels/presence-x/users' }, '{"users":[{"id":"1"}]}'],
    ['terminate', post('/apps/1001/users/1/terminate_connections', ''), '{}'],
  ])('%s', async (_, asking, text) => {
    const answer = await apiWith().ask(asking)
    expect(answer).toMatchObject({ status: 200, text })
    expect(answer.headers.get('content-type')).toBe('application/json')
  })

  test('does what it says', async () => {
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

  test('health needs no signature', async () => {
    expect(await apiWith().get('/up')).toEqual({ status: 200, text: '{"health":"OK"}' })
  })

  test('a socket needs none either; what the upgrade says is the answer', async () => {
    expect(await apiWith().get('/app/my%20key?protocol=7')).toEqual({ status: 299, text: 'my key' })
    const { api } = apiWith({ upgrade: () => undefined })
    expect(await api(new Request('http://host/app/key'))).toBeUndefined()
  })
})

describe('is looked at in this order:', () => {
  test('route, size, app, signature, JSON, fields', async () => {
    const { ask } = apiWith()
    const statuses = async (asking: Asking) => (await ask(asking)).status
    const large = 'x'.repeat(101)
    const stranger = testApp({ secret: 'wrong' })
    expect(await statuses({ ...post('/nowhere', large), key: stranger })).toBe(404)
    expect(await statuses({ ...post('/apps/9/channels', large), key: stranger })).toBe(405)
    expect(await statuses({ ...post('/apps/9/events', large), key: stranger })).toBe(413)
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

  test('405 says what is allowed', async () => {
    const { headers } = await apiWith().ask(post('/apps/1001/channels'))
    expect(headers.get('allow')).toBe('GET')
  })
})

describe('a body', () => {
  const padded = (bytes: number, filling = ' ') => event + filling.repeat(bytes - event.length)

  test('of as many bytes as the limit', async () => {
    expect((await apiWith().ask(post('/apps/1001/events', padded(100)))).status).toBe(200)
  })

  const limit = 'Payload too large: the limit is 100 bytes (max_request_size in config/reverb.php).'

  test('of one more', async () => {
    expect(await apiWith().ask(post('/apps/1001/events', padded(101)))).toMatchObject({ status: 413, text: limit })
  })

  test('of fewer characters but more bytes, with and without Content-Length', async () => {
    const body = JSON.stringify({ name: 'e', channel: 'a', data: 'ü'.repeat(40) })
    expect(body.length).toBeLessThan(100)
    expect((await apiWith().ask(post('/apps/1001/events', body))).status).toBe(413)
    const headers = { 'content-length': String(Buffer.byteLength(body)) }
    expect((await apiWith().ask({ ...post('/apps/1001/events', body), headers })).status).toBe(413)
  })

  test('that says it is larger is not waited for', async () => {
    const endless = new ReadableStream({ pull: () => new Promise(() => {}) })
    const request = new Request('http://host/apps/1001/events', {
      method: 'POST',
      body: endless,
      headers: { 'content-length': '101' },
    })
    expect((await apiWith().api(request))!.status).toBe(413)
  })
})

describe('behind a prefix', () => {
  test('the path may be signed with it and without it', async () => {
    const { ask, get } = apiWith({ prefix: '/ws' })
    const path = '/apps/1001/connections'
    expect((await ask({ path, url: `/ws${path}` })).status).toBe(200)
    expect((await ask({ path: `/ws${path}` })).status).toBe(200)
    expect((await ask({ path: `/other${path}`, url: `/ws${path}` })).status).toBe(401)
    expect((await ask({ path })).status).toBe(404)
    expect((await get('/ws/up')).status).toBe(200)
    expect((await get('/up')).status).toBe(404)
    expect(await get('/ws/app/key')).toEqual({ status: 299, text: 'key' })
  })
})

describe('the target of a request', () => {
  test.each([
    ['/up', 200],
    ['/up?', 200],
    ['/up?x=1', 200],
    ['/up#hash', 200],
    ['/up?x=1#hash', 200],
    ['/up#hash?x', 200],
    ['/UP', 404],
    ['', 404],
  ])('%p', async (url, status) => expect((await apiWith().get(url)).status).toBe(status))
})

test('what nobody foresaw is 500 without details, and is handed on', async () => {
  const fault = new Error('secret detail')
  const { ask, unexpected } = apiWith({
    publish: () => {
      throw fault
    },
  })
  const answer = await ask(post('/apps/1001/events'))
  expect(answer).toMatchObject({ status: 500, text: 'Internal server error.' })
  expect(unexpected).toEqual([[fault, 'POST']])
})
