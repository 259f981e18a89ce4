import { expect, test } from 'bun:test'
import { type Entry, entryKey } from '../../src/core/entry.ts'

test('two entries have the same key when they say something of the same thing', () => {
  const entries: Entry[] = [
    { kind: 'connections', appId: '1', count: 1 },
    { kind: 'subscriptions', appId: '1', channel: 'x', count: 1 },
    { kind: 'member', appId: '1', channel: 'x', key: '7', member: undefined },
    { kind: 'user', appId: '1', userId: '7', isHere: true },
  ]
  expect(new Set(entries.map(entryKey)).size).toBe(4)
  expect(entryKey({ kind: 'subscriptions', appId: '1', channel: 'x', count: 9 })).toBe(entryKey(entries[1]!))
})
