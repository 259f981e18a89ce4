import { expect, test } from 'bun:test'
import { type Entry, entryKey } from '../../src/core/entry.ts'
import { anyText, fc } from '../support/property.ts'

test('two entries have the same key where the later one replaces the earlier', () => {
  const entries: Entry[] = [
    { kind: 'connections', appId: '1', count: 1 },
    { kind: 'subscriptions', appId: '1', channel: 'x', count: 1 },
    { kind: 'member', appId: '1', channel: 'x', key: '7', member: undefined },
    { kind: 'user', appId: '1', userId: '7', isHere: true },
  ]
  expect(new Set(entries.map(entryKey)).size).toBe(4)
  expect(entryKey({ kind: 'subscriptions', appId: '1', channel: 'x', count: 9 })).toBe(entryKey(entries[1]!))
})

test('two members never have the same key, whatever the names of their channels and their ids', () => {
  const member = (channel: string, key: string) => entryKey({ kind: 'member', appId: '1', channel, key, member: undefined })
  expect(member('presence-a/b', 'c')).not.toBe(member('presence-a', 'b/c'))
  const name = fc.oneof(anyText, fc.string({ unit: fc.constantFrom('/', '1', 'a') }))
  fc.assert(
    fc.property(name, name, name, name, (channel, key, otherChannel, otherKey) => {
      const isSame = channel === otherChannel && key === otherKey
      expect(member(channel, key) === member(otherChannel, otherKey)).toBe(isSame)
    }),
  )
})
