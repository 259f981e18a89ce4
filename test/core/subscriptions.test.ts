import { describe, expect, test } from 'bun:test'
import { newChannel } from '../../src/core/channel.ts'
import { Subscriptions } from '../../src/core/subscriptions.ts'

/** Fewer than are looked for one by one, as many, one more, and many. */
const counts = [0, 1, 7, 8, 9, 100]

const channels = (count: number) => Array.from({ length: count }, (_, i) => newChannel('1001', `c${i}`))

function onAll(list: readonly ReturnType<typeof newChannel>[]): Subscriptions {
  const subscriptions = new Subscriptions()
  for (const channel of list) subscriptions.add(channel)
  return subscriptions
}

describe.each(counts)('a socket with %d channels', count => {
  const list = channels(count)

  test('finds each by its name, and no other', () => {
    const subscriptions = onAll(list)
    expect(subscriptions.size).toBe(count)
    for (const channel of list) {
      expect(subscriptions.get(channel.name)).toBe(channel)
      expect(subscriptions.has(channel.name)).toBe(true)
    }
    expect(subscriptions.get('other')).toBeUndefined()
    expect(subscriptions.has('other')).toBe(false)
  })

  test('lists them in the order of subscribing; one that is added again keeps its place', () => {
    const subscriptions = onAll([...list, ...list])
    expect([...subscriptions.values()]).toEqual(list)
  })

  test('loses one at a time', () => {
    const subscriptions = onAll(list)
    for (let i = 0; i < count; i++) {
      subscriptions.delete(`c${i}`)
      expect(subscriptions.size).toBe(count - i - 1)
      expect([...subscriptions.values()]).toEqual(list.slice(i + 1))
    }
    subscriptions.delete('c0')
    expect(subscriptions.size).toBe(0)
  })

  test('loses all, and can subscribe again', () => {
    const subscriptions = onAll(list)
    subscriptions.clear()
    expect([...subscriptions.values()]).toEqual([])
    for (const channel of list) subscriptions.add(channel)
    expect([...subscriptions.values()]).toEqual(list)
  })
})
