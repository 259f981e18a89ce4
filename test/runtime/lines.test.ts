import { describe, expect, test } from 'bun:test'
import { lines } from '../../src/runtime/lines.ts'

describe('lines of an input', () => {
  test('are yielded in order, the last one also without a line feed', async () => {
    async function* input() {
      yield 'a\nb'
      yield new Uint8Array([0x63, 0x0a])
      yield 'd'
    }
    expect(await Array.fromAsync(lines(input()))).toEqual(['a', 'bc', 'd'])
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
