import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { cacheLastEvent, lastEvent, totalBytes } from '../../src/core/last-events.ts'
import { newState } from '../../src/core/state.ts'
import { testApp } from '../support/apps.ts'

const one = testApp({ id: '1', key: 'a' })

describe('the last events of cache channels', () => {
  test('are cached for each app and channel, for the ttl of the app', () => {
    const state = newState(appsOf([one, testApp({ id: '2', key: 'b' })]))
    cacheLastEvent(state, one, 'cache-x', 'first', 0)
    cacheLastEvent(state, one, 'cache-x', 'second', 0)
    cacheLastEvent(state, one, 'cache-y', 'third', 0)
    expect(lastEvent(state, '1', 'cache-x', 1_799_999)).toBe('second')
    expect(lastEvent(state, '1', 'cache-x', 1_800_000)).toBeUndefined()
    expect(lastEvent(state, '1', 'cache-y', 0)).toBe('third')
    expect(lastEvent(state, '2', 'cache-x', 0)).toBeUndefined()
  })

  test('are bounded in number, and in bytes of memory with the names of their channels', () => {
    const few = testApp({ id: '1', cache: { ttlSeconds: 9, maxChannels: 2, maxBytes: 11 } })
    const state = newState(appsOf([few]))
    const kept = () => ['a', 'b', 'c'].filter(name => lastEvent(state, '1', name, 0) !== undefined)
    for (const name of ['a', 'b', 'c']) cacheLastEvent(state, few, name, 'x', 0)
    expect(kept()).toEqual(['b', 'c'])
    cacheLastEvent(state, few, 'a', 'ääää', 0)
    expect(kept()).toEqual(['a', 'c'])
    cacheLastEvent(state, few, 'a', 'äääää', 0)
    expect(kept()).toEqual(['a'])
  })

  test('take 128 MiB at most for all apps together, however many apps there are', () => {
    const apps = Array.from({ length: 12 }, (_, i) => testApp({ id: `${i}`, key: `k${i}` }))
    const state = newState(appsOf(apps))
    const event = 'x'.repeat(1024 * 1024)
    for (const app of apps) for (let i = 0; i < 15; i++) cacheLastEvent(state, app, `${i}`, event, 0)
    expect(state.lastEvents.bytes).toBeLessThanOrEqual(totalBytes)
    expect(state.lastEvents.size).toBe(127)
    // Each app has as much as the others, and so has lost as much.
    for (const app of apps) expect(lastEvent(state, app.id, '14', 0)).toBe(event)
    expect([...state.lastEvents.takeDropped().values()].reduce((sum, count) => sum + count)).toBe(12 * 15 - 127)
  })

  test('of an app with a raised bound can use all of it', () => {
    const large = testApp({ id: '1', cache: { ttlSeconds: 9, maxChannels: 1000, maxBytes: 200 * 1024 * 1024 } })
    const state = newState(appsOf([large]))
    const event = 'x'.repeat(1024 * 1024)
    for (let i = 0; i < 199; i++) cacheLastEvent(state, large, `${i}`, event, 0)
    expect(state.lastEvents.size).toBe(199)
  })
})
