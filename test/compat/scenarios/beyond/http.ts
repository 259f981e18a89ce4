/** The HTTP API where it says more than Reverb's, or says it otherwise. */
import type { Json, Step } from '../../lib/scenario.ts'
import { group, http, open, ping, publish, scenario, send, signin, subscribe, wait } from '../../lib/scenario.ts'
import { allChannels, joins, ownChannel } from './channels.ts'

const routes: [string, string][] = [
  ['GET', '/up'], ['GET', '/app/<key>'], ['POST', '/apps/<app>/events'], ['POST', '/apps/<app>/batch_events'], ['GET', '/apps/<app>/connections'], ['GET', '/apps/<app>/channels'],
  ['GET', '/apps/<app>/channels/presence-room'], ['GET', '/apps/<app>/channels/presence-room/users'], ['POST', '/apps/<app>/users/1/terminate_connections'],
]
const event = { name: 'e', channel: 'room', data: '{"a":1}' }
const bodies: Record<string, Json> = { '/apps/<app>/events': event, '/apps/<app>/batch_events': { batch: [event] } }
/** Every route that asks for a signature, asked as it wants to be. */
const signed = (options: Parameters<typeof http>[2] = {}) => routes.slice(2).map(([method, path]) => http(method, path, { ...(method === 'POST' ? { body: bodies[path] ?? {} } : {}), ...options }))
const get = (path: string, query: Record<string, string> = {}, app = 0) => http('GET', `/apps/<app>${path}`, { query, app })
const batch = (events: Json[]) => http('POST', '/apps/<app>/batch_events', { body: { batch: events } })

/** Every combination of what can be asked of a channel. */
const attributes = ['occupied', 'user_count', 'subscription_count', 'cache']
const infos = Array.from({ length: 2 ** attributes.length }, (_, i) => attributes.filter((_, bit) => (i >> bit) % 2 === 1).join(','))
const every = [...allChannels, ownChannel('1')]
const about = (channel: string) => `/channels/${encodeURIComponent(channel)}`

/** One user on two sockets, and another one. */
const sockets: [name: string, user: number][] = [['bob1', 2], ['bob2', 2], ['alice', 1]]
const occupied = (channels: string[], count = sockets.length): Step[] => sockets.slice(0, count).flatMap(([name, id]) => [
  open(name), ...(channels.includes(ownChannel('1')) ? [signin(name, { id: '1' })] : []), ...channels.map(channel => joins(name, channel, id)),
])

const prefixes = ['', 'presence-', 'presence', 'presence-r', 'presence-cache-', 'private-', 'private-encrypted-', 'private-cache-', 'cache-', 'cache', 'room', 'roo', 'rooms', 'ROOM', '#server-to-user-', '%23', '*', '.', '^room', 'nothing']

export default group('http', [
  ...routes.map(([right, path]) => scenario(`${path}: OPTIONS, HEAD and every wrong method`, [
    http('OPTIONS', path, { auth: 'none' }), http('OPTIONS', path, { auth: 'wrong-signature' }),
    http('HEAD', path), http('HEAD', path, { auth: 'none' }),
    ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(method => method !== right).map(method => http(method, path, { auth: 'none', ...(method === 'GET' || method === 'DELETE' ? {} : { body: {} }) })),
  ])),
  scenario('OPTIONS and HEAD on paths that are not there', ['/', '/apps', '/apps/<app>', '/apps/<app>/nowhere', '/app', '/UP'].flatMap(path => [http('OPTIONS', path, { auth: 'none' }), http('HEAD', path, { auth: 'none' })])),
  scenario('OPTIONS behind a prefix', [http('OPTIONS', '/apps/<app>/events', { auth: 'none' }), http('OPTIONS', '/apps/<app>/events', { auth: 'none', prefixed: false }), http('HEAD', '/apps/<app>/channels')], { profile: 'prefix' }),
  scenario('OPTIONS for an app that is not there', [http('OPTIONS', '/apps/999/events', { auth: 'none' }), http('OPTIONS', '/app/no-such-key', { auth: 'none' })]),
  scenario('HEAD has the head of a GET', [...occupied(['presence-room']), ...['/channels', '/channels/presence-room', '/channels/presence-room/users', '/connections'].flatMap(path => [get(path), http('HEAD', `/apps/<app>${path}`)])]),

  scenario('a disabled app: HTTP', [...signed(), ...signed({ auth: 'wrong-signature' }), http('OPTIONS', '/apps/<app>/events', { auth: 'none' }), http('HEAD', '/apps/<app>/channels'), publish('{')], { profile: 'one-disabled' }),
  scenario('a disabled app: WebSocket', [open('alice'), open('carol', { then: '{"event":"pusher:ping"}' })], { profile: 'one-disabled', racy: true }),
  scenario('a disabled app beside one that is not', [open('olga', { app: 1 }), subscribe('olga', 'room'), publish(event), publish(event, { app: 1 }), get('/connections'), get('/connections', {}, 1), ping('olga')], { profile: 'one-disabled' }),

  scenario('request_rate_limiting: the third request within two seconds', [get('/channels'), publish(event), get('/channels'), get('/channels', {}, 1), wait(2600), get('/channels'), publish(event)], { profile: 'request-rate', fresh: true }),
  ...signed().map((step, i) => scenario(`request_rate_limiting: ${routes[i + 2]!.join(' ')}`, [get('/connections'), get('/connections'), step], { profile: 'request-rate', fresh: true })),
  scenario('request_rate_limiting: whose signature does not hold does not count, nor what needs none', [
    ...[1, 2, 3].map(() => http('GET', '/apps/<app>/channels', { auth: 'wrong-signature' })), http('GET', '/up', { auth: 'none' }), http('OPTIONS', '/apps/<app>/channels'), http('DELETE', '/apps/<app>/channels'),
    get('/channels'), get('/channels'), get('/channels'),
  ], { profile: 'request-rate', fresh: true }),
  scenario('request_rate_limiting: what is refused for another reason counts', [publish({ name: '' }), publish('{'), get('/channels'), open('alice'), ping('alice')], { profile: 'request-rate', fresh: true }),

  ...every.map(channel => scenario(`${channel}: every info`, [
    ...infos.map(info => get(about(channel), { info })),
    publish({ name: 'e', channel, data: '{"a":1}' }), ...occupied([channel]),
    ...infos.map(info => get(about(channel), { info })), get(about(channel)), get(`${about(channel)}/users`),
  ])),
  scenario('every channel: every info', [
    publish({ name: 'e', channels: every, data: '{"a":1}' }), ...occupied(every),
    ...infos.map(info => get('/channels', { info })), ...infos.map(info => get('/channels', { info, filter_by_prefix: 'presence-' })),
  ]),
  scenario('no channel: every info', [...['', 'occupied', 'user_count', 'cache'].flatMap(info => [get('/channels', { info }), get('/channels', { info, filter_by_prefix: 'presence-' })])]),
  ...[false, true].map(there => scenario(`events: every info on every channel${there ? '' : ', nobody there'}`, [
    ...(there ? occupied(every, 2) : []), ...infos.map(info => publish({ name: 'e', channels: every, data: '{"a":1}', info })),
  ])),
  ...[false, true].map(there => scenario(`batch_events: every info on every channel${there ? '' : ', nobody there'}`, [
    ...(there ? occupied(every, 2) : []), ...infos.map(info => batch(every.map(channel => ({ name: 'e', channel, data: '{"a":1}', info })))),
  ])),
  scenario('info that nobody knows', [
    ...occupied(['room'], 1),
    ...['mood', 'subscription_count,mood', ' subscription_count', 'subscription_count, occupied', 'SUBSCRIPTION_COUNT', ',', 'user_info'].flatMap(info => [get('/channels', { info }), get('/channels/room', { info }), publish({ ...event, info }), batch([{ ...event, info }])]),
    ...[5, null, ['occupied'], {}].flatMap(info => [publish({ ...event, info }), batch([{ ...event, info }])]),
  ]),
  scenario('info on some events of a batch', [...occupied(['room', 'presence-room']), batch([{ ...event }, { ...event, info: 'subscription_count' }, { ...event, channel: 'presence-room', info: 'user_count' }, { ...event, info: '' }])]),
  scenario('filter_by_prefix: every form', [
    ...occupied(every),
    ...prefixes.map(filter_by_prefix => get('/channels', { filter_by_prefix })), ...['presence-', 'presence-r', 'presence-cache-', 'presence', 'presence-nobody', 'room', ''].map(filter_by_prefix => get('/channels', { filter_by_prefix, info: 'user_count' })),
    get('/channels', { 'filter_by_prefix[]': 'presence-' }), get('/channels', { 'info[]': 'subscription_count', 'info[1]': 'occupied' }), get('/channels', { 'filter_by_prefix': 'presence-', 'info[]': 'user_count' }),
  ]),
  scenario('users, everywhere', [...occupied(['presence-room']), ...every.map(channel => get(`${about(channel)}/users`)), get('/channels/presence-nobody/users')]),
  scenario('connections: every socket, subscribed or not', [get('/connections'), open('alice'), get('/connections'), open('bob'), subscribe('bob', 'room'), subscribe('bob', 'other'), get('/connections'), send('alice', '{'), get('/connections')]),
])
