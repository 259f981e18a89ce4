/**
 * The kind of a channel by its name: the prefixes `private-`, `presence-`, `cache-` and `encrypted-`, and `#server-to-user-…` for the own
 * channel of a user. And which names an app allows.
 */

export type ChannelKind = {
  /** Whether a subscription needs a signature, or for a user's own channel a sign-in. Presence and encrypted channels are private, too. */
  readonly private: boolean
  /** Whether subscribers are members, and are sent who joins and leaves. */
  readonly presence: boolean
  /** Whether the last event is cached for those who subscribe later. */
  readonly cache: boolean
  /** Whether the payload is encrypted, and opaque to the server. */
  readonly encrypted: boolean
  /** Whether the channel belongs to one signed-in user, to whom the application publishes. */
  readonly user: boolean
}

/** The prefix of a signed-in user's own channel, which is followed by the user's id. */
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

/** The names that the channels of an app can have. */
export type ChannelNameRules = {
  /** In UTF-16 code units, as pusher-js counts them; `Infinity` where there is no limit. */
  readonly channelNameLength: number
  /** `any` text, as in Reverb, or the characters that Pusher documents. */
  readonly channelNameCharset: 'any' | 'pusher'
}

const pusherCharset = /^[A-Za-z0-9_\-=@,.;]+$/

/** The kind of a channel of any name, also of one that the rules of an app refuse. */
export function channelKind(name: string): ChannelKind {
  return kinds.find(({ prefix }) => name.startsWith(prefix))?.kind ?? publicKind
}

/** The own channel of a signed-in user. */
export function userChannel(userId: string): string {
  return `${userChannelPrefix}${userId}`
}

/** The id of the user whose own channel this is. The name must have that prefix. */
export function userOfChannel(name: string): string {
  return name.slice(userChannelPrefix.length)
}

/**
 * The reason why the rules of an app refuse a name, as a sentence; undefined where they allow it. The name of a user's own channel
 * contains the id of the user, which the application has chosen.
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
