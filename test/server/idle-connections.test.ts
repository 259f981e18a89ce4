import { describe, expect, test } from 'bun:test'
import { IdleConnections } from '../../src/server/idle-connections.ts'
import type { Connection } from '../../src/server/unfinished.ts'

/** A process with 1,000 descriptors, whose clock, open descriptors and connections a test sets. */
class Process {
  nowMs = 0
  free = 1000
  /** How long it takes to count the descriptors. */
  countMs = 0
  counts = 0
  connections: Connection[] = []
  waiting = 0
  /** Ids of those that were ended, and how many were closed in all. */
  readonly ended: number[] = []
  closed = 0

  readonly idle: IdleConnections

  constructor({ limit = 1000, canList = true } = {}) {
    const unfinished = {
      list: () => this.connections,
      shutDown: ({ id }: Connection) => {
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
      onClosed: count => {
        this.closed += count
      },
      openDescriptors: () => {
        this.counts++
        this.nowMs += this.countMs
        return limit - this.free
      },
    })
  }

  connect(id: number, quietMs: number): void {
    this.connections.push({ descriptor: id, id, quietMs })
  }

  /** A look at that time. */
  lookAt(nowMs: number): void {
    this.nowMs = nowMs
    this.idle.check()
  }
}

describe('while enough descriptors are free', () => {
  test('no connection is closed', () => {
    const process = new Process()
    process.connect(1, 60_000)
    process.waiting = 10
    process.free = 64
    for (let ms = 0; ms < 2000; ms += 100) process.lookAt(ms)
    expect([process.connections.length, process.waiting, process.closed]).toEqual([1, 10, 0])
  })

  test('an eighth of a small limit is enough, and any number without a limit', () => {
    const small = new Process({ limit: 80 })
    small.connect(1, 250)
    small.free = 10
    small.lookAt(0)
    expect(small.ended).toEqual([])
    small.free = 9
    small.lookAt(100)
    expect(small.ended).toEqual([1])
    const unlimited = new Process({ limit: Number.POSITIVE_INFINITY })
    unlimited.connect(1, 250)
    unlimited.lookAt(0)
    expect(unlimited.ended).toEqual([])
  })

  test('a connection stays after the answer to a request without a signature', () => {
    const process = new Process()
    process.free = 96
    expect(process.idle.closesAfterAnswer()).toBe(false)
    expect(process.closed).toBe(0)
  })
})

describe('close to the limit of descriptors', () => {
  test('connections that send nothing are closed', () => {
    const process = new Process()
    process.free = 63
    process.connect(1, 250)
    process.connect(2, 20)
    process.lookAt(0)
    expect([process.ended, process.closed]).toEqual([[1], 1])
  })

  test('connections that wait for their next request are closed where that is not enough for half a second', () => {
    const process = new Process()
    process.free = 60
    process.waiting = 10
    process.connect(1, 250)
    for (let ms = 0; ms < 500; ms += 100) process.lookAt(ms)
    expect([process.ended, process.waiting]).toEqual([[1], 10])
    for (const id of [2, 3, 4, 5]) process.connect(id, 250)
    process.lookAt(500)
    expect(process.waiting).toBe(10)
    process.lookAt(600)
    expect([process.waiting, process.closed]).toEqual([0, 15])
  })

  test('the half second begins anew when there were enough', () => {
    const process = new Process()
    process.waiting = 10
    for (let ms = 0; ms < 2000; ms += 100) {
      process.free = ms % 500 === 400 ? 64 : 60
      process.lookAt(ms)
    }
    expect(process.waiting).toBe(10)
  })

  test('the answer to a request without a signature closes its connection, before any other is closed', () => {
    const process = new Process()
    process.free = 95
    expect(process.idle.closesAfterAnswer()).toBe(true)
    expect(process.closed).toBe(1)
    process.waiting = 10
    process.lookAt(1000)
    expect([process.closed, process.waiting]).toEqual([1, 10])
  })

  test('a request whose bytes arrive steadily may take a second', () => {
    const process = new Process()
    process.free = 63.9
    process.connect(1, 10)
    for (let ms = 0; ms < 990; ms += 90) process.lookAt(ms)
    expect(process.ended).toEqual([])
    process.lookAt(1000)
    expect(process.ended).toEqual([1])
  })

  test('that second begins with the first check close to the limit, and anew for another connection with the same descriptor', () => {
    const process = new Process()
    process.free = 63.9
    process.connect(1, 10)
    process.lookAt(0)
    process.free = 500
    process.lookAt(900)
    process.free = 63.9
    process.lookAt(1800)
    process.connections = [{ descriptor: 1, id: 2, quietMs: 10 }]
    process.lookAt(2810)
    expect(process.ended).toEqual([])
  })

  test('a client has less time the fewer descriptors are free', () => {
    const process = new Process()
    process.free = 0
    process.connect(1, 49)
    process.connect(2, 50)
    process.lookAt(0)
    expect(process.ended).toEqual([2])
    process.lookAt(200)
    expect(process.ended).toEqual([2, 1])
  })

  test('where the system does not list connections, those that wait for their next request are closed', () => {
    const process = new Process({ canList: false })
    process.free = 1
    process.waiting = 3
    for (let ms = 0; ms <= 500; ms += 100) process.lookAt(ms)
    expect([process.waiting, process.closed]).toEqual([0, 3])
  })
})

describe('descriptors are counted', () => {
  test('once in two milliseconds at most', () => {
    const process = new Process()
    for (process.nowMs = 0; process.nowMs < 10; process.nowMs += 0.1) process.idle.closesAfterAnswer()
    expect(process.counts).toBeGreaterThanOrEqual(4)
    expect(process.counts).toBeLessThanOrEqual(6)
  })

  test('in a twentieth of the time at most where counting is slow', () => {
    const process = new Process()
    process.countMs = 17
    for (let ms = 0; ms < 10_000; ms += 10) {
      process.nowMs = Math.max(process.nowMs, ms)
      process.idle.closesAfterAnswer()
      process.idle.check()
    }
    expect(process.counts).toBeGreaterThan(20)
    expect(process.counts * process.countMs).toBeLessThan(10_000 / 18)
  })
})
