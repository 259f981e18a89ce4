import { describe, expect, test } from 'bun:test'
import { EventEmitter } from 'node:events'
import { readInTurns } from '../../src/cluster/redis-protocol.ts'

/** What is parsed in one turn at most. */
const turnBytes = 65_536

/** A connection to Redis: it emits what a test has arrive, and records what the reader does with it. */
class TestStream extends EventEmitter {
  destroyed = false
  readonly calls: string[] = []

  pause(): void {
    this.calls.push('pause')
  }

  resume(): void {
    this.calls.push('resume')
  }

  destroy(error: Error): void {
    this.destroyed = true
    this.calls.push(error.message)
  }
}

/** A client of ioredis, with the parser that it has added to its connection, and turns that a test runs. */
class TestClient extends EventEmitter {
  stream = new TestStream()
  /** The lengths of what was parsed, and what the stream was told, in order. */
  readonly parsed: number[] = []
  private readonly turns: (() => void)[] = []
  /** Called with what is parsed. */
  onParse: (data: Uint8Array) => void = () => {}

  constructor() {
    super()
    readInTurns(this, act => void this.turns.push(act))
  }

  static connected(): TestClient {
    const client = new TestClient()
    client.connect()
    return client
  }

  connect(): void {
    this.stream.on('data', (data: Uint8Array) => {
      this.parsed.push(data.length)
      this.onParse(data)
    })
    this.emit('connect')
  }

  receive(bytes: number): void {
    this.stream.emit('data', new Uint8Array(bytes))
  }

  /** Runs the next turn of the event loop. */
  turn(): void {
    this.turns.shift()!()
  }

  get waitingTurns(): number {
    return this.turns.length
  }
}

describe('data of a connection to Redis', () => {
  test('is parsed at once where it fits in one turn', () => {
    const client = TestClient.connected()
    client.receive(turnBytes)
    client.receive(1)
    expect([client.parsed, client.stream.calls, client.waitingTurns]).toEqual([[turnBytes, 1], [], 0])
  })

  test('is parsed in as many turns as it needs, in order, and the connection is paused until the last one', () => {
    const client = TestClient.connected()
    const arrived = Uint8Array.from({ length: 2 * turnBytes + 3 }, (_, i) => i % 251)
    const parsed: number[] = []
    client.onParse = data => parsed.push(...data)
    client.stream.emit('data', arrived)
    expect([client.parsed, client.stream.calls]).toEqual([[turnBytes], ['pause']])
    client.turn()
    expect([client.parsed, client.stream.calls]).toEqual([[turnBytes, turnBytes], ['pause']])
    client.turn()
    expect([client.parsed, client.stream.calls]).toEqual([
      [turnBytes, turnBytes, 3],
      ['pause', 'resume'],
    ])
    expect(client.waitingTurns).toBe(0)
    expect(Uint8Array.from(parsed)).toEqual(arrived)
  })

  test('that a paused connection emits all the same is parsed after what has arrived before, one piece in a turn', () => {
    const client = TestClient.connected()
    client.receive(turnBytes + 1)
    client.receive(2)
    expect(client.parsed).toEqual([turnBytes])
    client.turn()
    expect([client.parsed, client.stream.calls]).toEqual([[turnBytes, 1], ['pause']])
    client.turn()
    expect([client.parsed, client.stream.calls]).toEqual([
      [turnBytes, 1, 2],
      ['pause', 'resume'],
    ])
    client.receive(3)
    expect(client.parsed).toEqual([turnBytes, 1, 2, 3])
  })

  test('is not parsed once the connection has ended in the meantime', () => {
    const client = TestClient.connected()
    client.receive(turnBytes + 1)
    client.stream.destroyed = true
    client.turn()
    expect([client.parsed, client.waitingTurns]).toEqual([[turnBytes], 0])
  })

  test('is not parsed once the parser itself has ended the connection', () => {
    const client = TestClient.connected()
    client.onParse = () => {
      client.stream.destroyed = true
    }
    client.receive(turnBytes + 1)
    expect([client.parsed, client.stream.calls, client.waitingTurns]).toEqual([[turnBytes], [], 0])
  })

  test('that the parser rejects ends the connection, with a reason', () => {
    const client = TestClient.connected()
    client.onParse = () => {
      throw new Error('unexpected byte')
    }
    client.receive(turnBytes + 1)
    expect(client.stream.calls).toEqual(['the server does not speak the protocol of Redis: unexpected byte'])
    expect([client.parsed, client.waitingTurns]).toEqual([[turnBytes], 0])
  })

  test('of each connection of a client is read by itself', () => {
    const client = TestClient.connected()
    const first = client.stream
    client.receive(turnBytes + 1)
    client.stream = new TestStream()
    client.connect()
    client.receive(5)
    expect(client.parsed).toEqual([turnBytes, 5])
    expect([first.calls, client.stream.calls]).toEqual([['pause'], []])
  })
})
