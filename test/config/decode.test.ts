import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fields, Report } from '../../src/config/decode.ts'

/** Decodes one value at `place.x`, and returns the result with the faults. */
function read<T>(value: unknown, reading: (fields: Fields) => T) {
  const report = new Report()
  const result = reading(Fields.of({ x: value }, 'place', report))
  return { result, faults: report.faults.map(({ path, message }) => `${path} ${message}`) }
}

const good = <T>(result: T) => ({ result, faults: [] as string[] })

describe('an absent or null key has its default', () => {
  test.each([undefined, null])('%p', value => {
    expect(read(value, fields => fields.texts('x', ['d']))).toEqual(good(['d']))
    expect(read(value, fields => fields.integer('x', 7, { min: 1 }))).toEqual(good(7))
    expect(read(value, fields => fields.boolean('x', true))).toEqual(good(true))
    expect(read(value, fields => fields.optionalText('x'))).toEqual(good(undefined))
    expect(read(value, fields => fields.has('x'))).toEqual(good(false))
    expect(read(value, fields => fields.object('x').optionalText('y'))).toEqual(good(undefined))
  })
})

describe('texts', () => {
  test.each([
    ['abc', 'abc'],
    ['', ''],
    [12, '12'],
    [0, '0'],
  ])('%p', (value, result) => {
    expect(read(value, fields => fields.optionalText('x'))).toEqual(good(result))
  })

  test.each([
    [true, 'true'],
    [['a'], 'a list'],
    [{ a: 1 }, 'an array with keys'],
  ])('%p is refused', (value, description) => {
    expect(read(value, fields => fields.optionalText('x'))).toEqual({
      result: undefined,
      faults: [`place.x must be text, is ${description}`],
    })
  })

  test.each([undefined, null, ''])('that are required may not be %p', value => {
    expect(read(value, fields => fields.requiredText('x'))).toEqual({ result: '', faults: ['place.x is missing'] })
  })

  test('that are required are reported once', () => {
    expect(read([], fields => fields.requiredText('x')).faults).toEqual(['place.x must be text, is a list'])
    expect(read(5, fields => fields.requiredText('x'))).toEqual(good('5'))
  })

  test('that are required must have their right names', () => {
    const report = new Report()
    Fields.of({ id: 5 }, 'place', report).requiredText('x', ['id', 'name'])
    Fields.of({ id: 5, x: 'x' }, 'place', report).requiredText('x', ['id'])
    Fields.of({ id: null }, 'place', report).requiredText('x', ['id'])
    expect(report.faults).toEqual([
      { path: 'place.id', message: 'must be called x' },
      { path: 'place.x', message: 'is missing' },
    ])
  })

  test('can be a list', () => {
    expect(read([], fields => fields.texts('x', ['d']))).toEqual(good([]))
    expect(read([' a', '', ' ', null, false, 'b '], fields => fields.texts('x', ['d']))).toEqual(good(['a', 'b']))
    for (const [value, description] of [
      [['a', 1], 'a list'],
      ['a', 'a text of 1 character'],
      [{}, 'an array with keys'],
      ['', 'empty'],
      [' ', 'blank'],
    ] as const) {
      expect(read(value, fields => fields.texts('x', ['d']))).toEqual({
        result: ['d'],
        faults: [`place.x must be a list of texts, is ${description}`],
      })
    }
  })
})

describe('whole numbers', () => {
  test.each([
    [1, 1],
    [10, 10],
    ['1', 1],
    [' 010 ', 10],
    ['', 7],
  ])('%p', (value, result) => {
    expect(read(value, fields => fields.integer('x', 7, { min: 1, max: 10 }))).toEqual(good(result))
  })

  test('take false for 0, as PHP does', () => {
    expect(read(false, fields => fields.integer('x', 7, { min: 0 }))).toEqual(good(0))
    expect(read(false, fields => fields.integer('x', 7, { min: 0 }))).toEqual(good(0))
  })

  test('may be negative where the range allows it', () => {
    expect(read('-3', fields => fields.integer('x', 7, { min: -5 }))).toEqual(good(-3))
  })

  test.each([
    [0, '0'],
    [11, '11'],
    [1.5, '1.5'],
    ['0', '"0"'],
    ['11', '"11"'],
    ['1.0', '"1.0"'],
    ['1e1', '"1e1"'],
    ['0x1', '"0x1"'],
    ['80a', '"80a"'],
    ['10k', '"10k"'],
    ['ten', '"ten"'],
    [' ', 'blank'],
    ['1234567890abcd', 'a text of 14 characters'],
    ['s3cr3t', 'a text of 6 characters'],
    [false, 'false'],
    [true, 'true'],
    [[1], 'a list'],
    [{}, 'an array with keys'],
  ])('%p is refused where 1 to 10 are allowed', (value, description) => {
    expect(read(value, fields => fields.integer('x', 7, { min: 1, max: 10 }))).toEqual({
      result: 7,
      faults: [`place.x must be a whole number from 1 to 10, is ${description}`],
    })
  })

  test('can have no maximum', () => {
    const fault = (description: string) => [`place.x must be a whole number of at least 1, is ${description}`]
    expect(read(9_007_199_254_740_991, fields => fields.integer('x', 7, { min: 1 }))).toEqual(good(9_007_199_254_740_991))
    expect(read(9_007_199_254_740_992, fields => fields.integer('x', 7, { min: 1 })).faults).toEqual(fault('9007199254740992'))
    expect(read('99999999999999999999', fields => fields.integer('x', 7, { min: 1 })).faults).toEqual(
      fault('a text of 20 characters'),
    )
    expect(read('-1', fields => fields.integer('x', 7, { min: 1 })).faults).toEqual(fault('"-1"'))
    expect(read(-1, fields => fields.integer('x', 7, { min: 1 })).faults).toEqual(fault('-1'))
  })
})

/** The PHP side reads them in the same way: `test/php/Bridge/ScalingTest.php`. */
const written: [value: unknown, is: boolean | null][] = JSON.parse(
  readFileSync(join(import.meta.dir, '../fixtures/booleans.json'), 'utf8'),
)

describe('booleans', () => {
  test.each(written.filter(([, is]) => is !== null))('%p', (value, is) => {
    expect(read(value, fields => fields.boolean('x', !is))).toEqual(good(is!))
  })

  test.each(written.filter(([, is]) => is === null))('%p is refused', value => {
    expect(read(value, fields => fields.boolean('x', true)).faults).toHaveLength(1)
  })

  test('have their default for an empty text', () => {
    expect(read('', fields => fields.boolean('x', true))).toEqual(good(true))
    expect(read('', fields => fields.boolean('x', false))).toEqual(good(false))
  })

  test.each([
    ['maybe', '"maybe"'],
    ['enabled', '"enabled"'],
    ['y', '"y"'],
    ['a longer text', 'a text of 13 characters'],
    [' ', 'blank'],
    [2, '2'],
    [[], 'a list'],
    [{}, 'an array with keys'],
  ])('%p is refused', (value, description) => {
    expect(read(value, fields => fields.boolean('x', true))).toEqual({
      result: true,
      faults: [`place.x must be true or false, is ${description}`],
    })
  })
})

describe('objects', () => {
  test('can be an empty list, as PHP writes an empty object', () => {
    expect(read([], fields => fields.object('x').optionalText('y'))).toEqual(good(undefined))
    expect(read([], fields => fields.has('x'))).toEqual(good(false))
    expect(read({}, fields => fields.has('x'))).toEqual(good(true))
  })

  test('can be false, for an empty object', () => {
    expect(read(false, fields => fields.object('x').optionalText('y'))).toEqual(good(undefined))
    expect(read(false, fields => fields.has('x'))).toEqual(good(false))
  })

  test.each([
    ['text', 'a text of 4 characters'],
    [5, '5'],
    [true, 'true'],
    [[1], 'a list'],
  ])('%p is refused', (value, description) => {
    expect(read(value, fields => fields.object('x').path)).toEqual({
      result: 'place.x',
      faults: [`place.x must be an array with keys, is ${description}`],
    })
  })

  test('have paths that begin with the first key', () => {
    const report = new Report()
    const root = Fields.of({ a: { b: { c: true } } }, '', report)
    root.object('a').object('b').optionalText('c')
    root.requiredText('z')
    expect(report.faults).toEqual([
      { path: 'a.b.c', message: 'must be text, is true' },
      { path: 'z', message: 'is missing' },
    ])
  })
})

test('a key that is not decoded is a warning', () => {
  const report = new Report()
  const fields = Fields.of({ a: 1, b: 2, c: 3, d: null, e: {} }, 'place', report)
  fields.integer('a', 0, { min: 0 })
  fields.ignore('b')
  fields.has('e')
  fields.warnOfUnknown()
  expect(report.warnings).toEqual([
    { path: 'place.c', message: 'is not known and was ignored' },
    { path: 'place.d', message: 'is not known and was ignored' },
  ])
  expect(report.faults).toEqual([])
})
