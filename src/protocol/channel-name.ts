/**
 * What a channel's name says about it: the prefixes `private-`, `presence-`, `cache-` and `encrypted-`, whose channel
 * `#server-to-user-…` is, and which names exist.
 */

export type ChannelKind = {
  /** Needs a signature to subscribe, or, for a user's own channel, to be signed in. True for presence and encrypted channels too. */
  readonly private: boolean
  /** Its members know of each other. */
  readonly presence: boolean
  /** Keeps its last event for whoever comes later. */
  readonly cache: boolean
  /** Its payload is opaque to the server. */
  readonly encrypted: boolean
  /** Belongs to one signed-in user: what the application tells that user. */
  readonly user: boolean
}

/** The prefix of the channel that a signed-in user has of its own; its id follows. */
const userChannelPrefix = '#server-to-user-'

const publicKind: ChannelKind = { private: false, presence: false, cache: false, encrypted: false, user: false }
const privateKind: ChannelKind = { ...publicKind, private: true }

const kinds: readonly { readonly prefix: string; readonly kind: ChannelKind }[] = [
  { prefix: 'private-encrypted-cache-', kind: { ...privateKind, cache: true, encrypted: true } },
  { prefix: 'private-encrypted-', kind: { ...privateKind, encrypted: true } },
  { prefix: 'private-cache-', kind: { ...privateKind, cache: true } },
  { prefix: 'private-', kind: privateKind },
  { prefix: 'presence-cache-', kind: { ...privateKind, presence: true, cache: true } },
  { prefix: 'presence-', kind: { ...privateKind, presence: true } },
  { prefix: 'cache-', kind: { ...publicKind, cache: true } },
  { prefix: userChannelPrefix, kind: { ...privateKind, user: true } },
]

const allowed = /^[A-Za-z0-9_\-=@,.;]+$/

/** The kind of any name, also of one that no channel can have. */
export function channelKind(name: string): ChannelKind {
  return kinds.find(({ prefix }) => name.startsWith(prefix))?.kind ?? publicKind
}

/** The channel of its own that a signed-in user has. */
export function userChannel(userId: string): string {
  return `${userChannelPrefix}${userId}`
}

/** The id of the user whose own channel this is. The name must be one of that kind. */
export function userOfChannel(name: string): string {
  return name.slice(userChannelPrefix.length)
}

/** Says what is wrong with a name, as a sentence; undefined when a channel can have it. Pusher's charset; the id of a user may be any text. */
export function channelNameFault(name: string, maxLength: number): string | undefined {
  if (name === '') return 'The channel name is empty.'
  if (name === userChannelPrefix) return 'The channel name lacks the id of its user.'
  if (name.startsWith(userChannelPrefix)) return undefined
  if (name.length > maxLength) return `The channel name is longer than ${maxLength} characters.`
  if (!allowed.test(name)) return 'The channel name has characters other than A-Z a-z 0-9 _ - = @ , . ;'
  return undefined
}
