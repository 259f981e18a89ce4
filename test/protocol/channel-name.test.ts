import { describe, expect, test } from 'bun:test'
import { channelKind, channelNameFault } from '../../src/protocol/channel-name.ts'

describe('the kind of a channel', () => {
  test.each([
    ['news', false, false, false, false],
    ['cache-news', false, false, true, false],
    ['private-news', true, false, false, false],
    ['private-cache-news', true, false, true, false],
    ['private-encrypted-news', true, false, false, true],
    ['private-encrypted-cache-news', true, false, true, true],
    ['presence-news', true, true, false, false],
    ['presence-cache-news', true, true, true, false],
  ])('%s', (name, isPrivate, presence, cache, encrypted) => {
    expect(channelKind(name)).toEqual({ private: isPrivate, presence, cache, encrypted })
  })

  test.each(['private', 'presence', 'cache', 'privateer', 'presences-x', 'Private-x', 'my-private-x', 'encrypted-x', '', '0'])(
    '%p is a public channel: a prefix needs its dash and stands in front',
    name => expect(channelKind(name)).toEqual({ private: false, presence: false, cache: false, encrypted: false }),
  )

  test('what follows the prefix may be nothing, or another prefix', () => {
    expect(channelKind('private-')).toMatchObject({ private: true, presence: false })
    expect(channelKind('private-presence-x')).toEqual({ private: true, presence: false, cache: false, encrypted: false })
    expect(channelKind('presence-encrypted-x')).toEqual({ private: true, presence: true, cache: false, encrypted: false })
    expect(channelKind('cache-private-x')).toEqual({ private: false, presence: false, cache: true, encrypted: false })
  })
})

describe('the name of a channel', () => {
  test.each(['a', '0', 'ABC_xyz-09=@,.;', 'private-x', 'a'.repeat(200)])('%p is good', name => {
    expect(channelNameFault(name)).toBeUndefined()
  })

  test('may not be empty', () => expect(channelNameFault('')).toBe('The channel name is empty.'))

  test('has at most 200 characters', () => {
    expect(channelNameFault('a'.repeat(201))).toBe('The channel name is longer than 200 characters.')
  })

  test.each(['a b', 'a/b', '#server-to-user-1', 'a:b', 'ä', 'a\n', '\na', 'a+b', 'a*', '💬', 'a\0'])('may not be %p', name => {
    expect(channelNameFault(name)).toBe('The channel name has characters other than A-Z a-z 0-9 _ - = @ , . ;')
  })
})
