/** What a channel's name says about it: the prefixes `private-`, `presence-`, `cache-` and `encrypted-`, and which names exist. */

export const maxChannelNameLength = 200

export type ChannelKind = {
  /** Needs a signature to subscribe. True for presence and encrypted channels too. */
  readonly private: boolean
  /** Its members know of each other. */
  readonly presence: boolean
  /** Keeps its last event for whoever comes later. */
  readonly cache: boolean
  /** Its payload is opaque to the server. */
  readonly encrypted: boolean
}

const kinds: readonly (readonly [prefix: string, kind: ChannelKind])[] = [
  ['private-encrypted-cache-', { private: true, presence: false, cache: true, encrypted: true }],
  ['private-encrypted-', { private: true, presence: false, cache: false, encrypted: true }],
  ['private-cache-', { private: true, presence: false, cache: true, encrypted: false }],
  ['private-', { private: true, presence: false, cache: false, encrypted: false }],
  ['presence-cache-', { private: true, presence: true, cache: true, encrypted: false }],
  ['presence-', { private: true, presence: true, cache: false, encrypted: false }],
  ['cache-', { private: false, presence: false, cache: true, encrypted: false }],
]

const publicKind: ChannelKind = { private: false, presence: false, cache: false, encrypted: false }

const allowed = /^[A-Za-z0-9_\-=@,.;]+$/

/** The kind of any name, also of one that no channel can have. */
export function channelKind(name: string): ChannelKind {
  return kinds.find(([prefix]) => name.startsWith(prefix))?.[1] ?? publicKind
}

/** Says what is wrong with a name, as a sentence; undefined when a channel can have it. Pusher's charset, 1–200 characters. */
export function channelNameFault(name: string): string | undefined {
  if (name === '') return 'The channel name is empty.'
  if (name.length > maxChannelNameLength) return `The channel name is longer than ${maxChannelNameLength} characters.`
  if (!allowed.test(name)) return 'The channel name has characters other than A-Z a-z 0-9 _ - = @ , . ;'
  return undefined
}
