import { describe, expect, test } from 'bun:test'
import { lines } from '../../src/server/lines.ts'

async function* chunks(...list: (string | Uint8Array)[]) {
  yield* list
}

describe('lines of an input', () => {
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
  ])('are split at line feeds only: %j', async (given, expected) => {
    const found: string[] = []
    for await (const line of lines(chunks(...given))) found.push(line)
    expect(found).toEqual(expected)
  })

  test('are yielded as soon as they are complete', async () => {
    const arrived = Promise.withResolvers<string>()
    async function* input() {
      yield 'first\nsec'
      yield await arrived.promise
    }
    const found = lines(input())
    expect((await found.next()).value).toBe('first')
    arrived.resolve('ond\n')
    expect((await found.next()).value).toBe('second')
    expect((await found.next()).done).toBe(true)
  })
})
