/** Cache channels as Pusher has them: the last event is the application's, and outlives everybody who was there. */
import type { Json } from '../../lib/scenario.ts'
import { group, http, leave, open, publish, scenario, subscribe, unsubscribe, wait, whisper } from '../../lib/scenario.ts'
import { cacheChannels, event, joins, ownChannel } from './channels.ts'

const about = (channel: string, app = 0) => http('GET', `/apps/<app>/channels/${channel}`, { query: { info: 'cache' }, app })
const batch = (events: Json[]) => http('POST', '/apps/<app>/batch_events', { body: { batch: events } })
const comes = (socket: string, channel: string, id = 1) => [open(socket), joins(socket, channel, id)]

/** Data that makes the frame as long as that. */
/** An event counts with its text and with the name of its channel. */
const dataFor = (channel: string, bytes: number) =>
  'x'.repeat(bytes - channel.length - JSON.stringify({ event: 'e', data: '', channel }).length)

export default group('cache-kept', [
  ...cacheChannels.map(channel => scenario(`${channel}: published before anybody subscribes`, [
    about(channel),
    event(channel),
    about(channel),
    ...comes('alice', channel), ...comes('bob', channel, 2),
    about(channel),
  ])),
  ...cacheChannels.map(channel => scenario(`${channel}: after the last one leaves`, [
    ...comes('alice', channel), event(channel),
    unsubscribe('alice', channel), about(channel), joins('alice', channel),
    leave('alice'), about(channel), ...comes('bob', channel, 2),
    event(channel, '{"a":2}'),
    leave('bob', 'reset'), event(channel, '{"a":3}'), ...comes('carol', channel, 3),
  ])),
  ...cacheChannels.map(channel => scenario(`${channel}: who comes and goes, and what clients say, is not kept`, [
    ...comes('alice', channel), ...comes('bob', channel, 2),
    event(channel),
    whisper('alice', channel, { from: 'alice' }),
    leave('bob'),
    about(channel),
    ...comes('carol', channel, 3),
  ])),
  scenario('the protocol\'s and the clients\' events published over HTTP are delivered, not kept', [
    open('alice'), ...['client-typing', 'client-', 'pusher:cache_miss', 'pusher:error', 'pusher_internal:subscription_succeeded', 'pusher_internal:anything'].flatMap((name, i) => [
      joins('alice', `cache-${i}`), publish({ name, channel: `cache-${i}`, data: '{"n":0}' }), joins('alice', `cache-${i}`),
      event(`cache-${i}`), publish({ name, channel: `cache-${i}`, data: '{"n":1}' }), batch([{ name, channel: `cache-${i}`, data: '{"n":2}' }]), about(`cache-${i}`), joins('alice', `cache-${i}`),
    ]),
  ]),
  scenario('names that only look like those are kept', ['pusher', 'pusher-x', 'client', 'Client-x', 'my-client-x', ' pusher:x'].flatMap((name, i) => [
    publish({ name, channel: `cache-${i}`, data: '{}' }), about(`cache-${i}`),
  ])),
  scenario('a batch: the last one of each channel', [
    ...comes('alice', 'cache-a'),
    batch([{ name: 'one', channel: 'cache-a', data: '1' }, { name: 'two', channel: 'cache-b', data: '2' }, { name: 'three', channel: 'cache-a', data: '3' }]),
    joins('alice', 'cache-a'), joins('alice', 'cache-b'), about('cache-a'), about('cache-b'),
  ]),
  scenario('an event to several channels', [
    publish({ name: 'e', channels: ['cache-a', 'room', 'private-cache-b'], data: '{}' }),
    ...comes('alice', 'cache-a'), joins('alice', 'private-cache-b'), joins('alice', 'room'), joins('alice', 'cache-c'),
  ]),
  scenario('an event that leaves its sender out is kept for it too', [
    ...comes('alice', 'cache-room'), ...comes('bob', 'cache-room'),
    publish({ name: 'e', channel: 'cache-room', data: '{}', socket_id: '<socket:alice>' }),
    joins('alice', 'cache-room'),
  ]),
  scenario('the event stays as it was published', [
    publish({ name: 'Größe \\ "q"', channel: 'cache-room', data: '{ "b" : 1.0, "a" : "ö\\u00f6 </b>", "0": {} }' }),
    about('cache-room'), ...comes('alice', 'cache-room'),
    publish({ name: 'e', channel: 'cache-room', data: 'plain text' }), about('cache-room'), joins('alice', 'cache-room'),
  ]),
  scenario('a refused publish changes nothing', [
    event('cache-room'),
    publish({ name: 'e', channel: 'cache-room', data: '{"a":2}' }, { auth: 'wrong-signature' }),
    publish({ name: 'n'.repeat(201), channel: 'cache-room', data: '{"a":2}' }),
    batch([{ name: 'e', channel: 'cache-room', data: '{"a":2}' }, { name: 'e', channel: 'cache room', data: '{}' }]),
    about('cache-room'),
  ], { profile: 'pusher-limits' }),
  scenario('info=cache', [
    ...comes('alice', 'cache-a'), event('cache-a'), event('cache-b'),
    http('GET', '/apps/<app>/channels', { query: { info: 'cache' } }),
    publish({ name: 'e', channels: ['cache-a', 'cache-b', 'cache-c', 'room'], data: '{"a":2}', info: 'cache' }),
    batch([{ name: 'f', channel: 'cache-a', data: '{"a":3}', info: 'cache' }, { name: 'f', channel: 'cache-b', data: '{"a":4}' }]),
    about('cache-b'), about('room'), about('cache-nothing'),
    http('GET', '/apps/<app>/channels/cache-b'), http('GET', '/apps/<app>/channels/cache-b', { query: { info: 'subscription_count' } }),
  ]),
  scenario('a refused subscription sees nothing', [
    event('private-cache-room'), open('eve'), subscribe('eve', 'private-cache-room', { auth: 'wrong-signature' }), ...comes('alice', 'private-cache-room'),
  ]),
  scenario('names without the dash, and users\' own channels, keep nothing', [
    ...['cache', 'cacheroom', 'my-cache-room', 'privatecache-room', 'presence_cache-room'].flatMap(channel => [event(channel), about(channel)]),
    open('alice'), subscribe('alice', 'cacheroom'), subscribe('alice', 'my-cache-room'), event(ownChannel('cache-1')), about('%23server-to-user-cache-1'),
  ]),
  scenario('each app keeps its own', [
    event('cache-room'), about('cache-room'), about('cache-room', 1),
    open('olga', { app: 1 }), joins('olga', 'cache-room'),
    publish({ name: 'e', channel: 'cache-room', data: '{"a":2}' }, { app: 1 }), about('cache-room'), about('cache-room', 1),
    ...comes('alice', 'cache-room'),
  ], { profile: 'two-apps' }),
  scenario('max_channels 2: the oldest goes', [
    event('cache-a'), event('cache-b'), event('cache-c'),
    about('cache-a'), about('cache-b'), about('cache-c'),
    ...comes('alice', 'cache-a'),
  ], { profile: 'cache-of-2-channels' }),
  scenario('max_channels 2: published again is young again, also where somebody is', [
    ...comes('alice', 'cache-b'), event('cache-a'), event('cache-b'), event('cache-a', '{"a":2}'), event('cache-c'),
    about('cache-a'), about('cache-b'), about('cache-c'),
    joins('alice', 'cache-b'), joins('alice', 'cache-a'),
  ], { profile: 'cache-of-2-channels' }),
  scenario('max_channels 2: being read makes nobody younger, and other channels do not count', [
    event('cache-a'), event('cache-b'), ...comes('alice', 'cache-a'), about('cache-a'), event('room'), event('private-room'), about('cache-a'),
    event('cache-c'), about('cache-a'), about('cache-b'),
  ], { profile: 'cache-of-2-channels' }),
  scenario('max_bytes 200: the oldest go', [
    event('cache-a', dataFor('cache-a', 100)), event('cache-b', dataFor('cache-b', 100)), about('cache-a'), about('cache-b'),
    event('cache-c', dataFor('cache-c', 60)), about('cache-a'), about('cache-b'), about('cache-c'),
    event('cache-d', dataFor('cache-d', 200)), about('cache-b'), about('cache-c'), about('cache-d'),
  ], { profile: 'cache-of-200-bytes' }),
  scenario('max_bytes 200: what is larger than all of it is not kept, nor what was there before', [
    ...comes('alice', 'cache-a'), event('cache-b', dataFor('cache-b', 57)), event('cache-a', dataFor('cache-a', 100)),
    event('cache-a', dataFor('cache-a', 201)), about('cache-a'), about('cache-b'), joins('alice', 'cache-a'),
    event('cache-a', dataFor('cache-a', 200)), about('cache-a'), about('cache-b'),
    event('cache-a', `${dataFor('cache-a', 199)}ö`), about('cache-a'),
  ], { profile: 'cache-of-200-bytes' }),
  scenario('ttl 2 s', [
    event('cache-room'), about('cache-room'), wait(2600), about('cache-room'),
    ...comes('alice', 'cache-room'), http('GET', '/apps/<app>/channels', { query: { info: 'cache' } }),
    event('cache-room', '{"a":2}'), joins('alice', 'cache-room'),
  ], { profile: 'cache-for-2-seconds' }),
  ...(['cache-of-0-channels', 'cache-for-0-seconds'] as const).map(profile => scenario(`${profile}: nothing is kept`, [
    ...comes('alice', 'cache-room'), event('cache-room'), about('cache-room'), joins('alice', 'cache-room'),
  ], { profile })),
])
