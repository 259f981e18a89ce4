import { describe, expect, test } from 'bun:test'
import { ExpiringMaps } from '../../src/core/expiring-maps.ts'

const bounds = { ttlMs: 10, maxEntries: 100, maxBytes: 1000 }
const maps = (maxBytes: number) => new ExpiringMaps<string>(maxBytes, 5)
const held = (of: ExpiringMaps<string>, nowMs = 0) => Array.from(of.list(nowMs), ([appId, key]) => `${appId}/${key}`).sort()

test('values are found in their own app, until they expire', () => {
  const values = maps(1000)
  values.set('1', bounds, 'a', 'of one', 10, 0)
  values.set('2', bounds, 'a', 'of two', 10, 0)
  values.set('2', bounds, 'b', 'briefer', 10, 0, 4)
  expect([values.get('1', 'a', 9), values.get('2', 'a', 9), values.get('3', 'a', 9)]).toEqual(['of one', 'of two', undefined])
  expect([...values.list(3)].map(([appId, key, , leftMs]) => [appId, key, leftMs])).toEqual([
    ['1', 'a', 7],
    ['2', 'a', 7],
    ['2', 'b', 1],
  ])
  expect([values.size, values.bytes]).toEqual([3, 45])
  values.expire(10)
  expect([values.size, values.bytes]).toEqual([0, 0])
})

describe('beyond the bound of all apps', () => {
  test('the oldest values of the app that takes most are dropped, whichever app sets one', () => {
    const values = maps(100)
    for (const key of ['a', 'b', 'c', 'd']) values.set('1', bounds, key, '', 15, 0)
    values.set('2', bounds, 'a', '', 15, 0)
    expect([values.bytes, values.takeDropped().size]).toEqual([100, 0])
    values.set('2', bounds, 'b', '', 15, 0)
    expect(held(values)).toEqual(['1/b', '1/c', '1/d', '2/a', '2/b'])
    expect([...values.takeDropped()]).toEqual([['1', 1]])
  })

  test('many small values count with the memory of each beside its bytes', () => {
    const values = maps(100)
    for (let i = 0; i < 1000; i++) values.set('1', { ...bounds, maxEntries: 10_000 }, `${i}`, '', 0, 0)
    expect([values.size, values.bytes]).toEqual([20, 100])
    expect([...values.takeDropped()]).toEqual([['1', 980]])
    expect([...values.takeDropped()]).toEqual([])
  })

  test('expired values are removed first, and do not count as dropped', () => {
    const values = maps(100)
    values.set('1', bounds, 'a', '', 90, 0)
    values.set('2', bounds, 'a', '', 20, 10)
    expect([held(values, 10), values.takeDropped().size]).toEqual([['2/a'], 0])
  })
})

test('values that the bounds of an app drop are counted, too', () => {
  const values = maps(1000)
  const few = { ...bounds, maxEntries: 2 }
  for (const key of ['a', 'b', 'c', 'd']) values.set('1', few, key, '', 15, 0)
  expect([values.bytes, [...values.takeDropped()]]).toEqual([40, [['1', 2]]])
})

test('new bounds apply at once, and the values of an app without bounds are removed', () => {
  const values = maps(1000)
  for (const appId of ['1', '2']) for (const key of ['a', 'b', 'c']) values.set(appId, bounds, key, '', 15, 0)
  values.resize(1000, appId => (appId === '1' ? { ...bounds, maxEntries: 2 } : undefined), 0)
  expect([held(values), values.bytes]).toEqual([['1/b', '1/c'], 40])
  values.resize(20, () => bounds, 0)
  expect([held(values), values.bytes]).toEqual([['1/c'], 20])
})
