import { expect, test } from 'bun:test'
import { channelKind, channelNameFault, userOfChannel } from '../../src/protocol/channel-name.ts'
import { anyText, fc } from '../support/property.ts'

const parts = fc.constantFrom(
  'private-',
  'presence-',
  'cache-',
  'encrypted-',
  '#server-to-user-',
  'Private-',
  'private',
  '-',
  'a',
)
const names = fc.oneof(
  anyText,
  fc.array(parts, { maxLength: 6 }).map(list => list.join('')),
  fc.subarray(['private-', 'presence-', 'encrypted-', 'cache-', 'x']).map(list => list.join('')),
  fc.tuple(fc.array(parts, { maxLength: 4 }), anyText).map(([list, rest]) => list.join('') + rest),
)

/** All prefixes that Pusher documents, in one expression. */
function slowKind(name: string) {
  const [, secret, encrypted, presence, user, cache] =
    /^(?:(private-)(encrypted-)?|(presence-)|(#server-to-user-.*$))?(cache-)?/s.exec(name)!
  return {
    private: (secret ?? presence ?? user) !== undefined,
    presence: presence !== undefined,
    cache: cache !== undefined,
    encrypted: encrypted !== undefined,
    user: user !== undefined,
  }
}

test('the prefix alone decides the kind of a channel', () => {
  fc.assert(
    fc.property(names, name => expect(channelKind(name)).toEqual(slowKind(name))),
    { numRuns: 2000 },
  )
})

test('a prefix in the middle of a name has no effect', () => {
  const first = fc.string({ unit: 'grapheme', minLength: 1 }).filter(text => !/^(private|presence|cache|#server)/.test(text))
  const publicKind = { private: false, presence: false, cache: false, encrypted: false, user: false }
  fc.assert(fc.property(first, names, (start, name) => expect(channelKind(`${start}${name}`)).toEqual(publicKind)))
})

test('an app allows names by their length and characters', () => {
  const letters = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=@,.;')
  const valid = fc.string({ unit: fc.constantFrom(...letters), maxLength: 30 })
  const oneWrong = fc.tuple(valid, fc.string({ unit: 'grapheme-ascii', maxLength: 1 }), valid).map(list => list.join(''))
  fc.assert(
    fc.property(fc.oneof(valid, oneWrong, names), fc.integer({ min: 1, max: 40 }), (name, channelNameLength) => {
      const ofUser = name.slice(0, 16) === '#server-to-user-'
      const isShort = name.length <= channelNameLength
      const spelled = name.split('').every(character => letters.has(character))
      const allows = (channelNameCharset: 'any' | 'pusher') =>
        channelNameFault(name, { channelNameLength, channelNameCharset }) === undefined
      expect(allows('any')).toBe(ofUser || isShort)
      expect(allows('pusher')).toBe(ofUser ? name.length > 16 : name.length > 0 && isShort && spelled)
    }),
    { numRuns: 2000 },
  )
})

test("a user's own channel contains the id of its user", () => {
  fc.assert(fc.property(anyText, id => expect(userOfChannel(`#server-to-user-${id}`)).toBe(id)))
})
