/** What an application that works with Reverb may do although Pusher limits it, and what its proxies and settings make of it. */
import { frames, group, http, open, publish, scenario, send, sendAtOnce, subscribe, whisper } from '../lib/scenario.ts'

const count = (length: number) => Array.from({ length }, (_, i) => i)
const event = (channel: string) => publish({ name: 'e', channel, data: '{}' })
const batch = (length: number) => http('POST', '/apps/<app>/batch_events', { body: { batch: count(length).map(n => ({ name: 'e', channel: 'room', data: `${n}` })) } })
const names = ['orders/7', 'a room', 'größe-日本', '100%', 'what?really', 'a#b', 'App.Models.User:7', 'a\nb', 'a"b\\c', '{"json":1}', 'x'.repeat(1000)]
const encoded = (name: string, rest = '') => http('GET', `/apps/<app>/channels/${encodeURIComponent(name)}${rest}`, { query: { info: 'subscription_count' } })

export default group('drop-in', [
  // Limits that Pusher has and Reverb has not.
  scenario('a member with 5,000 bytes of user_info', [
    open('alice'), subscribe('alice', 'presence-room', { member: { user_id: 1, user_info: { about: 'x'.repeat(5000) } } }),
    open('bob'), subscribe('bob', 'presence-room', { member: { user_id: 2, user_info: { about: 'y'.repeat(5000) } } }),
  ]),
  scenario('sixty client events in one write', [
    open('alice'), subscribe('alice', 'private-room'),
    open('bob'), subscribe('bob', 'private-room'),
    sendAtOnce('alice', count(60).map(n => ({ event: 'client-position', channel: 'private-room', data: { n } }))),
  ]),
  scenario('a batch of fifty events', [open('alice'), subscribe('alice', 'room'), batch(50)]),
  scenario('an event on 150 channels', [
    open('alice'), subscribe('alice', 'c149'),
    publish({ name: 'e', channels: count(150).map(n => `c${n}`), data: '{}' }),
  ]),
  scenario('an event with a name of 500 characters', [
    open('alice'), subscribe('alice', 'room'),
    publish({ name: 'n'.repeat(500), channel: 'room', data: '{}' }),
  ]),
  ...names.map(name => scenario(`a channel called ${JSON.stringify(name.slice(0, 20))}`, [
    open('alice'), subscribe('alice', name),
    event(name),
    publish({ name: 'e', channels: [name, 'other'], data: '{}' }),
    http('GET', '/apps/<app>/channels'),
    open('bob'), subscribe('bob', `private-${name}`),
    open('carol'), subscribe('carol', `private-${name}`),
    whisper('bob', `private-${name}`, { x: 1 }),
    subscribe('bob', `presence-${name}`, { member: { user_id: 1, user_info: { name: 'One' } } }),
    subscribe('carol', `presence-${name}`, { member: { user_id: 2, user_info: { name: 'Two' } } }),
  ])),
  ...['a room', 'größe-日本', 'App.Models.User:7'].map(name => scenario(`questions about ${JSON.stringify(name)}`, [
    open('alice'), subscribe('alice', name), subscribe('alice', `presence-${name}`, { member: { user_id: 1, user_info: { name: 'One' } } }),
    encoded(name),
    encoded(`presence-${name}`, '/users'),
  ])),

  // Paths as proxies leave them.
  ...['//', '///'].flatMap(slashes => [
    scenario(`a socket behind ${slashes}`, [open('alice', { path: `${slashes}app/<key>` }), subscribe('alice', 'room'), event('room')]),
    scenario(`a publish behind ${slashes}, signed as the publisher has it`, [
      open('alice'), subscribe('alice', 'room'),
      http('POST', `${slashes}apps/<app>/events`, { auth: 'single-slash', body: { name: 'e', channel: 'room', data: '{}' } }),
    ]),
    scenario(`a publish behind ${slashes}, signed as it is sent`, [
      open('alice'), subscribe('alice', 'room'),
      http('POST', `${slashes}apps/<app>/events`, { body: { name: 'e', channel: 'room', data: '{}' } }),
    ]),
    scenario(`health behind ${slashes}`, [http('GET', `${slashes}up`, { auth: 'none' })]),
  ]),
  scenario('two slashes within a path', [
    http('POST', '/apps//<app>/events', { body: { name: 'e', channel: 'room', data: '{}' } }),
    http('GET', '/apps/<app>//channels'),
  ]),

  // Values of settings.
  scenario('messages of any size', [
    open('alice'), subscribe('alice', 'private-room'),
    open('bob'), subscribe('bob', 'private-room'),
    whisper('alice', 'private-room', { text: 'x'.repeat(100_000) }),
  ], { profile: 'messages-of-any-size' }),
  scenario('an activity timeout of 0', [open('alice'), subscribe('alice', 'room')], { profile: 'no-activity-timeout' }),
  scenario('client events that false switches off', [
    open('alice'), subscribe('alice', 'private-room'),
    whisper('alice', 'private-room', {}),
  ], { profile: 'client-events-false' }),
  scenario('channel_data that is an empty string', [
    open('alice'),
    subscribe('alice', 'room', { channelData: '' }),
    subscribe('alice', 'private-room', { channelData: '', auth: 'without-data' }),
    subscribe('alice', 'private-other', { channelData: '' }),
    event('private-room'),
  ]),

  // What suites of other clients and SDKs ask.
  scenario('counts of presence and other channels without a filter', [
    open('alice'), subscribe('alice', 'room'), subscribe('alice', 'presence-room', { member: { user_id: 1, user_info: { name: 'One' } } }),
    http('GET', '/apps/<app>/channels', { query: { info: 'user_count,subscription_count' } }),
    http('GET', '/apps/<app>/channels/presence-room', { query: { info: 'user_count,subscription_count' } }),
  ]),
  scenario('a user who is terminated hears why', [
    open('alice'), subscribe('alice', 'presence-room', { member: { user_id: 7, user_info: { name: 'Seven' } } }),
    open('bob'), subscribe('bob', 'presence-room', { member: { user_id: 8, user_info: { name: 'Eight' } } }),
    http('POST', '/apps/<app>/users/7/terminate_connections', { body: {} }),
  ]),
  scenario('a sign-in whose user id is a number', [
    open('alice'),
    send('alice', { event: 'pusher:signin', data: { auth: 'missing', user_data: '{"id":7}' } }),
  ]),
  scenario('a repeated subscription', [
    open('alice'), subscribe('alice', 'private-room'), subscribe('alice', 'private-room'),
    event('private-room'),
  ]),
  scenario('a publish over the request limit', [publish({ name: 'e', channel: 'room', data: 'x'.repeat(12_000) })]),
  scenario('a frame of a client that pings by control frames', [open('alice'), frames('alice', [{ opcode: 'ping', body: 'x' }]), subscribe('alice', 'room')]),
])
