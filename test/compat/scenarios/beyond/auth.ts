/** Who may come to which channel: every wrong signature on every name that asks for one, and the names that ask for none. */
import { group, http, open, ping, publish, scenario, subscribe, unsubscribe, whisper } from '../../lib/scenario.ts'
import { wrongChannelAuths } from '../../lib/signatures.ts'
import { event, guardedChannels, presenceChannels, publicLookalikes } from './channels.ts'

const member = { member: { user_id: 1, user_info: {} } }
const channels = http('GET', '/apps/<app>/channels')
/** Names that are nothing but a prefix, or go on with another one. */
const edges = ['private-', 'presence-', 'private-encrypted-', 'private-cache-', 'presence-cache-', 'private-encrypted-cache-', 'private-presence-room', 'presence-private-room', 'private-encryptedroom', 'private-cacheroom', 'presence-encrypted-cache-room', 'private-cache-encrypted-room', 'private--room']
/** For whoever wants the names of Pusher only. */
const impossible = ['#private-room', '#server-to-user', ' private-room', 'private-room ', 'private-a/b', 'private-a:b', 'private-ö', 'private-a\u0000', ':user::{"id":"1"}']

export default group('auth', [
  ...guardedChannels.map((channel) => {
    const data = presenceChannels.includes(channel) ? member : {}
    return scenario(`${channel}: every wrong auth`, [
      open('eve'), open('bob'), event(channel),
      ...[...wrongChannelAuths, { socket: 'bob' }, { app: 1 }].map(auth => subscribe('eve', channel, { auth, ...(auth === 'without-data' ? member : data) })),
      event(channel), whisper('eve', channel, { a: 1 }), unsubscribe('eve', channel), channels,
      subscribe('eve', channel, data), event(channel), subscribe('eve', channel, { auth: 'wrong-signature', ...data }), event(channel),
    ], { profile: 'two-apps' })
  }),
  scenario('names that begin like a guarded one are guarded', [
    open('eve'), ...edges.flatMap(channel => [subscribe('eve', channel, { auth: 'missing', ...member }), subscribe('eve', channel, { auth: 'other-channel', ...member }), event(channel), subscribe('eve', channel, member), event(channel)]),
  ]),
  scenario('names that only look like it are public, and nothing is kept there', [
    open('alice'), ...publicLookalikes.flatMap(channel => [
      event(channel), subscribe('alice', channel, { auth: 'wrong-signature', ...member }), event(channel),
      http('GET', `/apps/<app>/channels/${channel}`, { query: { info: 'user_count,subscription_count,cache' } }),
    ]),
    ...publicLookalikes.slice(0, 6).flatMap(channel => [whisper('alice', channel, { a: 1 }), http('GET', `/apps/<app>/channels/${channel}/users`)]),
  ]),
  scenario('names that Pusher does not allow', [
    open('eve'), ...impossible.map(channel => subscribe('eve', channel, { auth: 'good' })), ping('eve'), channels, publish({ name: 'e', channels: impossible, data: '{}' }),
  ], { profile: 'pusher-limits' }),
  scenario('names that Pusher does not allow, and Reverb does', [
    open('eve'), ...impossible.flatMap(channel => [subscribe('eve', channel, { auth: 'wrong-signature' }), subscribe('eve', channel, { auth: 'good' })]), ping('eve'), channels, publish({ name: 'e', channels: impossible, data: '{}' }),
  ]),
])
