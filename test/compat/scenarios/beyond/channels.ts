/** A channel of every kind, and the ways to it that all groups share. */
import type { Json, Step } from '../../lib/scenario.ts'
import { publish, subscribe } from '../../lib/scenario.ts'

export const presenceChannels = ['presence-room', 'presence-cache-room']
export const cacheChannels = ['cache-room', 'private-cache-room', 'presence-cache-room', 'private-encrypted-cache-room']
/** Whoever comes needs a signature. */
export const guardedChannels = ['private-room', 'private-encrypted-room', 'private-cache-room', 'private-encrypted-cache-room', ...presenceChannels]
export const allChannels = ['room', 'cache-room', ...guardedChannels]

/** Named like another kind, but not from the first letter to the dash: public, all of them. */
export const publicLookalikes = [
  'my-private-room', 'not-presence-room', 'public-cache-room', 'my-private-cache-room', 'encrypted-private-room', 'room-private-', 'a.presence-cache-room', '-private-room',
  'private', 'presence', 'cache', 'privateroom', 'presenceroom', 'cacheroom', 'private_room', 'Private-room', 'PRESENCE-room', 'Cache-room', 'server-to-user-1',
]

export const joins = (socket: string, channel: string, id: Json = 1): Step => subscribe(socket, channel, channel.startsWith('presence-') ? { member: { user_id: id, user_info: {} } } : {})
export const event = (channel: string, data = '{"a":1}'): Step => publish({ name: 'e', channel, data })

/** Channel of what the application tells a user. */
export const ownChannel = (id: string): string => `#server-to-user-${id}`
