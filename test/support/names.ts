/** Names of channels that no application is kept from using: whatever is a text. */
import { anyText, fc } from './property.ts'

/** Each of these was, or could be, mistaken for something else on its way. */
export const awkwardNames = [
  '',
  '0',
  ' ',
  'a b',
  'a/b',
  '/',
  '//',
  'a%2Fb',
  '%',
  '%zz',
  'a+b',
  'a?b=c&d',
  'a#b',
  '#x',
  'a:b',
  'a"b\\c',
  'a\nb',
  'a\r\nb',
  'a\0b',
  '\u2028',
  'zürich-東京-🚀',
  '__proto__',
  'users',
  'n'.repeat(5000),
  '\ud800',
  '\udfff',
  '\ufffd',
]

/** Any name behind one of the prefixes; half surrogates are left out where a signature is needed, as none can cover them. */
export function namesOf(...prefixes: readonly string[]): fc.Arbitrary<string> {
  const rest = fc.oneof(fc.constantFrom(...awkwardNames), anyText, fc.string({ unit: fc.constantFrom(...'/%?#+ .\\"\0\n10a') }))
  return fc
    .tuple(fc.constantFrom(...prefixes), rest)
    .map(([prefix, name]) => prefix + name)
    .filter(name => !name.startsWith('#server-to-user-') && (prefixes.includes('') || name.isWellFormed()))
}
