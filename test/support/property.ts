/** fast-check as the property tests use it: always the same cases, unless `FC_SEED` is set. */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_260_131), numRuns: 300, includeErrorInReport: true })

/** Any text that can be sent as UTF-8, of every plane of Unicode. */
export const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))

/** Any text that JavaScript can hold, halves of surrogate pairs too. */
export const anyText = fc.oneof(
  text,
  fc.string({ unit: fc.integer({ min: 0, max: 0xff_ff }).map(code => String.fromCharCode(code)) }),
)

/** The text with one character put in, taken out or exchanged. */
export function changed(original: string): fc.Arbitrary<string> {
  const characters = [...original]
  const put = (at: number, remove: number, character: string) => characters.toSpliced(at, remove, character).join('')
  return fc
    .tuple(fc.nat(characters.length), fc.constantFrom(0, 1), fc.string({ unit: 'grapheme', maxLength: 1 }))
    .map(([at, remove, character]) => put(at, remove, character))
    .filter(result => result !== original)
}

export { fc }
