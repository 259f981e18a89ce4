import { describe, expect, test } from 'bun:test'
import { nestsDeeper, rawElements, rawMembers } from '../../src/protocol/raw-json.ts'

describe('the members of an object are found as they were written:', () => {
  test.each<[string, [string, string][]]>([
    ['{}', []],
    [' { } ', []],
    ['{"a":1}', [['a', '1']]],
    [
      '{"a":1.0,"b":-2e+3,"c":true,"d":false,"e":null}',
      [
        ['a', '1.0'],
        ['b', '-2e+3'],
        ['c', 'true'],
        ['d', 'false'],
        ['e', 'null'],
      ],
    ],
    [
      '\t{\r\n"a"\t:\n1 , "b" : "x" }\n',
      [
        ['a', '1'],
        ['b', '"x"'],
      ],
    ],
    ['{"a":""}', [['a', '""']]],
    ['{"a":"}\\",{"}', [['a', '"}\\",{"']]],
    [
      '{"a":"\\\\","b":2}',
      [
        ['a', '"\\\\"'],
        ['b', '2'],
      ],
    ],
    [
      '{"a":"\\\\\\"","b":2}',
      [
        ['a', '"\\\\\\""'],
        ['b', '2'],
      ],
    ],
    [
      '{"a":{"b":[1,{"c":"]}"}]},"d":[]}',
      [
        ['a', '{"b":[1,{"c":"]}"}]}'],
        ['d', '[]'],
      ],
    ],
    [
      '{"a":[ ],"b":{ }}',
      [
        ['a', '[ ]'],
        ['b', '{ }'],
      ],
    ],
    ['{"a":[[[[]]]]}', [['a', '[[[[]]]]']]],
    ['{"":0}', [['', '0']]],
    [
      '{"\\u0061":1,"\\"":2,"\\\\":3}',
      [
        ['a', '1'],
        ['"', '2'],
        ['\\', '3'],
      ],
    ],
    ['{"a":1,"a":2}', [['a', '2']]],
    ['{"__proto__":1}', [['__proto__', '1']]],
    ['{"ü💬":"ü💬"}', [['ü💬', '"ü💬"']]],
    ['{"big":123456789012345678901234567890}', [['big', '123456789012345678901234567890']]],
  ])('%s', (text, members) => {
    expect([...rawMembers(text)]).toEqual(members)
  })
})

test.each<[string, string[]]>([
  ['[]', []],
  [' [ ] ', []],
  ['[1]', ['1']],
  ['[ 1.0 ,"]", [2,[3]],{"a":"]"} , null ]', ['1.0', '"]"', '[2,[3]]', '{"a":"]"}', 'null']],
  ['[9007199254740993]', ['9007199254740993']],
])('the elements of %s, as they were written', (text, elements) => expect(rawElements(text)).toEqual(elements))

test('every value, parsed, is the value that JSON.parse finds', () => {
  const leaves = [
    '1',
    '-0.5e3',
    '"a\\"}"',
    '"\\\\"',
    'null',
    'true',
    '[]',
    '{}',
    '[1,"]",{"x":"{"}]',
    '{"y":[{"z":"\\\\\\""}]}',
    '""',
  ]
  const spaces = ['', ' ', '\n\t']
  for (const a of leaves) {
    for (const b of leaves) {
      for (const space of spaces) {
        const text = `{${space}"a"${space}:${space}${a}${space},${space}"b\\n"${space}:${space}${b}${space}}`
        const parsed = [...rawMembers(text)].map(([key, raw]) => [key, JSON.parse(raw) as unknown])
        expect(parsed, text).toEqual(Object.entries(JSON.parse(text) as object))
      }
    }
  }
})

describe('nested deeper than three levels', () => {
  const inside = (text: string) => `[[${text}]]`
  test.each([
    ['[[[[]]]]', true],
    ['{"a":{"b":{"c":{}}}}', true],
    ['{"a":[{"b":[1]}]}', true],
    [inside('[1],[2],[3]'), false],
    [inside('{"a":1},{"b":2}'), false],
    [inside('"[[[[{{{{"'), false],
    [inside('"\\"[[[[",1'), false],
    [inside('"\\\\",[[]]'), true],
    ['["a', false],
    ['[[["abcdefgh', false],
  ])('%s: %p', (text, isDeeper) => expect(nestsDeeper(text, 3)).toBe(isDeeper))

  test('is no text that is shorter than the brackets of the levels', () => {
    expect(nestsDeeper('['.repeat(6), 3)).toBe(false)
    expect(nestsDeeper('['.repeat(7), 3)).toBe(true)
  })
})
