import { describe, expect, test } from 'bun:test'
import { Idempotency } from '../../src/http/idempotency.ts'
import { type Asking, apiWith, app, event, post } from '../support/api.ts'
import { testApp } from '../support/apps.ts'

test('an answer is found in its own app alone', () => {
  const idempotency = new Idempotency(10, () => {})
  idempotency.remember('1', 'k', 'f', 'answer', 0)
  expect(idempotency.find('1', 'k', 'f', 9_999)).toBe('answer')
  expect(idempotency.find('2', 'k', 'f', 0)).toBeUndefined()
  expect(idempotency.find('2', 'k', 'other', 0)).toBeUndefined()
  expect(idempotency.find('1', 'k', 'other', 10_000)).toBeUndefined()
})

test('answers that have expired are removed, also those of apps that no longer publish', () => {
  const idempotency = new Idempotency(10, () => {})
  for (let i = 0; i < 5; i++) idempotency.remember('1', `k${i}`, 'f', 'answer', 0)
  idempotency.remember('2', 'k', 'f', 'answer', 10_000)
  expect(idempotency.size).toBe(1)
  expect(idempotency.find('2', 'k', 'f', 10_001)).toBe('answer')
})

test('keys of all apps have one bound in bytes, beyond which the oldest of the app that has most are dropped and counted', () => {
  const dropped = new Map<string, number>()
  const count = (appId: string, times: number) => dropped.set(appId, (dropped.get(appId) ?? 0) + times)
  const idempotency = new Idempotency(10, count, 100_000)
  for (let i = 0; i < 10; i++) idempotency.remember('quiet', `k${i}`, 'f', '{}', 0)
  for (let i = 0; i < 1000; i++) idempotency.remember('busy', `k${i}`, 'f', '{}', 0)
  // Each takes about 400 bytes, of which the key and the answer are six.
  expect(idempotency.size).toBeWithin(230, 250)
  expect([...dropped]).toEqual([['busy', 1010 - idempotency.size]])
  expect(idempotency.find('quiet', 'k0', 'f', 0)).toBe('{}')
  expect(idempotency.find('busy', 'k0', 'f', 0)).toBeUndefined()
  expect(idempotency.find('busy', 'k999', 'f', 0)).toBe('{}')
})

describe('an idempotency key', () => {
  const keyed = (asking: Asking, key = 'k1') => ({ ...asking, headers: { 'X-Idempotency-Key': key } })
  const batch = post('/apps/1001/batch_events', `{"batch":[${event}]}`)

  test.each([
    ['an event', post('/apps/1001/events')],
    ['a batch', batch],
    ['an event with info', post('/apps/1001/events', `${event.slice(0, -1)},"info":"subscription_count"}`)],
  ])('of %s has it published once, and answered the same', async (_, asking) => {
    const { ask, published } = apiWith()
    const first = await ask(keyed(asking))
    expect(first.headers.has('x-idempotency-replayed')).toBe(false)
    const second = await ask(keyed(asking))
    expect([second.status, second.text, second.headers.get('x-idempotency-replayed')]).toEqual([200, first.text, 'true'])
    expect(second.headers.get('content-type')).toBe('application/json')
    expect(published).toHaveLength(1)
  })

  test('is valid until it expires', async () => {
    let nowMs = 0
    const { ask, published } = apiWith({ nowMs: () => nowMs })
    for (nowMs of [0, 119_999, 120_000, 120_001]) await ask(keyed(post('/apps/1001/events')))
    expect(published).toHaveLength(2)
  })

  test('is valid for one body and one route', async () => {
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

  test('is not remembered where the request is refused', async () => {
    const { ask, published } = apiWith()
    expect((await ask(keyed(post('/apps/1001/events', '{"channel":"a"}')))).status).toBe(422)
    expect((await ask({ ...keyed(post('/apps/1001/events')), key: testApp({ secret: 'wrong' }) })).status).toBe(401)
    expect((await ask(keyed(post('/apps/1001/events')))).status).toBe(200)
    expect(published).toHaveLength(1)
  })

  test.each(['', 'a b', 'x'.repeat(256)])('cannot be %p', async key => {
    const { ask, published } = apiWith()
    expect(await ask(keyed(post('/apps/1001/events'), key))).toMatchObject({
      status: 400,
      text: 'X-Idempotency-Key must be 1 to 255 visible ASCII characters.',
    })
    expect(published).toEqual([])
  })

  test('that is dropped to make room is reported with its app', async () => {
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

  test('is ignored on other routes, and everywhere where it is turned off', async () => {
    const { ask } = apiWith()
    expect(await ask(keyed({ path: '/apps/1001/connections' }, 'a b'))).toMatchObject({ status: 200 })
    const off = apiWith({ idempotencySeconds: 0 })
    for (const _ of [1, 2]) await off.ask(keyed(post('/apps/1001/events')))
    expect(off.published).toHaveLength(2)
  })
})
