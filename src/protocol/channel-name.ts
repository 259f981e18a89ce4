/**
 * What a channel's name says about it: the prefixes `private-`, `presence-`, `cache-` and `encrypted-`, whose channel
 * `#server-to-user-…` is, and which names an app allows.
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

/** Which names the channels of an app can have. */
export type ChannelNameRules = {
  /** In UTF-16 code units, as pusher-js counts them; `Infinity` where there is no limit. */
  readonly channelNameLength: number
  /** `any` text, as in Reverb, or the characters that Pusher documents. */
  readonly channelNameCharset: 'any' | 'pusher'
}

const pusherCharset = /^[A-Za-z0-9_\-=@,.;]+$/

/** The kind of any name, also of one that the rules of an app refuse. */
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

/**
 * The reason why the rules of an app refuse a name, as a sentence; undefined where they allow it. The name of a user's own channel
 * is as long as the application made the id of that user, and has its characters.
 */
export function channelNameFault(name: string, { channelNameLength, channelNameCharset }: ChannelNameRules): string | undefined {
  const isUserChannel = name.startsWith(userChannelPrefix)
  if (name.length > channelNameLength && !isUserChannel) return `The channel name is longer than ${channelNameLength} characters.`
  if (channelNameCharset === 'any') return undefined
  if (name === '') return 'The channel name is empty.'
  if (name === userChannelPrefix) return 'The channel name lacks the id of its user.'
  if (!isUserChannel && !pusherCharset.test(name)) return 'The channel name has characters other than A-Z a-z 0-9 _ - = @ , . ;'
  return undefined
}
