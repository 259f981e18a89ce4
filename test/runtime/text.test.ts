import { describe, expect, test } from 'bun:test'
import { clientText, sampleLength, visible } from '../../src/runtime/text.ts'

describe('text of clients in a log', () => {
  test.each([
    ['\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
    ['bell \x07, C1 \x9b31m, DEL \x7f', 'bell \\x07, C1 \\x9b31m, DEL \\x7f'],
    ['one\r\ntwo\tthree', 'one\\r\\ntwo\\tthree'],
    [
      '\u202eevil\u202c \u2066x\u2069 \u200e\u200f\u061c',
      '\\u{202e}evil\\u{202c} \\u{2066}x\\u{2069} \\u{200e}\\u{200f}\\u{061c}',
    ],
    ['line\u2028paragraph\u2029', 'line\\u{2028}paragraph\\u{2029}'],
    ['lone \ud800 surrogate', 'lone \\u{d800} surrogate'],
  ])('%j is escaped', (text, shown) => expect(visible(text)).toBe(shown))

  test.each(['https://münchen.example', '漢字 😀 — “quoted” \\x', ''])('%j is kept unchanged', text =>
    expect(visible(text)).toBe(text),
  )

  test('is cut, with its original length', () => {
    expect(clientText('x'.repeat(sampleLength))).toBe('x'.repeat(sampleLength))
    expect(clientText('x'.repeat(sampleLength + 1))).toBe(`${'x'.repeat(sampleLength)}… (201 characters)`)
    expect(clientText('\n'.repeat(5), 3)).toBe('\\n\\n\\n… (5 characters)')
    expect(clientText('ab😀', 3)).toBe('ab\\u{d83d}… (4 characters)')
  })
})
