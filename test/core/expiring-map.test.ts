import { describe, expect, test } from 'bun:test'
import { ExpiringMap } from '../../src/core/expiring-map.ts'

const map = (bounds = {}) => new ExpiringMap<string>({ ttlMs: 10, maxEntries: 3, maxBytes: 100, ...bounds })
const held = (of: ExpiringMap<string>, ...keys: string[]) => keys.filter(key => of.get(key, 5) !== undefined)

describe('values', () => {
  test('are found until they expire', () => {
    const values = map()
    values.set('a', '1', 1, 5)
    expect([values.get('a', 5), values.get('a', 14), values.get('a', 15), values.get('b', 5)]).toEqual([
      '1',
      '1',
      undefined,
      undefined,
    ])
  })

  test('are replaced, with a new time to live', () => {
    const values = map()
    values.set('a', '1', 1, 0)
    values.set('a', '2', 1, 5)
    expect(values.get('a', 14)).toBe('2')
    expect(values.size).toBe(1)
  })

  test('are removed once they have expired, and not before', () => {
    const values = map()
    values.set('a', '1', 1, 0)
    values.set('b', '1', 1, 1)
    values.set('c', '1', 1, 2)
    values.set('a', '2', 1, 3)
    values.expire(11)
    expect(values.size).toBe(2)
    expect(held(values, 'a', 'b', 'c')).toEqual(['a', 'c'])
    values.expire(100)
    expect(values.size).toBe(0)
  })
})

describe('the bounds', () => {
  test('of number drop the oldest value; one that was set again is new', () => {
    const values = map()
    for (const key of ['a', 'b', 'c', 'a', 'd']) values.set(key, '1', 1, 0)
    expect(held(values, 'a', 'b', 'c', 'd')).toEqual(['a', 'c', 'd'])
  })

  test('of bytes drop as many values as necessary', () => {
    const values = map()
    values.set('a', '1', 40, 0)
    values.set('b', '1', 40, 0)
    values.set('c', '1', 70, 0)
    expect(held(values, 'a', 'b', 'c')).toEqual(['c'])
    values.set('c', '1', 60, 0)
    values.set('d', '1', 40, 0)
    expect(held(values, 'c', 'd')).toEqual(['c', 'd'])
  })

  test('refuse a value that is too large, which displaces no other and removes the one before it', () => {
    const values = map()
    values.set('a', '1', 1, 0)
    values.set('b', '1', 1, 0)
    values.set('b', '2', 101, 0)
    expect(held(values, 'a', 'b')).toEqual(['a'])
  })

  test('of 0 keep no value', () => {
    const values = map({ maxEntries: 0 })
    values.set('a', '1', 1, 0)
    expect(values.size).toBe(0)
  })

  test('return how many values were dropped before they expired, with the new one', () => {
    const values = map()
    const set = (key: string, bytes: number, nowMs = 0) => values.set(key, '1', bytes, nowMs)
    expect([set('a', 40), set('b', 40), set('b', 50), set('c', 90), set('d', 101)]).toEqual([0, 0, 0, 2, 1])
    expect(values.bytes).toBe(90)
    expect(set('e', 90, 10)).toBe(0)
    expect(map({ maxEntries: 0 }).set('a', '1', 1, 0)).toBe(0)
    expect(map({ maxBytes: 0 }).set('a', '1', 1, 0)).toBe(0)
  })

  test('can change: values beyond them are dropped at once, and others keep their time', () => {
    const values = map()
    for (const key of ['a', 'b', 'c']) values.set(key, '1', 1, 0)
    values.resize({ ttlMs: 100, maxEntries: 2, maxBytes: 100 }, 0)
    expect(held(values, 'a', 'b', 'c')).toEqual(['b', 'c'])
    expect(values.get('c', 10)).toBeUndefined()
    values.set('d', '1', 1, 0)
    expect(values.get('d', 99)).toBe('1')
  })
})

test('values are listed with the time that each has left', () => {
  const values = map()
  values.set('a', '1', 1, 0)
  values.set('b', '2', 1, 5, 3)
  expect([...values.list(6)]).toEqual([
    ['a', '1', 4],
    ['b', '2', 2],
  ])
  expect([...values.list(9)]).toEqual([['a', '1', 1]])
})
