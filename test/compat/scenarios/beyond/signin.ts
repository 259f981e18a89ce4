/** User authentication: `pusher:signin`, and the channel that a signed-in user has of its own. */
import type { Json, Step } from '../../lib/scenario.ts'
import { group, http, leave, open, ping, publish, scenario, send, signin, subscribe, unsubscribe, whisper } from '../../lib/scenario.ts'
import { wrongUserAuths } from '../../lib/signatures.ts'
import { event, ownChannel } from './channels.ts'

const one = ownChannel('1')
const encoded = (channel: string) => encodeURIComponent(channel)
const channels = http('GET', '/apps/<app>/channels', { query: { info: 'subscription_count' } })
const usersOf = (channel: string) => http('GET', `/apps/<app>/channels/${channel}/users`)
const enters = (socket: string, id = '1') => [open(socket), signin(socket, { id })]
const listens = (socket: string, id = '1') => [...enters(socket, id), subscribe(socket, ownChannel(id))]

/** Texts that name no user, each with a good signature. */
const noUsers = [
  '', 'alice', 'null', '5', '"1"', '[{"id":"1"}]', '{}', '{"id":"1"',
  '{"user_id":"1"}', '{"ID":"1"}', '{"id":""}', '{"id":null}', '{"id":true}', '{"id":["1"]}', '{"id":{"id":"1"}}',
  '{"id":"1","watchlist":"2"}', '{"id":"1","watchlist":{"0":"2"}}', '{"id":"1","watchlist":["2",null]}', '{"id":"1","watchlist":[["2"]]}',
]

const users: [string, string][] = [
  ['more than an id', '{"id":"1","user_info":{"name":"Ann"},"role":"admin"}'], ['spaces, escapes and another order', '{ "name" : "Zo\\u00eb \\/ 東京 🚀" ,  "id" : "1" }'],
  ['a number that JavaScript would change', '{"big":12345678901234567890,"float":1.0,"id":"1"}'], ['an id twice', '{"id":"2","id":"1"}'], ['null for a watchlist', '{"id":"1","watchlist":null}'], ['an empty watchlist', '{"id":"1","watchlist":[]}'],
  ['a number for an id', '{"id":1}'], ['a number for an id, among other fields', '{ "float" : 1.0 , "id" : 1 , "user_info" : { "id" : 5 } }'],
]

const malformed: Json[] = [
  {}, { data: null }, { data: [] }, { data: 'me' }, { data: {} },
  { data: { auth: '<key>:00' } }, { data: { auth: '<key>:00', user_data: { id: '1' } } }, { auth: '<key>:00', user_data: '{"id":"1"}' },
].map(rest => ({ event: 'pusher:signin', ...rest }))

const ids = ['a/b', 'a b', 'zürich-東京-🚀', 'say "hi"\\', '1/../2', '%2F', '#', ' ', '0', 'user:1', 'x'.repeat(184)]

/** What shows whether the socket is user 1. */
const isOne = (socket: string): Step[] => [subscribe(socket, one), event(one)]

export default group('signin', [
  scenario('good', [open('alice'), signin('alice', { id: '1' }), ping('alice')]),
  scenario('good, data as a JSON string', [open('alice'), signin('alice', { id: '1' }, { dataAs: 'string' }), ...isOne('alice')]),
  ...users.map(([name, userData]) => scenario(`user_data with ${name}`, [open('alice'), signin('alice', userData), ...isOne('alice')])),
  scenario('every wrong auth', [
    open('alice'), open('bob'),
    ...[...wrongUserAuths, { socket: 'bob' }, { app: 1 }].map(auth => signin('alice', { id: '1' }, { auth })),
    ...isOne('alice'),
    signin('alice', { id: '1' }), ...isOne('alice'),
  ], { profile: 'two-apps' }),
  scenario('user_data that names no user', [open('alice'), ...noUsers.map(userData => signin('alice', userData)), ...isOne('alice')]),
  scenario('user_data that is no text', [open('alice'), ...[null, 5, true, ['1']].map(userData => signin('alice', userData)), ...isOne('alice')]),
  scenario('user_data that names no user, with a wrong signature', [open('alice'), signin('alice', '{}', { auth: 'wrong-signature' }), signin('alice', 'alice', { auth: 'wrong-signature' })]),
  scenario('malformed', [open('alice'), ...malformed.map(message => send('alice', message)), ping('alice')]),
  scenario('twice as the same user', [open('alice'), signin('alice', { id: '1' }), subscribe('alice', one), signin('alice', { id: '1', name: 'Ann' }), event(one)]),
  scenario('twice as another user', [
    open('alice'), signin('alice', { id: '1' }), signin('alice', { id: '2' }),
    subscribe('alice', ownChannel('2')), event(ownChannel('2')), ...isOne('alice'),
  ]),
  scenario('a wrong signature after a good one', [open('alice'), signin('alice', { id: '1' }), signin('alice', { id: '1' }, { auth: 'wrong-signature' }), signin('alice', { id: '2' }, { auth: 'wrong-signature' }), ...isOne('alice')]),
  scenario('holds for one connection', [...listens('alice'), leave('alice'), event(one), open('alice2'), ...isOne('alice2')]),

  scenario('own channel, before signing in and after', [open('alice'), ...isOne('alice'), channels, signin('alice', { id: '1' }), ...isOne('alice'), channels]),
  scenario('own channel, with a signature made for it instead of signing in', [
    open('alice'), ...(['good', 'of-user', 'empty'] as const).map(auth => subscribe('alice', one, { auth })), subscribe('alice', one, { auth: 'good', member: { user_id: '1' } }), subscribe('alice', one, { auth: 'of-user', member: { id: '1' } }),
    event(one), channels,
  ]),
  scenario('own channel, whatever auth comes with it', [...enters('alice'), subscribe('alice', one, { auth: 'wrong-signature', member: { user_id: '2' } }), event(one), http('GET', `/apps/<app>/channels/${encoded(one)}/users`)]),
  scenario('another user\'s channel', [
    ...enters('eve', '2'), ...listens('alice'),
    ...(['missing', 'good', 'of-user'] as const).map(auth => subscribe('eve', one, { auth })),
    ...['#server-to-user-', '#server-to-user', '#server-to-user-1 ', '#server-to-user-01', '#SERVER-to-user-1', '#server-to-user-2/../1'].map(channel => subscribe('eve', channel)),
    event(one), channels,
  ]),
  scenario('own channel, unsubscribed and again', [...listens('alice'), unsubscribe('alice', one), event(one), subscribe('alice', one), event(one), subscribe('alice', one)]),
  scenario('own channel, asked about', [
    ...listens('alice'), ...listens('alice2'),
    http('GET', `/apps/<app>/channels/${encoded(one)}`, { query: { info: 'subscription_count,user_count,cache' } }), http('GET', `/apps/<app>/channels/${encoded(one)}/users`),
    http('GET', '/apps/<app>/channels', { query: { filter_by_prefix: '#server-to-user-', info: 'subscription_count' } }),
    http('GET', `/apps/<app>/channels/${encoded(ownChannel('2'))}`, { query: { info: 'subscription_count' } }),
    publish({ name: 'e', channels: [one, ownChannel('2')], data: '{}', info: 'subscription_count,user_count' }),
  ]),
  scenario('sendToUser: every socket of the user that listens', [
    ...listens('alice1'), ...listens('alice2'), ...enters('alice3'), ...listens('bob', '2'), open('eve'),
    event(one),
    publish({ name: 'e', channel: one, data: '{"a":2}', socket_id: '<socket:alice1>' }),
    publish({ name: 'e', channel: one, data: '{"a":3}', socket_id: '<socket:bob>' }),
    publish({ name: 'e', channels: [one, ownChannel('2')], data: '{"a":4}' }),
    http('POST', '/apps/<app>/batch_events', { body: { batch: [{ name: 'e', channel: one, data: '5' }, { name: 'e', channel: ownChannel('2'), data: '6', socket_id: '<socket:bob>' }] } }),
  ]),
  scenario('sendToUser: nobody there, no id', [event(one), event(ownChannel('')), http('GET', `/apps/<app>/channels/${encoded(one)}`)]),
  ...(['stock', 'client-events-all', 'client-events-none'] as const).map(profile => scenario(`whispers on it, ${profile}`, [
    ...listens('alice1'), ...listens('alice2'), open('eve'), whisper('alice1', one, { a: 1 }), whisper('eve', one, { a: 1 }),
  ], { profile })),
  ...ids.map(id => scenario(`user id ${id.length > 60 ? `of ${id.length} characters` : id}`, [
    ...listens('alice', id), event(ownChannel(id)), channels,
    http('GET', `/apps/<app>/channels/${encoded(ownChannel(id))}`),
    http('POST', `/apps/<app>/users/${encodeURIComponent(id)}/terminate_connections`, { body: {} }),
  ])),
  scenario('user id of 185 characters', [...listens('alice', 'x'.repeat(185)), event(ownChannel('x'.repeat(185)))]),
  scenario('a presence channel without channel_data: as who it is', [
    open('alice'), signin('alice', '{"id":"1", "user_info": {"n":1.0, "name":"Ann"}}'), ...enters('bob', '2'), open('carol'), subscribe('carol', 'presence-room', { member: { user_id: 3 } }),
    subscribe('alice', 'presence-room'), subscribe('bob', 'presence-room'), usersOf('presence-room'),
    whisper('alice', 'presence-room', { a: 1 }), whisper('bob', 'presence-room', { a: 1 }),
    leave('bob'), http('POST', '/apps/<app>/users/1/terminate_connections', { body: {} }), usersOf('presence-room'),
  ]),
  scenario('a presence channel without channel_data: who is nobody, or signs wrongly', [
    open('eve'), subscribe('eve', 'presence-room'), signin('eve', { id: '1' }, { auth: 'wrong-signature' }), subscribe('eve', 'presence-room'),
    signin('eve', { id: '1' }), ...(['wrong-signature', 'missing', 'of-user'] as const).map(auth => subscribe('eve', 'presence-room', { auth })),
    ...['', '{}', 'null'].map(channelData => subscribe('eve', 'presence-room', { channelData })), channels,
  ]),
  scenario('a presence channel with channel_data: as who that says', [
    ...enters('alice', '1'), open('bob'), subscribe('bob', 'presence-room', { member: { user_id: 2 } }), subscribe('alice', 'presence-room', { member: { user_id: 5, user_info: { name: 'Eve' } } }),
    subscribe('alice', 'presence-room'), usersOf('presence-room'),
  ]),
  scenario('a presence channel: one user, signed in here and named there', [
    ...enters('alice1', '1'), open('alice2'), open('bob'), subscribe('bob', 'presence-room', { member: { user_id: 2 } }),
    subscribe('alice1', 'presence-room'), subscribe('alice2', 'presence-room', { member: { user_id: 1 } }), leave('alice1'), leave('alice2'),
  ]),
  scenario('a presence channel: signing in again changes nothing there until it is joined again', [
    open('bob'), subscribe('bob', 'presence-room', { member: { user_id: 2 } }), open('alice'), signin('alice', { id: '1', user_info: 'old' }), subscribe('alice', 'presence-room'),
    signin('alice', { id: '1', user_info: 'new' }), subscribe('bob', 'presence-room', { member: { user_id: 2 } }), subscribe('alice', 'presence-room'),
  ]),
  scenario('a presence channel: user_info over its limit', [open('alice'), signin('alice', { id: '1', user_info: 'i'.repeat(1023) }), subscribe('alice', 'presence-room'), signin('alice', { id: '1', user_info: 'i'.repeat(1022) }), subscribe('alice', 'presence-room')], { profile: 'pusher-limits' }),
  scenario('each app has users of its own', [
    ...listens('alice'), open('olga', { app: 1 }), subscribe('olga', one), signin('olga', { id: '1' }), subscribe('olga', one),
    event(one), publish({ name: 'e', channel: one, data: '{"a":2}' }, { app: 1 }),
  ], { profile: 'two-apps' }),
])
