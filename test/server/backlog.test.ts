import { heapStats } from 'bun:jsc'
import { describe, expect, test } from 'bun:test'
import { Backlog } from '../../src/server/backlog.ts'
import type { SocketData, WebSocket } from '../../src/server/socket-data.ts'

/** A backlog whose messages take a given time, and whose turns the test triggers. */
class Bench {
  readonly handled: string[] = []
  readonly closed: string[] = []
  readonly turns: (() => void)[] = []
  nowMs = 0
  readonly backlog: Backlog

  constructor(messageMs: number, limit?: number) {
    const handle = (socket: WebSocket, text: string) => {
      this.nowMs += messageMs
      this.handled.push(`${socket.data.socketId}:${text}`)
    }
    const defer = (turn: () => void) => this.turns.push(turn)
    const close = (socket: WebSocket) => this.closed.push(socket.data.socketId)
    this.backlog = new Backlog({ handle, close, nowMs: () => this.nowMs, defer }, limit)
  }

  /** What is handled in the next turn. */
  turn(): string[] {
    this.turns.shift()?.()
    return this.handled.splice(0)
  }
}

function socket(socketId: string): WebSocket {
  const data: SocketData = {
    socketId,
    handshake: undefined,
    seen: undefined,
    messagesUntilMs: 0,
    bytesUntilMs: 0,
    waiting: undefined,
  }
  return { data } as WebSocket
}

/** Of 10 KB, and no part of another text. */
const largeText = (i: number) => Buffer.alloc(10_000, `${i} `).toString('latin1')

/** Bytes in use, without what waits to be collected. */
function memory(): number {
  Bun.gc(true)
  const { heapSize, extraMemorySize } = heapStats()
  return heapSize + extraMemorySize
}

describe('messages in the backlog', () => {
  test('are handled in later turns of the event loop, one of each client in turn, for 1 ms at a time', () => {
    const bench = new Bench(0.4)
    const [ann, bob] = [socket('a'), socket('b')]
    for (const text of ['1', '2', '3', '4']) bench.backlog.add(ann, text)
    bench.backlog.add(bob, '1')
    expect(bench.handled).toEqual([])
    expect(bench.turn()).toEqual(['a:1', 'b:1', 'a:2'])
    expect(bench.turn()).toEqual(['a:3', 'a:4'])
    expect(bench.turns).toEqual([])
    expect([ann.data.waiting, bob.data.waiting]).toEqual([undefined, undefined])
  })

  test('of a client that uses up every turn do not delay those of another client', () => {
    const bench = new Bench(9)
    const [ann, bob] = [socket('a'), socket('b')]
    for (const text of ['1', '2', '3']) bench.backlog.add(ann, text)
    bench.backlog.add(bob, '1')
    expect([bench.turn(), bench.turn(), bench.turn(), bench.turn()]).toEqual([['a:1'], ['b:1'], ['a:2'], ['a:3']])
  })

  test('of a client that always has some take memory only until they are handled', () => {
    const bench = new Bench(5)
    const ann = socket('a')
    const before = memory()
    bench.backlog.add(ann, 'first')
    for (let i = 0; i < 990; i++) {
      bench.backlog.add(ann, largeText(i))
      bench.turn()
    }
    // 10 MB were handled, and 10 KB wait.
    expect(memory() - before).toBeLessThan(1_000_000)
    expect(bench.turn()).toEqual([`a:${largeText(989)}`])
    expect(ann.data.waiting).toBeUndefined()
  })

  test('are discarded with their connection', () => {
    const bench = new Bench(0)
    const [ann, bob] = [socket('a'), socket('b')]
    bench.backlog.add(ann, '1')
    bench.backlog.add(bob, '1')
    bench.backlog.drop(ann)
    bench.backlog.drop(ann)
    expect(bench.turn()).toEqual(['b:1'])
  })

  /** A text that takes so many bytes, with the 64 of a message beside its characters. */
  const textOf = (bytes: number) => 'x'.repeat(bytes - 64)

  test('are bounded together, and release their room when they are handled or discarded', () => {
    const bench = new Bench(0, 1000)
    const [ann, bob] = [socket('a'), socket('b')]
    bench.backlog.add(ann, textOf(500))
    bench.backlog.add(bob, textOf(400))
    bench.backlog.drop(ann)
    bench.backlog.add(bob, textOf(600))
    expect(bench.turn()).toEqual([`b:${textOf(400)}`, `b:${textOf(600)}`])
    bench.backlog.add(ann, textOf(1000))
    expect(bench.closed).toEqual([])
  })

  test('beyond that bound close the connections with the longest backlogs, and no others', () => {
    const bench = new Bench(0, 1000)
    const [ann, bob, cat] = [socket('a'), socket('b'), socket('c')]
    bench.backlog.add(ann, textOf(600))
    bench.backlog.add(bob, textOf(300))
    bench.backlog.add(cat, textOf(200))
    expect(bench.closed).toEqual(['a'])
    bench.backlog.add(cat, textOf(600))
    expect(bench.closed).toEqual(['a', 'c'])
    bench.backlog.add(ann, textOf(1001))
    expect(bench.closed).toEqual(['a', 'c', 'a'])
    expect(bench.turn()).toEqual([`b:${textOf(300)}`])
  })

  test('count with their memory: a constant for each, and two bytes for each character where one is outside ASCII', () => {
    const bench = new Bench(0, 640)
    const ann = socket('a')
    for (let i = 0; i < 10; i++) bench.backlog.add(ann, '')
    expect(bench.closed).toEqual([])
    bench.backlog.add(ann, '')
    expect(bench.closed).toEqual(['a'])
    bench.backlog.add(ann, 'é'.repeat(288))
    expect(bench.closed).toEqual(['a'])
    bench.backlog.add(ann, 'é'.repeat(289))
    expect(bench.closed).toEqual(['a', 'a'])
  })

  test('that are discarded after their client has disconnected complete the end of its connection', () => {
    const bench = new Bench(0, 1000)
    const [ann, bob] = [socket('a'), socket('b')]
    bench.backlog.add(ann, textOf(600))
    bench.backlog.afterLast(ann, () => bench.closed.push('end'))
    bench.backlog.add(bob, textOf(500))
    expect(bench.closed).toEqual(['a', 'end'])
    expect(bench.turn()).toEqual([`b:${textOf(500)}`])
  })
})

describe('the end of a connection with a backlog', () => {
  test('follows its last message', () => {
    const bench = new Bench(0.6)
    const ann = socket('a')
    for (const text of ['1', '2', '3']) bench.backlog.add(ann, text)
    bench.backlog.afterLast(ann, () => bench.handled.push('end'))
    expect(bench.turn()).toEqual(['a:1', 'a:2'])
    expect(bench.turn()).toEqual(['a:3', 'end'])
  })

  test('comes at once where its backlog is empty', () => {
    const bench = new Bench(0)
    bench.backlog.afterLast(socket('a'), () => bench.handled.push('end'))
    expect(bench.handled).toEqual(['end'])
  })
})
