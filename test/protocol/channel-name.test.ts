import { describe, expect, test } from 'bun:test'
import { channelKind, channelNameFault, userChannel, userOfChannel } from '../../src/protocol/channel-name.ts'

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
  ])('of %s follows from its prefix', (name, isPrivate, presence, cache, encrypted) => {
    expect(channelKind(name)).toEqual({ private: isPrivate, presence, cache, encrypted, user: false })
  })

  test("of a user's own channel is private, and the name contains the id of the user", () => {
    const name = '#server-to-user-a/b'
    expect(channelKind(name)).toEqual({ private: true, presence: false, cache: false, encrypted: false, user: true })
    expect(userOfChannel(name)).toBe('a/b')
    expect(userChannel('a/b')).toBe(name)
  })

  test.each(['private', 'presence', 'cache', 'privateer', 'presences-x', 'Private-x', 'my-private-x', 'encrypted-x', '', '0'])(
    '%p is a public channel: a prefix needs its dash and stands in front',
    name => expect(channelKind(name)).toEqual({ private: false, presence: false, cache: false, encrypted: false, user: false }),
  )

  test('follows from a prefix with nothing, or another prefix, after it', () => {
    expect(channelKind('private-')).toMatchObject({ private: true, presence: false })
    expect(channelKind('private-presence-x')).toMatchObject({ private: true, presence: false, cache: false, encrypted: false })
    expect(channelKind('presence-encrypted-x')).toMatchObject({ private: true, presence: true, cache: false, encrypted: false })
    expect(channelKind('cache-private-x')).toMatchObject({ private: false, presence: false, cache: true, encrypted: false })
  })
})

describe('the name of a channel, as Reverb has it', () => {
  test.each(['', '0', ' ', 'a/b', 'a\0\n', 'zürich-💬', '\ud800', '#server-to-user-', 'x'.repeat(10_000)])('may be %p', name => {
    expect(channelNameFault(name, { channelNameLength: Number.POSITIVE_INFINITY, channelNameCharset: 'any' })).toBeUndefined()
  })

  test('has at most as many characters as the limit allows, whatever they are', () => {
    const rules = { channelNameLength: 3, channelNameCharset: 'any' } as const
    expect(channelNameFault('a/b', rules)).toBeUndefined()
    expect(channelNameFault('a/bc', rules)).toBe('The channel name is longer than 3 characters.')
    expect(channelNameFault(userChannel('x'.repeat(300)), rules)).toBeUndefined()
  })
})

describe('the name of a channel, as Pusher has it', () => {
  const fault = (name: string) => channelNameFault(name, { channelNameLength: 200, channelNameCharset: 'pusher' })

  test.each(['a', '0', 'ABC_xyz-09=@,.;', 'private-x', 'a'.repeat(200), '#server-to-user-1', '#server-to-user-ä/b c'])(
    '%p is good',
    name => {
      expect(fault(name)).toBeUndefined()
    },
  )

  test('may not be empty', () => expect(fault('')).toBe('The channel name is empty.'))

  test('names a user when it begins like the channel of one', () => {
    expect(fault('#server-to-user-')).toBe('The channel name lacks the id of its user.')
  })

  test('has at most 200 characters', () => {
    expect(fault('a'.repeat(201))).toBe('The channel name is longer than 200 characters.')
    expect(fault(userChannel('x'.repeat(300)))).toBeUndefined()
  })

  test.each(['a b', 'a/b', '#server-to-user', '#x', ':user:', 'a:b', 'ä', 'a\n', '\na', 'a+b', 'a*', '💬', 'a\0', '\ud800'])(
    'may not be %p',
    name => {
      expect(fault(name)).toBe('The channel name has characters other than A-Z a-z 0-9 _ - = @ , . ;')
    },
  )
})
