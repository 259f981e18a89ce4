import { expect, test } from 'bun:test'
import { HttpError, InvalidBody } from '../../src/http/http-error.ts'

test('an HttpError is its status, its text and its headers', () => {
  expect(new HttpError(405, 'request-method', 'No.', { Allow: 'GET' })).toMatchObject({
    status: 405,
    refusal: 'request-method',
    message: 'No.',
    headers: { Allow: 'GET' },
  })
  expect(new HttpError(404, 'request-path', 'No.').headers).toEqual({})
})

test('an InvalidBody has the faults of every field', () => {
  expect(new InvalidBody({ a: ['x'] })).toMatchObject({ name: 'InvalidBody', fields: { a: ['x'] } })
})
