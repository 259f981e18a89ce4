import { describe, expect, test } from 'bun:test'
import { Connection, type ConnectionState } from '../../src/server/connection.ts'

/** What happens to a connection: it is up or down, or messages come back after so many milliseconds. */
type Happening = 'up' | 'down' | number

/** A connection whose lag is measured every second. */
class Measured {
  private nowMs = 0
  readonly connection: Connection

  constructor(isConnected = false) {
    this.connection = new Connection(isConnected, 0)
  }

  happens(happening: Happening): boolean {
    if (typeof happening === 'number') return this.measure(happening)
    this.connection[happening]()
    return false
  }

  measure(lagMs: number, afterMs = 1000): boolean {
    this.nowMs += afterMs
    return this.connection.measure(lagMs, this.nowMs)
  }
}

function connectionIn(state: ConnectionState): Measured {
  const measured = new Measured()
  const path: Record<ConnectionState, readonly Happening[]> = { disconnected: [], connected: ['up'], slow: ['up', 3000] }
  for (const happening of path[state]) measured.happens(happening)
  expect(measured.connection.state).toBe(state)
  return measured
}

describe('a connection', () => {
  test('is disconnected at first, unless it counts as established', () => {
    expect(new Measured().connection.state).toBe('disconnected')
    expect(new Measured(true).connection.state).toBe('connected')
  })

  test.each<[ConnectionState, Happening, ConnectionState]>([
    ['connected', 'up', 'connected'],
    ['slow', 'up', 'slow'],
    ['disconnected', 'up', 'connected'],
    ['connected', 'down', 'disconnected'],
    ['slow', 'down', 'disconnected'],
    ['disconnected', 'down', 'disconnected'],
    ['connected', 3000, 'slow'],
    ['slow', 3000, 'slow'],
    ['disconnected', 3000, 'disconnected'],
    ['connected', 2999, 'connected'],
    ['slow', 1000, 'slow'],
    ['disconnected', 1000, 'disconnected'],
    ['connected', 0, 'connected'],
    ['slow', 999, 'connected'],
    ['disconnected', 999, 'disconnected'],
  ])('that is %s is, after %p, %s; a measurement returns whether that is another state', (before, happening, after) => {
    const measured = connectionIn(before)
    expect(measured.happens(happening)).toBe(typeof happening === 'number' && before !== after)
    expect(measured.connection.state).toBe(after)
  })

  test('is not judged by a measurement that is 2.5 seconds late', () => {
    const measured = connectionIn('connected')
    expect([measured.measure(9000, 2500), measured.connection.state]).toEqual([false, 'connected'])
    expect([measured.measure(9000), measured.connection.state]).toEqual([true, 'slow'])
    expect([measured.measure(0, 2500), measured.connection.state]).toEqual([false, 'slow'])
    expect([measured.measure(0, 2499), measured.connection.state]).toEqual([true, 'connected'])
  })
})
