import { describe, expect, test } from 'bun:test'
import type { App } from '../../src/core/app.ts'
import type { Refused } from '../../src/core/effect.ts'
import type { ApiOptions } from '../../src/http/api.ts'
import { HttpError, InvalidBody } from '../../src/http/http-error.ts'
import { type Asking, apiWith, app, now, post } from '../support/api.ts'
import { testApp } from '../support/apps.ts'

test('an HttpError has its status, text and headers', () => {
  expect(new HttpError(405, 'request-method', 'No.', { headers: { Allow: 'GET' } })).toMatchObject({
    status: 405,
    refusal: 'request-method',
    message: 'No.',
    headers: { Allow: 'GET', 'Revurb-Refusal': 'request-method' },
  })
  expect(new HttpError(404, 'request-path', 'No.').headers).toEqual({ 'Revurb-Refusal': 'request-path' })
})

test('an InvalidBody has the faults of every field', () => {
  expect(new InvalidBody({ a: ['x'] })).toMatchObject({ name: 'InvalidBody', fields: { a: ['x'] } })
})

test('an unexpected error is answered with 500 without details, and reported', async () => {
  const fault = new Error('secret detail')
  const { ask, unexpected } = apiWith({
    publish: () => {
      throw fault
    },
  })
  const answer = await ask(post('/apps/1001/events'))
  expect(answer).toMatchObject({ status: 500, text: 'Internal server error.' })
  expect(answer.headers.get('revurb-refusal')).toBe('unexpected-error')
  expect(unexpected).toEqual([[fault, 'POST /apps/1001/events']])
})

describe('an answer other than 200 is reported with its kind, app and reason:', () => {
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
    expect(headers.get('revurb-refusal')).toStartWith(refusal)
    const appId = 'appId' in of ? of.appId : '1001'
    expect(refused).toEqual([{ type: 'refused', refusal, appId, about } as Refused])
  })

  test('request-host, where two Host headers were sent', async () => {
    const { api, refused } = apiWith()
    const response = (await api(new Request('http://host/up', { headers: { host: 'a, b' } })))!
    expect([response.status, response.headers.get('connection')]).toEqual([400, 'close'])
    expect(refused).toMatchObject([{ refusal: 'request-host', about: 'GET /up: 400 More than one Host header.' }])
  })

  test('request-rate, once the limit is reached', async () => {
    const { ask, refused } = apiWith({}, strict)
    await ask({ path: '/apps/1001/channels' })
    expect(refused).toEqual([])
    await ask({ path: '/apps/1001/channels' })
    expect(refused).toMatchObject([{ refusal: 'request-rate', appId: '1001' }])
  })

  test('request-apps-unreachable, while the apps cannot be looked up', async () => {
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

  test('without the signature and the rest of the query', async () => {
    const { api, refused } = apiWith()
    await api(new Request('http://host:1/apps/1001/channels?auth_signature=HUSH&info=HUSH'))
    expect(refused).toHaveLength(1)
    expect(JSON.stringify(refused)).not.toContain('HUSH')
  })

  test('and no other answer is', async () => {
    const { ask, get, refused } = apiWith()
    await ask(post(events))
    for (const path of ['/up', '/ready', '/app/app-key']) await get(path)
    await get(events, 'OPTIONS')
    expect(refused).toEqual([])
  })
})
