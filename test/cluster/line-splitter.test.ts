import { expect, test } from 'bun:test'
import { LineSplitter } from '../../src/cluster/line-splitter.ts'

test.each<[(string | Uint8Array)[], string[]]>([
  [[], []],
  [[''], []],
  [['a\nb\n'], ['a', 'b']],
  [['a\nb'], ['a', 'b']],
  [
    ['a', 'b\nc', '\n', '\n'],
    ['ab', 'c', ''],
  ],
  [['\n'], ['']],
  [['a\u2028b\u2029c\r\n'], ['a\u2028b\u2029c\r']],
  [[new Uint8Array([0x61, 0xc3]), new Uint8Array([0xbc, 0x0a])], ['aü']],
])('the pieces %j are split at line feeds only', (pieces, expected) => {
  const splitter = new LineSplitter()
  expect([...pieces.flatMap(piece => splitter.add(piece)), ...splitter.end()]).toEqual(expected)
})

test('a line is returned with the piece that completes it', () => {
  const splitter = new LineSplitter()
  expect([splitter.add('first\nsec'), splitter.add('ond\n'), splitter.end()]).toEqual([['first'], ['second'], []])
})
