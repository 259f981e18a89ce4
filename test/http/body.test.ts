import { describe, expect, test } from 'bun:test'
import { asBody, isBlank, parseBody, Validator } from '../../src/http/body.ts'

describe('a body', () => {
  test('is a JSON object; a list has no fields', () => {
    expect(parseBody('{"a":1}')).toEqual({ a: 1 })
    expect(parseBody('[1,2]')).toEqual({})
  })

  test.each(['', '{', 'x', '{"a":1}}', "{'a':1}"])('that is %p is not JSON', text => {
    expect(() => parseBody(text)).toThrow(expect.objectContaining({ status: 400, message: 'The body is not JSON.' }))
  })

  test.each(['null', '1', '"text"', 'true'])('that is %s is neither an object nor a list', text => {
    expect(() => parseBody(text)).toThrow(expect.objectContaining({ status: 400, message: 'The body must be a JSON object.' }))
  })

  test.each([[null], [undefined], [1], ['text'], [[1]]])('that is %p has no fields', value => expect(asBody(value)).toEqual({}))
})

describe('a blank value', () => {
  test.each([[undefined], [null], [''], [' \t\n\r\0\v'], [[]], [{}]])('can be %p', value => expect(isBlank(value)).toBe(true))
  test.each([[0], [false], ['0'], ['a'], [' a '], ['\u00a0'], ['\f'], [[null]], [{ a: null }]])('is never %p', value =>
    expect(isBlank(value)).toBe(false),
  )
})

describe('the validator', () => {
  test('reports all faults at once, in the words of Laravel', () => {
    const validator = new Validator()
    validator.required('name')
    validator.required('socket_id')
    validator.required('batch.0.socket_id')
    validator.requiredWithout('channels', 'channel')
    validator.mustBe('data', 'a string')
    validator.mustBe('batch', 'an array')
    validator.add('name', 'Another.')
    expect(() => validator.finish()).toThrow(
      expect.objectContaining({
        name: 'InvalidBody',
        fields: {
          name: ['The name field is required.', 'Another.'],
          socket_id: ['The socket id field is required.'],
          'batch.0.socket_id': ['The batch.0.socket_id field is required.'],
          channels: ['The channels field is required when channel is not present.'],
          data: ['The data field must be a string.'],
          batch: ['The batch field must be an array.'],
        },
      }),
    )
  })

  test('accepts a body without faults', () => {
    const validator = new Validator()
    expect(validator.requiredText('a', 'x')).toBe('x')
    expect(validator.optionalText('b', undefined)).toBeUndefined()
    expect(validator.optionalText('c', '')).toBe('')
    expect(validator.finish()).toBeUndefined()
  })

  test.each<[unknown, string]>([
    [undefined, 'required'],
    [null, 'required'],
    [' ', 'required'],
    [[], 'required'],
    [0, 'a string'],
    [false, 'a string'],
    [{ a: 1 }, 'a string'],
  ])('refuses %p as a required text', (value, kind) => {
    const validator = new Validator()
    validator.requiredText('a', value)
    const message = kind === 'required' ? 'The a field is required.' : 'The a field must be a string.'
    expect(() => validator.finish()).toThrow(expect.objectContaining({ fields: { a: [message] } }))
  })

  test.each([[null], [0], [[]], [{}]])('refuses %p as an optional text', value => {
    const validator = new Validator()
    expect(validator.optionalText('a', value)).toBeUndefined()
    expect(() => validator.finish()).toThrow(expect.objectContaining({ fields: { a: ['The a field must be a string.'] } }))
  })
})
