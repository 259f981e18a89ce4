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

test('answers whose time is over are let go of, also those of apps that publish no more', () => {
  const idempotency = new Idempotency(10)
  for (let i = 0; i < 5; i++) idempotency.remember('1', `k${i}`, 'f', 'answer', 0)
  idempotency.remember('2', 'k', 'f', 'answer', 10_000)
  expect(idempotency.size).toBe(1)
  expect(idempotency.find('2', 'k', 'f', 10_001)).toBe('answer')
})
