import { describe, expect, test } from 'bun:test'
import { missingLine } from './support/output.ts'

describe('The output that a page shows', () => {
  test.each([
    ['a\nb', 'a\nb\n'],
    ['  INFO  Server … listens', '\n   INFO  Server 1 listens  \n\n'],
    ['a\n…\nd', 'a\nb\nc\nd'],
    ['a\n…', 'a'],
    ['Port ..... ready', 'Port ................ ready'],
    ['(1) [x]', '(1) [x]'],
    ['…b', 'ab'],
  ])('%j is that of a command that printed %j', (shown, printed) => {
    expect(missingLine(shown, printed)).toBeUndefined()
  })

  test.each([
    ['a\nc', 'a\nb', 'c'],
    ['a', 'a\nb', 'the end, and not: b'],
    ['a\n…\nz', 'a\nb', 'z'],
    ['a.b', 'axb', 'a.b'],
  ])('%j is not that of a command that printed %j', (shown, printed, missing) => {
    expect(missingLine(shown, printed)).toBe(missing)
  })

  test('of a command that still runs may be its beginning', () => {
    expect(missingLine('a', 'a\nb', false)).toBeUndefined()
    expect(missingLine('a\nb', 'a', false)).toBe('b')
  })
})
