import { describe, expect, test } from 'bun:test'
import { Fields, Report } from '../../src/config/decode.ts'
import { type ChoiceRow, type IntegerRow, unlimited } from '../../src/config/schema/row.ts'
import { choice, integer, settingOf, settingsOf } from '../../src/config/settings.ts'

/** Decodes one value, and returns the result with the faults. */
function read<T>(value: unknown, reading: (fields: Fields) => T) {
  const report = new Report()
  const result = reading(Fields.of({ x: value }, 'place', report))
  return { result, faults: report.faults.map(({ path, message }) => `${path} ${message}`) }
}

const common = { name: 'x', meaning: '' }
const boolean = { ...common, type: 'boolean', default: true } as const
const number = { ...common, type: 'integer', default: 7 } as const
const text = { ...common, type: 'text', default: 'd' } as const
const texts = { ...common, type: 'texts', default: ['d'] } as const
const letter = { ...common, type: 'choice', values: ['a', 'b', 'c'], default: 'b' } as const

describe('a setting', () => {
  test.each([undefined, null])('that is %p has the default of its row', value => {
    expect(read(value, fields => settingOf(fields, boolean)).result).toBe(true)
    expect(read(value, fields => settingOf(fields, number)).result).toBe(7)
    expect(read(value, fields => settingOf(fields, text)).result).toBe('d')
    expect(read(value, fields => settingOf(fields, { ...text, default: null })).result).toBeNull()
    expect(read(value, fields => settingOf(fields, texts)).result).toEqual(['d'])
    expect(read(value, fields => settingOf(fields, letter)).result).toBe('b')
  })

  test('that is given has its value', () => {
    expect(read('off', fields => settingOf(fields, boolean)).result).toBe(false)
    expect(read('12', fields => settingOf(fields, number)).result).toBe(12)
    expect(read(12, fields => settingOf(fields, text)).result).toBe('12')
    expect(read(['e'], fields => settingOf(fields, texts)).result).toEqual(['e'])
    expect(read('c', fields => settingOf(fields, letter)).result).toBe('c')
  })

  test('that is empty has its default, except a list', () => {
    for (const row of [boolean, number, text, letter]) {
      const { result, faults } = read('', fields => settingOf(fields, row) as unknown)
      expect({ result, faults }).toEqual({ result: row.default, faults: [] })
    }
    expect(read([], fields => settingOf(fields, texts)).result).toEqual([])
  })

  test('that is required may not be absent, nor have another name', () => {
    const row = { ...common, type: 'text', default: null, isRequired: true, misnomers: ['y'] } as const
    expect(read(undefined, fields => settingOf(fields, row))).toEqual({ result: '', faults: ['place.x is missing'] })
    const report = new Report()
    settingOf(Fields.of({ y: 'z' }, '', report), row)
    expect(report.faults).toEqual([{ path: 'y', message: 'must be called x' }])
  })
})

describe('a number', () => {
  const within = (row: Partial<IntegerRow>, value: unknown) => read(value, fields => integer(fields, { ...number, ...row }, 7))

  test('is not negative, unless its row has another bound', () => {
    expect(within({}, 0)).toEqual({ result: 0, faults: [] })
    expect(within({}, -1).faults).toEqual(['place.x must be a whole number of at least 0, is -1'])
    expect(within({ min: 5 }, 4).faults).toEqual(['place.x must be a whole number of at least 5, is 4'])
    expect(within({ min: 5, max: 6 }, 8)).toEqual({ result: 7, faults: ['place.x must be a whole number from 5 to 6, is 8'] })
  })

  test.each([0, '0', false])('of %p is what its row says', zero => {
    expect(within({ zero: unlimited }, zero).result).toBe(unlimited)
    expect(within({ zero: 60 }, zero).result).toBe(60)
    expect(within({}, zero).result).toBe(0)
  })
})

describe('a choice', () => {
  const among = (values: readonly string[], value: unknown) =>
    read(value, fields => choice(fields, { ...letter, values, default: values[0]! } satisfies ChoiceRow, values[0]!))

  test.each([
    ['d', 'is "d"'],
    ['A', 'is "A"'],
    [' a', 'is a text of 2 characters with white space around it'],
    [true, 'is true'],
    [5, 'is "5"'],
  ])('may not be %p', (value, description) => {
    expect(among(['a', 'b', 'c'], value)).toEqual({
      result: 'a',
      faults: [`place.x must be "a", "b" or "c", ${description}`],
    })
  })

  test('is a text', () => {
    expect(among(['a', 'b'], [])).toEqual({ result: 'a', faults: ['place.x must be text, is a list'] })
    expect(among(['a', 'b'], 'c').faults).toEqual(['place.x must be "a" or "b", is "c"'])
  })
})

test('the settings of a group have the names of their rows in the code', () => {
  const rows = { isOn: boolean, size: { ...number, name: 'y' } }
  expect(settingsOf(Fields.of({ x: 0, y: 3 }, '', new Report()), rows)).toEqual({ isOn: false, size: 3 })
})
