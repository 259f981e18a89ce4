/** Every limit of `limits`, reached and exceeded: Pusher's own, low ones, none, and what holds where nobody has set any. */
import type { Json } from '../../lib/scenario.ts'
import { group, http, leave, open, ping, publish, scenario, send, sendAtOnce, signin, subscribe, unsubscribe, wait, whisper } from '../../lib/scenario.ts'
import { allChannels, event, joins, ownChannel } from './channels.ts'

const pusher = { profile: 'pusher-limits' as const }
const low = { profile: 'low-limits' as const }
const none = { profile: 'no-limits' as const }

const channels = http('GET', '/apps/<app>/channels')
const names = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`)
const toMany = (count: number) => publish({ name: 'e', channels: names(count), data: '{}' })
const inBatch = (events: Json[]) => http('POST', '/apps/<app>/batch_events', { body: { batch: events } })
const batchOf = (count: number) => inBatch(names(count).map(channel => ({ name: 'e', channel, data: '{}' })))
const named = (length: number) => [publish({ name: 'n'.repeat(length), channel: 'room', data: '{}' }), inBatch([{ name: 'e', channel: 'room', data: '{}' }, { name: 'n'.repeat(length), channel: 'room', data: '{}' }])]
const whisperNamed = (length: number) => whisper('alice', 'private-room', { n: length }, `client-${'n'.repeat(length - 7)}`)
const weighing = (data: string) => [publish({ name: 'e', channel: 'room', data }), inBatch([{ name: 'e', channel: 'room', data: '{}' }, { name: 'e', channel: 'room', data }])]
const onChannel = (channel: string) => [subscribe('alice', channel), event(channel), publish({ name: 'e', channels: ['room', channel], data: '{}' }), inBatch([{ name: 'e', channel, data: '{}' }])]
const long = (prefix: string, length: number) => prefix + 'n'.repeat(length - prefix.length)

/** `user_info` as it stands in the JSON text, of so many bytes. */
const member = (id: number, info: string) => ({ channelData: `{"user_id":${id},"user_info":${info}}` })
const infoOf = (bytes: number) => `"${'i'.repeat(bytes - 2)}"`

const whispers = (socket: string, channel: string, count: number) => sendAtOnce(socket, Array.from({ length: count }, (_, n) => ({ event: 'client-e', channel, data: { n } })))
const both = (channel: string) => [open('alice'), open('bob'), joins('alice', channel, 1), joins('bob', channel, 2)]

export default group('limits', [
  scenario('channels_per_event: 100', [open('alice'), subscribe('alice', 'c99'), toMany(100), toMany(101), publish({ name: 'e', channels: Array(101).fill('c99'), data: '{}' })], pusher),
  scenario('channels_per_event: 2', [open('alice'), subscribe('alice', 'c0'), toMany(2), toMany(3), publish({ name: 'e', channels: ['c0', 'c0', 'c0'], data: '{}' })], low),
  scenario('channels_per_event: none', [toMany(250)], none),
  scenario('events_per_batch: 10', [open('alice'), subscribe('alice', 'c0'), batchOf(10), batchOf(11)], pusher),
  scenario('events_per_batch: 2', [open('alice'), subscribe('alice', 'c0'), batchOf(2), batchOf(3)], low),
  scenario('events_per_batch: none', [open('alice'), subscribe('alice', 'c99'), batchOf(100)], none),
  scenario('event_name_length: 200', [...both('private-room'), subscribe('bob', 'room'), ...named(200), ...named(201), whisperNamed(200), whisperNamed(201)], pusher),
  scenario('event_name_length: 10', [...both('private-room'), subscribe('bob', 'room'), ...named(10), ...named(11), whisperNamed(10), whisperNamed(11), publish({ name: 'ö'.repeat(10), channel: 'room', data: '{}' }), publish({ name: '🚀'.repeat(6), channel: 'room', data: '{}' })], low),
  scenario('event_name_length: none', [...both('private-room'), subscribe('bob', 'room'), ...named(2000), whisperNamed(2000)], none),
  scenario('event_data_bytes: 20', [
    open('alice'), subscribe('alice', 'room'),
    ...weighing('x'.repeat(20)), ...weighing('x'.repeat(21)), ...weighing('ö'.repeat(10)), ...weighing(`${'ö'.repeat(10)}x`), ...weighing('🚀'.repeat(5)), ...weighing(`${'🚀'.repeat(5)}x`),
  ], low),
  scenario('event_data_bytes: none', [open('alice'), subscribe('alice', 'room'), ...weighing('x'.repeat(50_000))], none),
  scenario('event_data_bytes is not for client events', [...both('private-room'), whisper('alice', 'private-room', { text: 'x'.repeat(100) }, 'client-e')], low),
  scenario('channel_name_length: 200', [open('alice'), ...onChannel('n'.repeat(200)), ...onChannel('n'.repeat(201)), subscribe('alice', long('private-', 201)), channels], pusher),
  scenario('channel_name_length: 30', [open('alice'), ...onChannel('n'.repeat(30)), ...onChannel('n'.repeat(31)), subscribe('alice', long('private-', 31)), subscribe('alice', long('presence-', 31), { member: { user_id: 1 } }), channels], low),
  scenario('channel_name_length: 30, a user\'s own channel', [
    ...['x'.repeat(14), 'x'.repeat(15)].flatMap((id, i) => [open(`user${i}`), signin(`user${i}`, { id }), subscribe(`user${i}`, ownChannel(id)), event(ownChannel(id))]),
  ], low),
  scenario('channel_name_length: none', [open('alice'), ...onChannel('n'.repeat(2000)), channels], none),

  scenario('channels_per_socket: 2', [
    open('alice'), subscribe('alice', 'a'), subscribe('alice', 'private-b'),
    subscribe('alice', 'c'), subscribe('alice', 'private-c'), joins('alice', 'presence-c'), subscribe('alice', 'private-c', { auth: 'wrong-signature' }),
    subscribe('alice', 'a'), open('bob'), subscribe('bob', 'c'), channels, event('c'),
    unsubscribe('alice', 'a'), joins('alice', 'presence-c'), subscribe('alice', 'a'), channels,
  ], low),
  scenario('channels_per_socket: 2, and a user\'s own channel', [open('alice'), signin('alice', { id: '1' }), ...['a', 'b', ownChannel('1'), 'c'].map(channel => subscribe('alice', channel)), event(ownChannel('1')), channels], low),
  scenario('channels_per_socket: none unless set', [open('alice'), sendAtOnce('alice', names(101).map(channel => ({ event: 'pusher:subscribe', data: { channel } }))), http('GET', '/apps/<app>/channels/c100')]),
  ...['presence-room', 'presence-cache-room'].map(room => scenario(`presence_members: 2, ${room}`, [
    open('alice'), open('bob1'), open('bob2'), open('carol'),
    joins('alice', room, 1), joins('bob1', room, 2), joins('carol', room, 3),
    joins('bob2', room, 2), http('GET', `/apps/<app>/channels/${room}/users`), joins('carol', 'presence-other', 3), event(room),
    leave('bob1'), joins('carol', room, 3),
    leave('bob2'), joins('carol', room, 3), http('GET', `/apps/<app>/channels/${room}/users`),
    unsubscribe('alice', room), joins('alice', room, 1),
  ], low)),
  scenario('presence_members: 2, somebody who is there comes again', [open('alice'), open('bob'), joins('alice', 'presence-room', 1), joins('bob', 'presence-room', 2), joins('bob', 'presence-room', 2), joins('bob', 'presence-room', 1), joins('bob', 'presence-room', 3), http('GET', '/apps/<app>/channels/presence-room/users')], low),
  scenario('presence_members: 2, other channels take more', [open('alice'), open('bob'), open('carol'), ...['alice', 'bob', 'carol'].map(name => subscribe(name, 'private-room')), event('private-room')], low),
  ...([['1024', 1024, pusher], ['20', 20, low]] as const).map(([name, bytes, profile]) => scenario(`presence_user_info_bytes: ${name}`, [
    open('alice'), open('bob'), joins('alice', 'presence-room', 1),
    subscribe('bob', 'presence-room', member(2, infoOf(bytes))), subscribe('bob', 'presence-room', member(2, infoOf(bytes + 1))), unsubscribe('bob', 'presence-room'),
    subscribe('bob', 'presence-room', member(2, infoOf(bytes + 1))), http('GET', '/apps/<app>/channels/presence-room/users'),
    subscribe('bob', 'presence-room', member(2, `"${'ö'.repeat((bytes - 2) / 2)}"`)), subscribe('bob', 'presence-room', member(2, `"${'ö'.repeat(bytes / 2)}"`)),
  ], profile)),
  scenario('presence_user_info_bytes: 20, as it was written', [
    open('bob'), ...['{"name":"Bob Bobson"}', '{ "name" : "Bob" }   ', '{  "name" :  "Bob"  }', '"\\u00f6\\u00f6\\u00f6"', '"\\u00f6\\u00f6\\u00f6\\u00f6"', 'null'].map(info => subscribe('bob', 'presence-room', member(2, info))),
    subscribe('bob', 'presence-room', { member: { user_id: 2, other: 'x'.repeat(50) } }),
  ], low),
  scenario('presence_members and presence_user_info_bytes: none', [open('alice'), joins('alice', 'presence-room'), open('bob'), subscribe('bob', 'presence-room', member(2, infoOf(20_000)))], none),

  scenario('client_events_per_second: 10', [...both('private-room'), whispers('alice', 'private-room', 12), whispers('bob', 'private-room', 1), wait(1600), whispers('alice', 'private-room', 11), ping('alice')], pusher),
  scenario('client_events_per_second: 2, on all channels of a socket together', [...both('private-room'), joins('alice', 'presence-room', 1), joins('bob', 'presence-room', 2), sendAtOnce('alice', ['private-room', 'presence-room', 'private-room'].map(channel => ({ event: 'client-e', channel, data: {} })))], low),
  scenario('client_events_per_second: what is refused does not count', [
    ...both('private-room'),
    sendAtOnce('alice', [{ event: 'client-e', channel: 'room' }, { event: 'client-too-long', channel: 'private-room' }, { event: 'client-e' }, ...[1, 2, 3].map(data => ({ event: 'client-e', channel: 'private-room', data }))]),
  ], low),
  scenario('client_events_per_second: none', [...both('private-room'), whispers('alice', 'private-room', 30)], none),

  scenario('Pusher\'s names', [open('alice'), ...['a b', 'a/b', 'zürich', ''].flatMap(onChannel), channels], pusher),
  scenario('none unless set', [
    ...both('private-room'), subscribe('alice', 'c99'), subscribe('bob', 'room'), toMany(150), batchOf(50), ...named(2000), whisperNamed(2000), whispers('alice', 'private-room', 60),
    ...['n'.repeat(2000), 'a b/ü'].flatMap(onChannel), channels, subscribe('alice', 'presence-room', member(1, infoOf(5000))), joins('bob', 'presence-room', 2),
  ]),

  ...(['stock', 'client-events-all', 'client-events-none'] as const).map(profile => scenario(`client events on every kind of channel, ${profile}`, [
    open('alice'), open('bob'), open('eve'), ...['alice', 'bob'].map(name => signin(name, { id: '1' })),
    ...[...allChannels, ownChannel('1')].flatMap(channel => [joins('alice', channel, 1), joins('bob', channel, 2), whisper('alice', channel, { from: 'alice' }), whisper('eve', channel, { from: 'eve' })]),
    send('alice', { event: 'client-typing', channel: 'presence-room', data: {}, user_id: 'forged' }),
  ], { profile })),
])
