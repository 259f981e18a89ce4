import { expect, test } from 'bun:test'
import { Idempotency } from '../../src/http/idempotency.ts'

test('answers are those of the app', () => {
  const idempotency = new Idempotency(10, () => {})
  idempotency.remember('1', 'k', 'f', 'answer', 0)
  expect(idempotency.find('1', 'k', 'f', 9_999)).toBe('answer')
  expect(idempotency.find('2', 'k', 'f', 0)).toBeUndefined()
  expect(idempotency.find('2', 'k', 'other', 0)).toBeUndefined()
  expect(idempotency.find('1', 'k', 'other', 10_000)).toBeUndefined()
})

test('answers whose time is over are let go of, also those of apps that publish no more', () => {
  const idempotency = new Idempotency(10, () => {})
  for (let i = 0; i < 5; i++) idempotency.remember('1', `k${i}`, 'f', 'answer', 0)
  idempotency.remember('2', 'k', 'f', 'answer', 10_000)
  expect(idempotency.size).toBe(1)
  expect(idempotency.find('2', 'k', 'f', 10_001)).toBe('answer')
})

test('keys of all apps take so many bytes together: the oldest go of the app that has most, and are counted', () => {
  const dropped = new Map<string, number>()
  const count = (appId: string, times: number) => dropped.set(appId, (dropped.get(appId) ?? 0) + times)
  const idempotency = new Idempotency(10, count, 100_000)
  for (let i = 0; i < 10; i++) idempotency.remember('quiet', `k${i}`, 'f', '{}', 0)
  for (let i = 0; i < 1000; i++) idempotency.remember('busy', `k${i}`, 'f', '{}', 0)
  // Each takes about 400 bytes, of which the key and the answer are six.
  expect(idempotency.size).toBeWithin(230, 250)
  expect([...dropped]).toEqual([['busy', 1010 - idempotency.size]])
  expect(idempotency.find('quiet', 'k0', 'f', 0)).toBe('{}')
  expect(idempotency.find('busy', 'k0', 'f', 0)).toBeUndefined()
  expect(idempotency.find('busy', 'k999', 'f', 0)).toBe('{}')
})
