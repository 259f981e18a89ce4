import { expect, test } from 'bun:test'
import { bytesInMemory, exceedsBytes } from '../../src/protocol/bytes.ts'

test.each<[string, number, boolean]>([
  ['abc', 3, false],
  ['abc', 2, true],
  ['', 0, false],
  ['ä', 1, true],
  ['ä', 2, false],
  ['€', 2, true],
  ['€', 3, false],
  ['💬', 3, true],
  ['💬', 4, false],
  ['abc', Number.POSITIVE_INFINITY, false],
])('%p has more than %p bytes: %p', (text, max, exceeds) => expect(exceedsBytes(text, max)).toBe(exceeds))

test.each<[string, number]>([
  ['', 0],
  ['abc', 3],
  ['äbc', 6],
  ['€', 2],
  ['💬', 4],
])('%p takes %p bytes of memory', (text, bytes) => expect(bytesInMemory(text)).toBe(bytes))
