import { describe, expect, test } from 'bun:test'
import { canonicalQuery, decodeComponent, parseQuery } from '../../src/http/query-string.ts'
import { anyText, fc, text } from '../support/property.ts'

/** Percent signs decoded byte by byte; the text as it is when they decode to nothing. */
function slowDecode(encoded: string): string {
  const spaced = encoded.replaceAll('+', ' ')
  const bytes: number[] = []
  for (let rest = spaced; rest !== ''; ) {
    const code = /^%([0-9a-f]{2})/i.exec(rest)?.[1]
    if (code === undefined && rest.startsWith('%')) return spaced
    const character = code === undefined ? String.fromCodePoint(rest.codePointAt(0)!) : `%${code}`
    bytes.push(...(code === undefined ? Buffer.from(character) : [Number.parseInt(code, 16)]))
    rest = rest.slice(character.length)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes))
  } catch {
    return spaced
  }
}

/** Every name with the values that count: from the last one that was no item of a list. */
function slowParse(query: string): Map<string, string> {
  const pairs = query
    .split('&')
    .filter(pair => pair !== '')
    .map(pair => {
      const [name = '', ...value] = pair.split('=')
      const decoded = slowDecode(name)
      const list = decoded.startsWith('auth_') ? null : /^(.+)\[[0-9]*\]$/s.exec(decoded)
      return { name: list?.[1] ?? decoded, value: slowDecode(value.join('=')), isItem: list !== null }
    })
  return new Map(
    pairs.map(({ name }) => {
      const same = pairs.filter(pair => pair.name === name)
      const from = Math.max(
        0,
        same.findLastIndex(pair => !pair.isItem),
      )
      return [
        name,
        same
          .slice(from)
          .map(pair => pair.value)
          .join(','),
      ]
    }),
  )
}

const pieces = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('a', 'info', 'auth_key', 'auth_signature', 'b', '%20', '+', '%C3%BC', '%F0%9F%92%AC', '1'),
  },
  fc.constantFrom(
    '%',
    '%F',
    '%FF',
    '%zz',
    '%C3',
    '%00',
    '%EF%BB%BF',
    '%ED%A0%80',
    '[]',
    '[0]',
    '[12]',
    '[x]',
    '%5B%5D',
    ']',
    '[',
    '&',
    '=',
  ),
  fc.string({ unit: 'grapheme', maxLength: 2 }),
)
const word = fc.array(pieces, { maxLength: 4 }).map(list => list.join(''))
const queries = fc
  .array(fc.tuple(word, fc.constantFrom('=', '=', '=', '', '=='), word), { maxLength: 6 })
  .map(pairs => pairs.map(pair => pair.join('')).join('&'))

describe('a query', () => {
  test('is parsed as by a slow parser', () => {
    fc.assert(
      fc.property(queries, query => expect(parseQuery(query)).toEqual(slowParse(query))),
      { numRuns: 2000 },
    )
  })

  test('that URLSearchParams made is parsed to the same pairs', () => {
    const plain = text.filter(name => !name.endsWith(']'))
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, text)), pairs => {
        expect(parseQuery(new URLSearchParams(pairs).toString())).toEqual(new Map(pairs))
      }),
    )
  })

  test('may have lists as PHP writes them, with and without numbers', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter(name => !name.startsWith('auth_'))
    const list = fc.array(fc.tuple(text, fc.boolean()), { minLength: 1 })
    fc.assert(
      fc.property(name, list, (name, values) => {
        const written = values.map(([value, numbered], i): [string, string] => [`${name}[${numbered ? i : ''}]`, value])
        expect(parseQuery(new URLSearchParams(written).toString())).toEqual(
          new Map([[name, values.map(([value]) => value).join(',')]]),
        )
      }),
    )
  })

  test('may be any text', () => {
    fc.assert(
      fc.property(anyText, query => {
        canonicalQuery(parseQuery(query))
        decodeComponent(query)
      }),
    )
  })
})

describe('the signed form of a query', () => {
  test('contains everything but the signature, sorted by name', () => {
    fc.assert(
      fc.property(queries, query => {
        const { auth_signature: _, ...others } = Object.fromEntries(slowParse(query))
        const sorted = Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1))
        expect(canonicalQuery(parseQuery(query))).toBe(sorted.map(pair => pair.join('=')).join('&'))
      }),
      { numRuns: 1000 },
    )
  })

  test('is sorted as by URLSearchParams', () => {
    const plain = text.filter(name => !name.endsWith(']') && name !== 'auth_signature')
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(plain, text), { selector: ([name]) => name }), pairs => {
        const parameters = new URLSearchParams(pairs)
        parameters.sort()
        const canonical = [...parameters].map(([name, value]) => `${name}=${value}`).join('&')
        expect(canonicalQuery(parseQuery(new URLSearchParams(pairs).toString()))).toBe(canonical)
      }),
    )
  })
})
