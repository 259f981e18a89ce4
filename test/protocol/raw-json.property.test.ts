import { expect, test } from 'bun:test'
import { rawMembers } from '../../src/protocol/raw-json.ts'
import { jsonMembers, objectText, space } from '../support/json-text.ts'
import { fc } from '../support/property.ts'

const written = jsonMembers.chain(members => fc.tuple(fc.constant(members), objectText(members), space, space))

test('every value is the text that was written, of a key that occurs twice the last', () => {
  fc.assert(
    fc.property(written, ([members, text, before, after]) => {
      const expected = new Map(members.map(([key, value]) => [JSON.parse(key) as string, value]))
      expect(rawMembers(before + text + after)).toEqual(expected)
    }),
  )
})

test('what is cut out means what JSON.parse reads', () => {
  fc.assert(
    fc.property(written, ([, text]) => {
      const parsed = JSON.parse(text) as Record<string, unknown>
      const cut = rawMembers(text)
      expect(new Set(cut.keys())).toEqual(new Set(Object.keys(parsed)))
      for (const [key, value] of cut) expect(JSON.parse(value)).toEqual(parsed[key])
    }),
  )
})
