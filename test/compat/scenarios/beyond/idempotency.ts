/** Publishes under an `X-Idempotency-Key`: sent twice, delivered once. Each scenario has keys of its own: a server remembers them. */
import type { Json } from '../../lib/scenario.ts'
import { group, http, open, ping, publish, scenario, subscribe, wait } from '../../lib/scenario.ts'
import { joins } from './channels.ts'

type Options = Parameters<typeof publish>[1]
const under = (key: string, options: Options = {}) => ({ ...options, headers: { 'X-Idempotency-Key': key, ...options.headers } })

const body = { name: 'e', channel: 'room', data: '{"a":1}' }
const other = { ...body, data: '{"a":2}' }
const once = (key: string, event: Json = body, options: Options = {}) => publish(event, under(key, options))
const batch = (events: Json[], options: Options = {}) => http('POST', '/apps/<app>/batch_events', { body: { batch: events }, ...options })
const alice = [open('alice'), subscribe('alice', 'room')]

const badKeys = ['', 'a b', 'a\tb', 'schlüssel', 'k'.repeat(256)]
const goodKeys = ['k', 'k'.repeat(255), '!~"\\,;', '5f3c9f0e-8f0e-4a39-9d3e-0a1b2c3d4e5f']

export default group('idempotency', [
  scenario('events', [...alice, once('events-1'), once('events-1'), once('events-1'), once('events-2'), publish(body), publish(body)]),
  scenario('batch_events', [...alice, ...['batch-1', 'batch-1', 'batch-2'].map(key => batch([body, other], under(key))), batch([other, body], under('batch-1'))]),
  scenario('the answer is that of the first time', [
    ...alice, once('info-1', { ...body, info: 'subscription_count' }), open('bob'), subscribe('bob', 'room'),
    once('info-1', { ...body, info: 'subscription_count' }), once('info-2', { ...body, info: 'subscription_count' }),
    batch([{ ...body, info: 'subscription_count' }], under('info-3')), open('carol'), subscribe('carol', 'room'), batch([{ ...body, info: 'subscription_count' }], under('info-3')),
  ]),
  scenario('another body', [...alice, once('body-1'), once('body-1', other), once('body-1', `${JSON.stringify(body)} `), once('body-1'), once('body-1', { name: '' }), once('body-1', '{')]),
  scenario('the same body on another route', [
    ...alice, once('route-1', { ...body, batch: [body] }), http('POST', '/apps/<app>/batch_events', under('route-1', { body: { ...body, batch: [body] } })), once('route-1', { ...body, batch: [body] }),
  ]),
  scenario('the same body with other parameters', [...alice, once('query-1'), once('query-1', body, { query: { trace: '1' } })]),
  scenario('an excluded sender', [...alice, open('bob'), subscribe('bob', 'room'), ...[1, 2].map(() => once('sender-1', { ...body, socket_id: '<socket:alice>' }))]),
  scenario('keys', [...alice, ...badKeys.flatMap(key => [once(key), batch([body], under(key))]), ...goodKeys.flatMap(key => [once(key), once(key)]), once('K'), once(' k ')]),
  scenario('a bad key and a bad signature, a bad key and a bad body', [once('a b', body, { auth: 'wrong-signature' }), once('a b', { name: '' })]),
  scenario('the header in other letters', [...alice, once('case-1'), publish(body, { headers: { 'x-idempotency-key': 'case-1' } })]),
  scenario('another app', [
    ...alice, open('olga', { app: 1 }), subscribe('olga', 'room'),
    once('app-1'), once('app-1', body, { app: 1 }), once('app-1', other, { app: 1 }), once('app-1', body, { app: 1 }), once('app-1'),
  ], { profile: 'two-apps' }),
  scenario('only what was answered with 200 is remembered', [
    ...alice,
    once('only-1', { ...body, channel: 'a room' }), once('only-1'), once('only-1'),
    once('only-2', '{'), once('only-2'),
    once('only-3', body, { auth: 'wrong-signature' }), once('only-3'),
    once('only-4', { ...body, channels: Array(101).fill('room') }), once('only-4'),
    once('only-5', { ...body, data: 'x'.repeat(11_000) }), once('only-5'),
    batch([body, { ...body, name: '' }], under('only-6')), batch([body], under('only-6')), batch([body], under('only-6')),
  ], { profile: 'pusher-limits' }),
  scenario('a wrong signature learns nothing', [...alice, once('wrong-1'), once('wrong-1', body, { auth: 'wrong-signature' }), once('wrong-1', body, { auth: 'none' }), once('wrong-1', other, { auth: 'none' })]),
  scenario('the cached event is not set again', [
    once('cache-1', { ...body, channel: 'cache-room' }), publish({ ...other, channel: 'cache-room' }), once('cache-1', { ...body, channel: 'cache-room' }), http('GET', '/apps/<app>/channels/cache-room', { query: { info: 'cache' } }), open('bob'), joins('bob', 'cache-room'),
  ]),
  scenario('other routes know no keys', [
    ...alice, http('GET', '/apps/<app>/channels', under('other-1')), subscribe('alice', 'other'), http('GET', '/apps/<app>/channels', under('other-1')), http('GET', '/apps/<app>/channels', under('a b')),
    open('bob'), joins('bob', 'presence-room', 2), http('POST', '/apps/<app>/users/2/terminate_connections', under('other-2', { body: {} })),
    open('bob2'), joins('bob2', 'presence-room', 2), http('POST', '/apps/<app>/users/2/terminate_connections', under('other-2', { body: {} })), once('other-2'), ping('alice'),
  ]),
  scenario('idempotency_seconds 1: forgotten', [...alice, once('brief-1'), once('brief-2'), wait(1600), once('brief-1'), once('brief-2', other)], { profile: 'idempotent-for-1-second' }),
  scenario('idempotency_seconds 0: no keys at all', [...alice, once('off-1'), once('off-1'), once('off-1', other), once('a b'), batch([body], under('off-1'))], { profile: 'not-idempotent' }),
])
