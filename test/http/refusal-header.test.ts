import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { App } from '../../src/core/app.ts'
import type { ApiOptions } from '../../src/http/api.ts'
import { authenticate } from '../../src/http/authenticate.ts'
import { answerCodes, refusalHeader, refusalValue } from '../../src/http/refusal-header.ts'
import { type Asking, apiWith, app, now, post } from '../support/api.ts'
import { testApp } from '../support/apps.ts'
import { signedQuery } from '../support/sign.ts'

/** Programs look for it, `reverb:doctor` among them. */
test('the header is Revurb-Refusal', () => expect(refusalHeader).toBe('Revurb-Refusal'))

test('docs/monitoring.md lists every code with its statuses and parameters, and no other', () => {
  const page = readFileSync(join(import.meta.dir, '../../docs/monitoring.md'), 'utf8')
  const section = page.split('\n## The header Revurb-Refusal\n')[1]!.split('\n## ')[0]!
  const rows = [...section.matchAll(/^\| `([\w-]+)` \| ([\d, ]+) \|(.*?)\| .* \|$/gm)]
  const listed = rows.map(([, code, statuses, parameters]) => ({
    code,
    statuses: statuses!.split(', ').map(Number),
    parameters: [...parameters!.matchAll(/`(\w+)`:/g)].map(([, name]) => name),
  }))
  expect(listed as unknown[]).toEqual(Object.entries(answerCodes).map(([code, row]) => ({ code, ...row })))
})

test('a whole number has 15 digits at most, as RFC 8941 has it', () => {
  expect(refusalValue('request-timestamp', { seconds: 10 ** 15 })).toBe('request-timestamp; seconds=999999999999999')
})

describe('the values of the sentence are parameters:', () => {
  const limits = testApp({
    requestRate: { maxAttempts: 0, decaySeconds: 60 },
    limits: { channelsPerEvent: 1, eventsPerBatch: 2, eventDataBytes: 5 },
  })
  const events = '/apps/1001/events'
  type Case = readonly [value: string, asking: Asking, more?: { served?: App; options?: Partial<ApiOptions> }]
  const unlimited = { served: { ...limits, requestRate: null } }

  test.each<Case>([
    ['request-signature', { ...post(events), key: testApp({ secret: 'other' }) }],
    ['request-signature; part=auth_key', { ...post(events), key: testApp({ key: 'other' }) }],
    ['request-signature; part=auth_version', { ...post(events), query: { auth_version: '2.0' } }],
    ['request-timestamp', { ...post(events), query: { auth_timestamp: 'now' } }],
    ['request-timestamp; seconds=700; allowed=600', post(events), { options: { nowSeconds: () => now + 700 } }],
    ['request-too-large; limit=100', post(events, 'x'.repeat(101))],
    ['request-rate; limit=0; seconds=60', post(events), { served: limits }],
    [
      'request-limit; setting=channels_per_event; limit=1',
      post(events, '{"name":"e","data":"d","channels":["a","b"]}'),
      unlimited,
    ],
    ['request-limit; setting=events_per_batch; limit=2', post('/apps/1001/batch_events', '{"batch":[{},{},{}]}'), unlimited],
    ['request-limit; setting=event_data_bytes; limit=5', post(events, '{"name":"e","channel":"a","data":"123456"}'), unlimited],
    ['request-idempotency-key', { ...post(events), headers: { 'X-Idempotency-Key': 'a b' } }],
  ])('%s', async (value, asking, { served = app, options = {} } = {}) => {
    const { headers, status } = await apiWith(options, served).ask(asking)
    expect(headers.get(refusalHeader)).toBe(value)
    expectDocumented(value, status)
  })

  test('request-signature; part=body_md5, where the body is not the signed one', () => {
    const query = signedQuery(app, { method: 'POST', path: events, body: 'signed', timestamp: now })
    const { checkBody } = authenticate(app, { method: 'POST', paths: [events], query }, now, 600)
    expect(() => checkBody('sent')).toThrow(
      expect.objectContaining({ headers: { [refusalHeader]: 'request-signature; part=body_md5' } }),
    )
  })

  test('request-idempotency-key; seconds=120, where the key was used for another publish', async () => {
    const { ask } = apiWith({ idempotencySeconds: 120 })
    const headers = { 'X-Idempotency-Key': 'k' }
    await ask({ ...post(events, '{"name":"e","channel":"a","data":"1"}'), headers })
    const answer = await ask({ ...post(events, '{"name":"e","channel":"a","data":"2"}'), headers })
    expect(answer.headers.get(refusalHeader)).toBe('request-idempotency-key; seconds=120')
    expectDocumented('request-idempotency-key; seconds=120', answer.status)
  })
})

function expectDocumented(value: string, status: number): void {
  const [code, ...parameters] = value.split('; ')
  const row = answerCodes[code as keyof typeof answerCodes]
  expect(row.statuses).toContain(status)
  for (const parameter of parameters) expect(row.parameters).toContain(parameter.split('=')[0]!)
}
