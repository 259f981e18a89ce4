import { expect, test } from 'bun:test'
import { parseJson } from '../../src/protocol/json.ts'

test.each<[string, unknown]>([
  ['{"a":[1]}', { a: [1] }],
  [' "a" ', 'a'],
  ['null', null],
])('%s is JSON', (text, value) => expect(parseJson(text)).toEqual(value))

test.each(['', '{', '{"a":1}}', "'a'", 'undefined', 'NaN'])('%j is no JSON', text => expect(parseJson(text)).toBeUndefined())
