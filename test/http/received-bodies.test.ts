import { describe, expect, test } from 'bun:test'
import { apiWith, app, event, now, post } from '../support/api.ts'
import { signedQuery } from '../support/sign.ts'

describe('a body', () => {
  const padded = (bytes: number, filling = ' ') => event + filling.repeat(bytes - event.length)

  test('of as many bytes as the limit is accepted', async () => {
    expect((await apiWith().ask(post('/apps/1001/events', padded(100)))).status).toBe(200)
  })

  const limit = 'Payload too large: the limit is 100 bytes (max_request_size in config/reverb.php).'

  test('of one more byte is refused', async () => {
    expect(await apiWith().ask(post('/apps/1001/events', padded(101)))).toMatchObject({ status: 413, text: limit })
  })

  test('of fewer characters but more bytes is refused, with and without Content-Length', async () => {
    const body = JSON.stringify({ name: 'e', channel: 'a', data: 'ü'.repeat(40) })
    expect(body.length).toBeLessThan(100)
    expect((await apiWith().ask(post('/apps/1001/events', body))).status).toBe(413)
    const headers = { 'content-length': String(Buffer.byteLength(body)) }
    expect((await apiWith().ask({ ...post('/apps/1001/events', body), headers })).status).toBe(413)
  })

  test('without a declared length that Bun stops reading is refused and reported as too large', async () => {
    const { api, refused } = apiWith()
    const error = new Error('Request body exceeded maxRequestBodySize')
    const body = new ReadableStream({ start: controller => controller.error(error) })
    expect((await api(new Request('http://host/apps/1001/events', { method: 'POST', body })))!.status).toBe(413)
    expect(refused).toMatchObject([{ refusal: 'request-too-large' }])
  })

  test('that is declared larger is refused before it has arrived', async () => {
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
  /** A request whose body has that length and arrives when the test calls `end`. */
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

  test('that declare their length twice count as those that declare none', async () => {
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

  test('without a verified signature take 32 MiB at most together: others are answered with 503 and reported', async () => {
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

  test('that declare no length count with the most that is read of them', async () => {
    const { api } = apiWith({ maxRequestBytes: size })
    const first = Array.from({ length: 4 }, () => slow(withoutMd5, {} as never))
    const answers = first.map(({ request }) => api(request))
    expect(await statusOf(api(slow(withoutMd5, {} as never).request))).toBe(503)
    for (const { end } of first) end()
    expect(await Promise.all(answers.map(statusOf))).toEqual(Array(4).fill(401))
  })

  test('with a verified signature take 256 MiB at most together', async () => {
    const { api } = apiWith({ maxRequestBytes: size })
    const first = Array.from({ length: 67 }, () => slow(signed()))
    const answers = first.map(({ request }) => api(request))
    expect(await statusOf(api(slow(signed()).request))).toBe(503)
    for (const { end } of first) end()
    expect(await Promise.all(answers.map(statusOf))).toEqual(Array(67).fill(200))
  })

  test('leave no room for a signed one, which is read to its end where the connection ends with the answer', async () => {
    const { api } = apiWith({ maxRequestBytes: size })
    const first = Array.from({ length: 67 }, () => slow(signed()))
    const answers = first.map(({ request }) => api(request))
    const late = slow(signed(), { 'content-length': String(size), connection: 'close' } as never)
    late.end()
    expect(await statusOf(api(late.request))).toBe(503)
    expect(late.request.bodyUsed).toBe(true)
    for (const { end } of first) end()
    await Promise.all(answers)
  })
})
