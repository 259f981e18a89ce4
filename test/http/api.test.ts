import { describe, expect, test } from 'bun:test'
import type { App } from '../../src/core/app.ts'
import type { Refused } from '../../src/core/effect.ts'
import type { Publication } from '../../src/core/hub.ts'
import { type Api, type ApiOptions, createApi } from '../../src/http/api.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'
import { type SignedRequest, signedQuery } from '../support/sign.ts'

const app = testApp()
const now = 1_700_000_000

type Asking = Partial<SignedRequest> & { readonly url?: string; readonly headers?: Record<string, string>; readonly key?: App }

function apiWith(options: Partial<ApiOptions> = {}, served = app) {
  const hub = hubWith(served, '1.1', '2.2')
  put(hub, served, '1.1', 'presence-x', '{"user_id":"1"}')
  const published: Publication[] = []
  const terminated: string[] = []
  const unexpected: unknown[] = []
  const refused: Refused[] = []
  const api = createApi({
    state: hub.state,
    prefix: '',
    maxRequestBytes: 100,
    timestampToleranceSeconds: 600,
    idempotencySeconds: 120,
    nowSeconds: () => now,
    nowMs: () => 1,
    isDegraded: () => false,
    publish: (to, publication) => void published.push({ ...publication, name: `${to.id} ${publication.name}` }),
    terminate: (from, userId) => void terminated.push(`${from.id} ${userId}`),
    keepAlive: () => {},
    unsigned: (_, response) => response,
    upgrade: (_, key) => new Response(key, { status: 299 }),
    refused: refusal => void refused.push(refusal),
    unexpected: (error, request) => void unexpected.push([error, request]),
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
  return { hub, published, terminated, unexpected, refused, api, ask, get }
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

  test('may be signed before it was encoded, as SDKs do', async () => {
    const { ask, terminated } = apiWith()
    const signed = { method: 'POST', path: '/apps/1001/users/zoë smith/terminate_connections' }
    const url = '/apps/1001/users/zo%C3%AB%20smith/terminate_connections'
    expect(await ask({ ...signed, url })).toMatchObject({ status: 200 })
    expect(await ask({ ...signed, path: '/apps/1001/users/zoë/terminate_connections', url })).toMatchObject({ status: 401 })
    expect(terminated).toEqual(['1001 zoë smith'])
    const behind = apiWith({ prefix: '/ws' })
    expect(await behind.ask({ ...signed, path: `/ws${signed.path}`, url: `/ws${url}` })).toMatchObject({ status: 200 })
  })

  test('health needs no signature', async () => {
    expect(await apiWith().get('/up')).toEqual({ status: 200, text: '{"health":"OK"}' })
  })

  test('nor does readiness, which says more', async () => {
    expect(await apiWith().get('/ready')).toEqual({ status: 200, text: '{"health":"OK"}' })
    expect(await apiWith({ isDegraded: () => true }).get('/ready')).toEqual({ status: 200, text: '{"health":"degraded"}' })
  })

  test('a socket needs none either; what the upgrade says is the answer', async () => {
    expect(await apiWith().get('/app/my%20key?protocol=7')).toEqual({ status: 299, text: 'my key' })
    const { api } = apiWith({ upgrade: () => undefined })
    expect(await api(new Request('http://host/app/key'))).toBeUndefined()
  })
})

test('every answer to a request whose signature was not verified is reported as such, and no other', async () => {
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

describe('is looked at in this order:', () => {
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

  test('a signature that does not hold, before the body', async () => {
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

  test('405 says what is allowed', async () => {
    const { headers } = await apiWith().ask(post('/apps/1001/channels'))
    expect(headers.get('allow')).toBe('GET, HEAD, OPTIONS')
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

  test('that is declared larger is read to its end where the connection ends with the answer, which the client would lose otherwise', async () => {
    const sent = Promise.withResolvers<void>()
    let isRead = false
    const body = new ReadableStream({
      async pull(controller) {
        await sent.promise
        isRead = true
        controller.enqueue(new TextEncoder().encode(padded(101)))
        controller.close()
      },
    })
    const headers = { 'content-length': '101', connection: 'Close' }
    const answer = apiWith().api(new Request('http://host/apps/1001/events', { method: 'POST', body, headers }))
    sent.resolve()
    expect((await answer)!.status).toBe(413)
    expect(isRead).toBe(true)
  })
})

describe('bodies that are being received', () => {
  const size = 4_000_000
  /** With a body of that length that comes when the test says. */
  function slow(query: Record<string, string> | string, headers = { 'content-length': String(size) }) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const body = new ReadableStream({
      async pull(controller) {
        await promise
        controller.enqueue(new TextEncoder().encode(event))
        controller.close()
      },
    })
    const request = new Request(`http://host/apps/1001/events?${query}`, { method: 'POST', body, headers })
    return { request, end: resolve }
  }
  const withoutMd5 = new URLSearchParams({ auth_key: 'app-key', auth_version: '1.0', auth_signature: '0'.repeat(64) }).toString()
  const signed = () => signedQuery(app, { method: 'POST', path: '/apps/1001/events', body: event, timestamp: now })
  const statusOf = async (answer: ReturnType<ReturnType<typeof apiWith>['api']>) => (await answer)!.status

  test('that announce their length twice count as those that announce none', async () => {
    const { api } = apiWith({ maxRequestBytes: size })
    const twice = slow(withoutMd5)
    twice.request.headers.set('content-length', '5, 5')
    const answer = api(twice.request)
    twice.end()
    expect(await statusOf(answer)).toBe(401)
    const others = Array.from({ length: 8 }, () => slow(withoutMd5))
    const answers = others.map(({ request }) => api(request))
    expect(await statusOf(api(slow(withoutMd5).request))).toBe(503)
    for (const { end } of others) end()
    await Promise.all(answers)
  })

  test('without a verified signature take 32 MiB together: others are answered with 503 and reported', async () => {
    const { api, ask, refused } = apiWith({ maxRequestBytes: size })
    const first = Array.from({ length: 8 }, () => slow(withoutMd5))
    const answers = first.map(({ request }) => api(request))
    const late = (await api(slow(withoutMd5).request))!
    expect([late.status, late.headers.get('retry-after'), late.headers.get('revurb-refusal')]).toEqual([
      503,
      '1',
      'request-bodies',
    ])
    expect(refused.map(({ refusal, appId }) => [refusal, appId])).toEqual([['request-bodies', '1001']])
    // Publishers that sign their bodies notice nothing.
    expect((await ask(post('/apps/1001/events'))).status).toBe(200)
    for (const { end } of first) end()
    expect(await Promise.all(answers.map(statusOf))).toEqual(Array(8).fill(401))
    const next = slow(withoutMd5)
    const answer = api(next.request)
    next.end()
    expect(await statusOf(answer)).toBe(401)
  })

  test('that announce no length count with the most that is read of them', async () => {
    const { api } = apiWith({ maxRequestBytes: size })
    const first = Array.from({ length: 4 }, () => slow(withoutMd5, {} as never))
    const answers = first.map(({ request }) => api(request))
    expect(await statusOf(api(slow(withoutMd5, {} as never).request))).toBe(503)
    for (const { end } of first) end()
    expect(await Promise.all(answers.map(statusOf))).toEqual(Array(4).fill(401))
  })

  test('of publishers take 256 MiB together', async () => {
    const { api } = apiWith({ maxRequestBytes: size })
    const first = Array.from({ length: 67 }, () => slow(signed()))
    const answers = first.map(({ request }) => api(request))
    expect(await statusOf(api(slow(signed()).request))).toBe(503)
    for (const { end } of first) end()
    expect(await Promise.all(answers.map(statusOf))).toEqual(Array(67).fill(200))
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

describe('several slashes in front of the path count as one', () => {
  const path = '/apps/1001/connections'

  test('on every route', async () => {
    const { ask, get } = apiWith()
    for (const slashes of ['/', '//', '///']) {
      expect(await get(`${slashes}up`)).toEqual({ status: 200, text: '{"health":"OK"}' })
      expect(await get(`${slashes}app/key?protocol=7`)).toEqual({ status: 299, text: 'key' })
      expect(await get(`${slashes}up`, 'OPTIONS')).toEqual({ status: 204, text: '' })
      expect((await ask({ path, url: slashes + path.slice(1) })).status).toBe(200)
    }
  })

  test('and the path may be signed as it was sent, or with one', async () => {
    const { ask, published } = apiWith()
    const statuses = (signed: string) => ask({ ...post(signed), url: '///apps/1001/events' }).then(({ status }) => status)
    expect(await statuses('///apps/1001/events')).toBe(200)
    expect(await statuses('/apps/1001/events')).toBe(200)
    expect(await statuses('//apps/1001/events')).toBe(401)
    expect(await statuses('apps/1001/events')).toBe(401)
    expect(published).toHaveLength(2)
  })

  test('in front of a prefix too, where the path may also be signed without it', async () => {
    const { ask, get } = apiWith({ prefix: '/ws' })
    const url = `//ws${path}`
    for (const signed of [url, `/ws${path}`, path]) expect((await ask({ path: signed, url })).status).toBe(200)
    expect((await ask({ path: `/${path}`, url })).status).toBe(401)
    expect(await get('//ws/app/key')).toEqual({ status: 299, text: 'key' })
  })

  test('before and after the rest of it was encoded', async () => {
    const { ask } = apiWith({ prefix: '/ws' })
    const channel = '/apps/1001/channels/presence-a b'
    const encoded = channel.replace(' ', '%20')
    const signed = [channel, encoded].flatMap(path => [path, `/ws${path}`, `//ws${path}`])
    for (const path of signed) expect((await ask({ path, url: `//ws${encoded}` })).status).toBe(200)
  })

  test.each(['/app//key', '//app//key', '/apps//1001/connections', '/ws/up', '//'])('but not further on: %p', async url => {
    expect((await apiWith().get(url)).status).toBe(404)
  })

  test.each(['/ws//up', '//ws//up', '//up', '/ws//app/key'])('nor behind the prefix: %p', async url => {
    expect((await apiWith({ prefix: '/ws' }).get(url)).status).toBe(404)
  })
})

describe('the target of a request', () => {
  test.each(['/up', '//up', '/up?x=://y/z', '//up#hash'])('%p is all there is when it names no host', async url => {
    expect((await apiWith().api({ method: 'GET', url, headers: new Headers() } as Request))!.status).toBe(200)
  })

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
  expect(unexpected).toEqual([[fault, 'POST /apps/1001/events']])
})

describe('an app', () => {
  test('that is disabled is told so once its signature holds', async () => {
    const { ask, published } = apiWith({}, testApp({ enabled: false }))
    expect(await ask(post('/apps/1001/events'))).toMatchObject({ status: 403, text: 'The app [1001] is disabled.' })
    expect(await ask({ ...post('/apps/1001/events'), key: testApp({ secret: 'wrong' }) })).toMatchObject({ status: 401 })
    expect(published).toEqual([])
  })

  test('is not said to be unknown while nobody can know', async () => {
    const { ask, hub } = apiWith()
    hub.markAppsUnavailable()
    const answer = await ask(post('/apps/9/events'))
    expect(answer).toMatchObject({ status: 503, text: 'Applications cannot be looked up at the moment.' })
    expect(answer.headers.get('retry-after')).toBe('5')
    expect((await ask(post('/apps/1001/events'))).status).toBe(200)
  })

  test('that asks too often is told when to come back; what others sign does not count', async () => {
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

describe('OPTIONS', () => {
  test.each([
    ['/up', 'GET, HEAD, OPTIONS'],
    ['/app/key', 'GET, HEAD, OPTIONS'],
    ['/apps/9/channels', 'GET, HEAD, OPTIONS'],
    ['/apps/9/batch_events', 'POST, OPTIONS'],
  ])('%s allows %s', async (path, allow) => {
    const response = (await apiWith().api(new Request(`http://host${path}`, { method: 'OPTIONS' })))!
    expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([204, allow, ''])
  })

  test('of nothing is 404', async () => {
    expect(await apiWith().get('/nowhere', 'OPTIONS')).toEqual({ status: 404, text: 'Not found.' })
  })
})

describe('an idempotency key', () => {
  const keyed = (asking: Asking, key = 'k1') => ({ ...asking, headers: { 'X-Idempotency-Key': key } })
  const batch = post('/apps/1001/batch_events', `{"batch":[${event}]}`)

  test.each([
    ['an event', post('/apps/1001/events')],
    ['a batch', batch],
    ['what is said of channels', post('/apps/1001/events', `${event.slice(0, -1)},"info":"subscription_count"}`)],
  ])('of %s has it sent once, and answered alike', async (_, asking) => {
    const { ask, published } = apiWith()
    const first = await ask(keyed(asking))
    expect(first.headers.has('x-idempotency-replayed')).toBe(false)
    const second = await ask(keyed(asking))
    expect([second.status, second.text, second.headers.get('x-idempotency-replayed')]).toEqual([200, first.text, 'true'])
    expect(second.headers.get('content-type')).toBe('application/json')
    expect(published).toHaveLength(1)
  })

  test('is good for its time', async () => {
    let nowMs = 0
    const { ask, published } = apiWith({ nowMs: () => nowMs })
    for (nowMs of [0, 119_999, 120_000, 120_001]) await ask(keyed(post('/apps/1001/events')))
    expect(published).toHaveLength(2)
  })

  test('is for one body and one route', async () => {
    const { ask, published } = apiWith()
    await ask(keyed(post('/apps/1001/events')))
    for (const asking of [post('/apps/1001/events', event.replace('news', 'olds')), post('/apps/1001/batch_events')]) {
      expect(await ask(keyed(asking))).toMatchObject({
        status: 422,
        text: 'X-Idempotency-Key was used within the last 120 seconds for something else.',
      })
    }
    await ask(keyed(post('/apps/1001/events'), 'k2'))
    expect(published).toHaveLength(2)
  })

  test('remembers no refusal', async () => {
    const { ask, published } = apiWith()
    expect((await ask(keyed(post('/apps/1001/events', '{"channel":"a"}')))).status).toBe(422)
    expect((await ask({ ...keyed(post('/apps/1001/events')), key: testApp({ secret: 'wrong' }) })).status).toBe(401)
    expect((await ask(keyed(post('/apps/1001/events')))).status).toBe(200)
    expect(published).toHaveLength(1)
  })

  test.each(['', 'a b', 'x'.repeat(256)])('may not be %p', async key => {
    const { ask, published } = apiWith()
    expect(await ask(keyed(post('/apps/1001/events'), key))).toMatchObject({
      status: 400,
      text: 'X-Idempotency-Key must be 1 to 255 visible ASCII characters.',
    })
    expect(published).toEqual([])
  })

  test('that there is no room for is forgotten, and reported with its app', async () => {
    const { hub, ask, refused } = apiWith({ maxRequestBytes: 10_000 })
    hub.publish(app, { name: 'e', data: 'x'.repeat(100_000), channels: ['cache-x'], exceptSocketId: undefined }, 1)
    // The answer has the last event a hundred times: 10 MB.
    const asked = Array.from({ length: 100 }, () => ({ name: 'e', channel: 'cache-x', data: 'd', info: 'cache' }))
    const large = post('/apps/1001/batch_events', JSON.stringify({ batch: asked }))
    for (const key of ['1', '2', '3', '4', '5', '6']) await ask(keyed(large, key))
    expect(refused).toEqual([])
    await ask(keyed(large, '7'))
    expect(refused).toEqual([{ type: 'refused', refusal: 'idempotency-key-dropped', appId: '1001', about: '', times: 1 }])
  })

  test('means nothing to other routes, and nowhere when it is switched off', async () => {
    const { ask } = apiWith()
    expect(await ask(keyed({ path: '/apps/1001/connections' }, 'a b'))).toMatchObject({ status: 200 })
    const off = apiWith({ idempotencySeconds: 0 })
    for (const _ of [1, 2]) await off.ask(keyed(post('/apps/1001/events')))
    expect(off.published).toHaveLength(2)
  })
})

describe('an answer other than 200 is reported as refused, with its kind, app and reason', () => {
  const strict = testApp({
    requestRate: { maxAttempts: 1, decaySeconds: 1 },
    limits: { channelsPerEvent: 1, eventsPerBatch: 1, eventDataBytes: 5 },
  })
  const events = '/apps/1001/events'
  const invalid = 'Authentication signature invalid'
  type Reporting = readonly [
    refusal: string,
    about: string,
    asking: Asking,
    more?: { served?: App; appId?: string | undefined; options?: Partial<ApiOptions> },
  ]

  test.each<Reporting>([
    ['request-path', 'GET /nowhere: 404 Not found.', { path: '/nowhere' }, { appId: undefined }],
    ['request-path', 'GET /apps/1001/nowhere: 404 Not found.', { path: '/apps/1001/nowhere' }],
    ['request-method', 'GET /apps/1001/events: 405 Method not allowed.', { path: events }],
    [
      'request-too-large',
      'POST /apps/1001/events: 413 Payload too large: the limit is 100 bytes (max_request_size in config/reverb.php).',
      post(events, 'x'.repeat(101)),
    ],
    [
      'request-unknown-app',
      'GET /apps/2002/channels: 404 No matching application for ID [2002].',
      { path: '/apps/2002/channels' },
      { appId: undefined },
    ],
    [
      'request-app-disabled',
      'GET /apps/1001/channels: 403 The app [1001] is disabled.',
      { path: '/apps/1001/channels' },
      { served: testApp({ enabled: false }) },
    ],
    ['request-signature', `POST ${events}: 401 ${invalid}.`, { ...post(events), key: testApp({ secret: 'other' }) }],
    [
      'request-signature',
      `POST /ws/apps/1001/events: 401 ${invalid}.`,
      { ...post('/ws/apps/1001/events'), key: testApp({ secret: 'other' }) },
      { options: { prefix: '/ws' } },
    ],
    [
      'request-timestamp',
      `POST ${events}: 401 ${invalid}: auth_timestamp is 700 seconds off, 600 are allowed. Are both clocks right?`,
      post(events),
      { options: { nowSeconds: () => now + 700 } },
    ],
    ['request-not-json', `POST ${events}: 400 The body is not JSON.`, post(events, 'x')],
    ['request-not-json', `POST ${events}: 400 The body must be a JSON object.`, post(events, '1')],
    [
      'request-invalid',
      `POST ${events}: 422 {"name":["The name field is required."]}`,
      post(events, '{"channel":"c","data":"d"}'),
    ],
    [
      'request-limit',
      `POST ${events}: 400 Too many channels (2 > 1, limits.channels_per_event)`,
      post(events, '{"name":"e","data":"d","channels":["a","b"]}'),
      { served: strict },
    ],
    [
      'request-limit',
      'POST /apps/1001/batch_events: 400 Batch too large (2 > 1, limits.events_per_batch)',
      post('/apps/1001/batch_events', '{"batch":[{},{}]}'),
      { served: strict },
    ],
    [
      'request-limit',
      `POST ${events}: 413 The data content of this event exceeds the allowed maximum (5 bytes, limits.event_data_bytes)`,
      post(events, '{"name":"e","channel":"a","data":"123456"}'),
      { served: strict },
    ],
    [
      'request-idempotency-key',
      `POST ${events}: 400 X-Idempotency-Key must be 1 to 255 visible ASCII characters.`,
      { ...post(events), headers: { 'X-Idempotency-Key': 'a b' } },
    ],
    [
      'request-channel',
      'GET /apps/1001/channels/news/users: 400 Only presence channels have users.',
      { path: '/apps/1001/channels/news/users' },
    ],
  ])('%s: %s', async (refusal, about, asking, { served = app, options = {}, ...of } = {}) => {
    const { ask, refused } = apiWith(options, served)
    const { headers } = await ask(asking)
    expect(headers.get('revurb-refusal')).toBe(refusal)
    const appId = 'appId' in of ? of.appId : '1001'
    expect(refused).toEqual([{ type: 'refused', refusal, appId, about } as Refused])
  })

  test('request-rate, once the limit is reached', async () => {
    const { ask, refused } = apiWith({}, strict)
    await ask({ path: '/apps/1001/channels' })
    expect(refused).toEqual([])
    await ask({ path: '/apps/1001/channels' })
    expect(refused).toMatchObject([{ refusal: 'request-rate', appId: '1001' }])
  })

  test('request-apps-unreachable, while nobody can tell which apps there are', async () => {
    const { ask, hub, refused } = apiWith()
    hub.markAppsUnavailable()
    await ask({ path: '/apps/2002/channels' })
    expect(refused).toMatchObject([{ refusal: 'request-apps-unreachable', appId: undefined }])
  })

  test('request-incomplete, when the body ends too early', async () => {
    const { api, refused } = apiWith()
    const body = new ReadableStream({ start: controller => controller.error(new Error('cut')) })
    await api(new Request('http://host:1/apps/1001/events', { method: 'POST', body }))
    expect(refused).toMatchObject([{ refusal: 'request-incomplete', appId: '1001' }])
  })

  test('and neither the signature nor the rest of the query is in it', async () => {
    const { api, refused } = apiWith()
    await api(new Request('http://host:1/apps/1001/channels?auth_signature=HUSH&info=HUSH'))
    expect(refused).toHaveLength(1)
    expect(JSON.stringify(refused)).not.toContain('HUSH')
  })

  test('nothing else is', async () => {
    const { ask, get, refused } = apiWith()
    await ask(post(events))
    for (const path of ['/up', '/ready', '/app/app-key']) await get(path)
    await get(events, 'OPTIONS')
    expect(refused).toEqual([])
  })
})

test('the connection of a signed request is kept for the next one, and no other', async () => {
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

test('the connection of a request whose query is signed is kept before its body has come', async () => {
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
