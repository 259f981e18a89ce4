import { expect, test } from 'bun:test'
import { Idempotency } from '../../src/http/idempotency.ts'

test('answers are those of the app', () => {
  const idempotency = new Idempotency(10)
  idempotency.remember('1', 'k', 'f', 'answer', 0)
  expect(idempotency.find('1', 'k', 'f', 9_999)).toBe('answer')
  expect(idempotency.find('2', 'k', 'f', 0)).toBeUndefined()
  expect(idempotency.find('2', 'k', 'other', 0)).toBeUndefined()
  expect(idempotency.find('1', 'k', 'other', 10_000)).toBeUndefined()
})
