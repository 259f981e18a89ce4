/** Valid but unusual JSON: odd white space, every escape, duplicate keys, numbers beyond the range of a double. */
import { fc } from './property.ts'

export const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 })

const hex = (code: number) => code.toString(16).padStart(4, '0')

const character = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }).map(one => JSON.stringify(one).slice(1, -1)),
  fc.constantFrom('\\"', '\\\\', '\\/', '\\b', '\\n', '{', '}', '[', ']', ',', ':', ' '),
  fc.nat(0xff_ff).map(code => `\\u${hex(code)}`),
  fc.nat(0xff_ff).map(code => `\\u${hex(code).toUpperCase()}`),
)

/** A JSON string, with its quotes. */
const jsonString = fc.array(character, { maxLength: 8 }).map(characters => `"${characters.join('')}"`)

const jsonNumber = fc.oneof(
  fc.constantFrom('0', '-0', '1.0', '1e5', '-1E+400', '0.1e-7', '9007199254740993', '123456789012345678901234567890', '1.50'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => JSON.stringify(number)),
)

const keys = fc.oneof(jsonString, fc.constantFrom('"a"', '"\\u0061"', '"1"', '"__proto__"', '""', '"data"', '"d\\u0061ta"'))

/** Any JSON text without white space around it. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; list: string; object: string }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    jsonString,
    jsonNumber,
    fc.constantFrom('true', 'false', 'null'),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(spaced(tie('value')), { maxLength: 4 }).map(values => (values.length === 0 ? '[]' : `[${values.join(',')}]`)),
  object: fc.array(member(tie('value')), { maxLength: 4 }).chain(objectText),
})).value

/** Key and value as they are written. */
export type Written = readonly [key: string, value: string]

function member(value: fc.Arbitrary<string>): fc.Arbitrary<Written> {
  return fc.tuple(keys, value)
}

/** Members of an object; the same key may occur twice, also in different spellings. */
export const jsonMembers = fc.array(member(jsonText), { maxLength: 5 })

/** An object of these members, with white space wherever there may be some. */
export function objectText(members: readonly Written[]): fc.Arbitrary<string> {
  return fc
    .tuple(space, fc.array(space, { minLength: members.length * 4, maxLength: members.length * 4 }))
    .map(([first, spaces]) => {
      const written = members.map(([key, value], i) => {
        const [a, b, c, d] = spaces.slice(i * 4)
        return `${a}${key}${b}:${c}${value}${d}`
      })
      return written.length === 0 ? `{${first}}` : `{${written.join(',')}}`
    })
}

function spaced(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(space, value, space).map(parts => parts.join(''))
}
