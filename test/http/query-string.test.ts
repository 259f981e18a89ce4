import { describe, expect, test } from 'bun:test'
import { canonicalQuery, decodeComponent, parseQuery } from '../../src/http/query-string.ts'

describe('a query', () => {
  test.each<[string, [string, string][]]>([
    ['', []],
    ['&&', []],
    ['a=1', [['a', '1']]],
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=1', [['', '1']]],
    ['a=b=c', [['a', 'b=c']]],
    ['a=1&a=2', [['a', '2']]],
    ['a=x+y', [['a', 'x y']]],
    ['a=%2B%26%3D%20%C3%BC', [['a', '+&= ü']]],
    ['%61=1', [['a', '1']]],
    ['a=100%', [['a', '100%']]],
    ['a=%FF', [['a', '%FF']]],
    ['a=%zz+b', [['a', '%zz b']]],
    ['filter_by_prefix=presence-', [['filter_by_prefix', 'presence-']]],
    [
      'a.b=1&c%20d=2',
      [
        ['a.b', '1'],
        ['c d', '2'],
      ],
    ],
    ['info[]=a&info[]=b', [['info', 'a,b']]],
    [
      'info%5B%5D=a&x=1&info%5B%5D=b',
      [
        ['info', 'a,b'],
        ['x', '1'],
      ],
    ],
    ['info[0]=a&info[1]=b&info[12]=c', [['info', 'a,b,c']]],
    ['info[a]=1', [['info[a]', '1']]],
    ['[]=1', [['[]', '1']]],
    ['a]=1', [['a]', '1']]],
    ['__proto__=1', [['__proto__', '1']]],
    ['auth_signature[]=x', [['auth_signature[]', 'x']]],
    [
      'auth_key=a&auth_key[]=b',
      [
        ['auth_key', 'a'],
        ['auth_key[]', 'b'],
      ],
    ],
  ])('%s is parsed', (text, pairs) => expect([...parseQuery(text)]).toEqual(pairs))

  test('that is well-formed is parsed as by URLSearchParams', () => {
    const alphabet = [
      'a',
      'Z',
      '0',
      '-',
      '_',
      '.',
      '~',
      '*',
      '+',
      '%20',
      '%26',
      '%3D',
      '%25',
      '%C3%BC',
      '%F0%9F%92%AC',
      ',',
      '/',
      ':',
      '',
    ]
    let seed = 1
    const pick = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return alphabet[seed % alphabet.length]!
    }
    for (let round = 0; round < 500; round++) {
      const word = () => Array.from({ length: 1 + (round % 5) }, pick).join('')
      const text = Array.from({ length: round % 7 }, () => `${word()}=${word()}`).join('&')
      const reference = new Map(new URLSearchParams(text))
      expect(Object.fromEntries(parseQuery(text)), text).toEqual(Object.fromEntries(reference))
    }
  })
})

describe('the signed form', () => {
  test.each([
    ['', ''],
    ['b=2&a=1&auth_signature=x&B=3', 'B=3&a=1&b=2'],
    ['a=%20%26&auth_key=k', 'a= &&auth_key=k'],
    ['info[]=b&info[]=a', 'info=b,a'],
    ['a', 'a='],
    ['auth_signature[]=x', 'auth_signature[]=x'],
  ])('of %s is sorted and not encoded', (text, canonical) => expect(canonicalQuery(parseQuery(text))).toBe(canonical))
})

test('percent signs that are no valid encoding stay', () => {
  expect(decodeComponent('a+b')).toBe('a+b')
  expect(decodeComponent('a%2Fb')).toBe('a/b')
  expect(decodeComponent('%')).toBe('%')
  expect(decodeComponent('%E4')).toBe('%E4')
})
