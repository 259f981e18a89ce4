import { describe, expect, test } from 'bun:test'
import { IdleConnections } from '../../src/server/idle-connections.ts'
import type { Connection } from '../../src/server/unfinished.ts'

/** A process with 1,000 descriptors, whose clock, open descriptors and connections a test sets. */
class Process {
  nowMs = 0
  free = 1000
  /** How long a look takes. */
  lookMs = 0
  looks = 0
  connections: Connection[] = []
  waiting = 0
  readonly ended: number[] = []

  readonly idle: IdleConnections

  constructor({ limit = 1000, canList = true } = {}) {
    const unfinished = {
      list: () => this.connections,
      end: ({ id }: Connection) => {
        this.ended.push(id)
        this.connections = this.connections.filter(connection => connection.id !== id)
      },
    }
    const closeIdleConnections = () => {
      const closed = this.waiting
      this.waiting = 0
      return closed
    }
    this.idle = new IdleConnections({ port: 8080, closeIdleConnections }, canList ? unfinished : undefined, {
      limit,
      nowMs: () => this.nowMs,
      openDescriptors: () => {
        this.looks++
        this.nowMs += this.lookMs
        return limit - this.free
      },
    })
  }

  connect(id: number, quietMs: number): void {
    this.connections.push({ descriptor: id, id, quietMs })
  }
}

describe('while enough descriptors are free', () => {
  test('no connection is ended', () => {
    const process = new Process()
    process.connect(1, 60_000)
    process.waiting = 10
    process.free = 64
    expect(process.idle.look()).toBe(0)
    expect([process.connections.length, process.waiting]).toEqual([1, 10])
  })

  test('under a small limit an eighth of it is enough, and without a limit any number', () => {
    const small = new Process({ limit: 80 })
    small.waiting = 1
    small.free = 10
    expect(small.idle.look()).toBe(0)
    small.free = 9
    expect(small.idle.look()).toBe(1)
    const unlimited = new Process({ limit: Number.POSITIVE_INFINITY })
    unlimited.waiting = 1
    expect(unlimited.idle.look()).toBe(0)
  })
})

describe('close to the limit', () => {
  test('connections from which nothing comes are ended first', () => {
    const process = new Process()
    process.free = 63
    process.connect(1, 250)
    process.connect(2, 20)
    process.waiting = 10
    expect(process.idle.look()).toBe(1)
    expect(process.ended).toEqual([1])
    expect(process.waiting).toBe(10)
  })

  test('those that wait for their next request are closed where that is not enough', () => {
    const process = new Process()
    process.free = 60
    process.connect(1, 250)
    process.waiting = 10
    expect(process.idle.look()).toBe(11)
    expect(process.waiting).toBe(0)
  })

  test('a request whose bytes come steadily may take a second', () => {
    const process = new Process()
    process.free = 63.9
    process.connect(1, 10)
    for (process.nowMs = 0; process.nowMs < 990; process.nowMs += 90) expect(process.idle.look()).toBe(0)
    process.nowMs = 1000
    expect(process.idle.look()).toBe(1)
  })

  test('the time counts from the first look close to the limit, and anew for another connection with the same descriptor', () => {
    const process = new Process()
    process.free = 63.9
    process.connect(1, 10)
    process.idle.look()
    process.free = 500
    process.nowMs = 900
    process.idle.look()
    process.free = 63.9
    process.nowMs = 1800
    expect(process.idle.look()).toBe(0)
    process.connections = [{ descriptor: 1, id: 2, quietMs: 10 }]
    process.nowMs = 2790
    expect(process.idle.look()).toBe(0)
  })

  test('the fewer descriptors are left, the less time there is', () => {
    const process = new Process()
    process.free = 0
    process.connect(1, 49)
    process.connect(2, 50)
    process.idle.look()
    expect(process.ended).toEqual([2])
    process.nowMs = 200
    process.idle.look()
    expect(process.ended).toEqual([2, 1])
  })

  test('where the system does not list connections, those that wait for their next request are closed', () => {
    const process = new Process({ canList: false })
    process.free = 1
    process.waiting = 3
    expect(process.idle.look()).toBe(3)
  })
})

test('where a look is slow, looks take a twentieth of the time', () => {
  const process = new Process()
  process.lookMs = 17
  for (let ms = 0; ms < 10_000; ms += 100) {
    process.nowMs = Math.max(process.nowMs, ms)
    process.idle.look()
  }
  expect(process.looks).toBeGreaterThan(20)
  expect(process.looks * process.lookMs).toBeLessThan(10_000 / 18)
})
