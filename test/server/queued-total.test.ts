import { describe, expect, test } from 'bun:test'
import { QueuedTotal } from '../../src/server/queued-total.ts'
import { TestServer } from '../support/server.ts'
import { Connection } from '../support/tcp.ts'
import { until } from '../support/until.ts'

const maxBytes = 8000

/** Connections with so many bytes each, and the turns of the event loop that a look waits for. */
function watching(...waiting: number[]) {
  let looks = 0
  const turns: (() => void)[] = []
  const terminated: number[] = []
  const sockets = new Map(
    waiting.map((bytes, i) => [
      String(i),
      {
        bytes,
        getBufferedAmount() {
          looks++
          return this.bytes
        },
        terminate() {
          terminated.push(i)
          sockets.delete(String(i))
          total.added(maxBytes)
          total.check()
        },
      },
    ]),
  )
  const total: QueuedTotal = new QueuedTotal(sockets, maxBytes, turn => void turns.push(turn))
  const add = (bytes: number) => {
    total.added(bytes)
    total.check()
  }
  const turn = () => {
    for (const act of turns.splice(0)) act()
  }
  return { total, sockets, add, turn, turns, terminated, looks: () => looks }
}

describe('the queues of all clients are measured', () => {
  test('at the end of the turn in which half of the room may have been used up', () => {
    const { add, turn, turns, looks } = watching(0, 0)
    add(3999)
    expect(turns).toHaveLength(0)
    add(1)
    add(1)
    expect(turns).toHaveLength(1)
    expect(looks()).toBe(0)
    turn()
    expect(looks()).toBe(2)
    add(3999)
    turn()
    expect(looks()).toBe(2)
  })

  test('at once where all of it may have been, and again at the end of the turn', () => {
    const { add, turn, looks } = watching(0, 0)
    add(8000)
    expect(looks()).toBe(2)
    turn()
    expect(looks()).toBe(4)
  })

  test('sooner the fuller they are', () => {
    const { add, turn, looks } = watching(5000)
    add(8000)
    turn()
    const before = looks()
    add(1499)
    turn()
    expect(looks()).toBe(before)
    add(1)
    turn()
    expect(looks()).toBe(before + 1)
  })
})

describe('beyond three quarters of the bound', () => {
  test('the connections with the longest queues are closed until half of that is left, and never one with an empty queue', () => {
    const { add, terminated, total, sockets } = watching(0, 500, 2500, 500, 1000, 2000)
    const [largest, next] = [sockets.get('2')!, sockets.get('5')!]
    add(8000)
    expect(terminated).toEqual([2, 5])
    expect([largest, largest, next, next].map(socket => total.closed(socket))).toEqual([true, false, true, false])
  })

  test('a connection is closed, and not before', () => {
    const { add, terminated } = watching(3000, 3000)
    add(8000)
    expect(terminated).toEqual([])
  })

  test('the bytes of closed connections count for five seconds', () => {
    const { total, add, turn, terminated } = watching(1501, 2500, 0)
    total.closedGracefully(2000)
    for (let i = 0; i < 6; i++) total.tick()
    add(8000)
    expect(terminated).toEqual([])
    total.closedGracefully(2000)
    for (let i = 0; i < 5; i++) total.tick()
    turn()
    expect(terminated).toEqual([1, 0])
  })

  test('connections with empty queues stay open, whatever closed ones still hold', () => {
    const { total, add, terminated } = watching(0, 0)
    total.closedGracefully(9000)
    add(8000)
    expect(terminated).toEqual([])
  })
})

test('bytes of closed connections beyond their part close no other connection', () => {
  const { total, add, terminated } = watching(10, 10)
  total.closedGracefully(100_000)
  add(8000)
  expect(terminated).toEqual([])
})

test('closed connections may hold a quarter of the bound, and one with an empty queue always gets a close frame', () => {
  const { total } = watching()
  expect(total.mayCloseGracefully(2000)).toBe(true)
  total.closedGracefully(2000)
  expect(total.mayCloseGracefully(1)).toBe(false)
  expect(total.mayCloseGracefully(0)).toBe(true)
})

test('without a bound nothing is measured', () => {
  let looks = 0
  const socket = { getBufferedAmount: () => ++looks, terminate: () => undefined }
  const total = new QueuedTotal(new Map([['1', socket]]), Number.POSITIVE_INFINITY, turn => turn())
  total.added(1e15)
  total.check()
  expect(looks).toBe(0)
  expect(total.mayCloseGracefully(1e15)).toBe(true)
})

const size = 4000

/** A client that is subscribed and then reads nothing more. */
async function stalled(server: TestServer, channel = 'news'): Promise<Connection> {
  const client = await Connection.open(server.port)
  client.handshake()
  client.frame(`{"event":"pusher:subscribe","data":{"channel":"${channel}"}}`)
  await client.until('subscription_succeeded')
  client.socket.pause()
  return client
}

const stall = (server: TestServer, count: number) => Promise.all(Array.from({ length: count }, () => stalled(server)))

const waiting = ({ running }: TestServer) =>
  running.parts.executor.sockets.values().reduce((bytes, socket) => bytes + socket.getBufferedAmount(), 0)

/** Events in one turn of the event loop, as they come out of Redis. */
function publishInOneTurn({ running, app }: TestServer, times: number, data: string): void {
  for (let i = 0; i < times; i++) {
    const publication = { name: 'e', data, channels: ['news'], exceptSocketId: undefined }
    running.parts.executor.apply(running.parts.hub.publish(app, publication, running.parts.nowMs()))
  }
}

const noWatcher = {
  opened: () => undefined,
  closed: () => undefined,
  received: () => undefined,
  sent: () => undefined,
  channel: () => undefined,
  pruned: () => undefined,
}

const nextTurn = () => new Promise<void>(resolve => void setImmediate(resolve))

/** Publishes until as much waits for each connection. */
async function fill(server: TestServer, bytes: number): Promise<void> {
  const sockets = [...server.running.parts.executor.sockets.values()]
  await until('as much waits', async () => {
    for (let i = 0; i < 500 && sockets.some(socket => socket.getBufferedAmount() < bytes); i++) {
      publishInOneTurn(server, 1, 'x'.repeat(size))
      await nextTurn()
    }
    return sockets.every(socket => socket.getBufferedAmount() >= bytes)
  })
}

const totals = ({ running }: TestServer) =>
  Array.from(running.parts.refusals.totals(), ({ refusal, appId, total }) => ({ refusal, appId, total }))

describe('readers that have stalled', () => {
  test('never have more than the bound queued, while those that keep up receive every event', async () => {
    const maxTotalQueuedBytes = 2 * 1024 * 1024
    await using server = new TestServer({ maxTotalQueuedBytes })
    const reader = await server.connect()
    await reader.subscribe('news')
    const clients = await stall(server, 20)
    let published = 0
    let most = 0
    while (server.running.traffic.openSockets() > 4 && published < 5000) {
      const data = `${published++}`.padEnd(size, 'x')
      await server.publish('news', data)
      most = Math.max(most, waiting(server))
      expect((await reader.next()).data).toBe(data)
    }
    expect(published).toBeLessThan(5000)
    expect(most).toBeLessThanOrEqual(maxTotalQueuedBytes)
    expect(most).toBeGreaterThan(maxTotalQueuedBytes / 2)
    expect(totals(server)).toEqual([{ refusal: 'queued-total', appId: '1001', total: 21 - server.running.traffic.openSockets() }])
    expect(server.unexpected).toEqual([])
    await reader.nothingMore()
    for (const client of clients) client.destroy()
  }, 180_000)

  test.each([
    // Of what is under 16 KiB, Bun keeps 32 events for a connection before it writes them.
    ['1,000 events of 4 KB', 1000, size, 32],
    ['64 events of 64 KB', 64, 65_536, 1],
  ])('exceed it little within one turn of the event loop that has %s, and not after it', async (_, times, bytes, atOnce) => {
    const maxTotalQueuedBytes = 4 * 1024 * 1024
    await using server = new TestServer({ maxTotalQueuedBytes })
    const clients = await stall(server, 20)
    await fill(server, 1)
    let most = 0
    for (let i = 0; i < times; i++) {
      publishInOneTurn(server, 1, 'x'.repeat(bytes))
      most = Math.max(most, waiting(server))
    }
    expect(most).toBeLessThanOrEqual(maxTotalQueuedBytes + clients.length * atOnce * (bytes + 100))
    await nextTurn()
    expect(waiting(server)).toBeLessThanOrEqual(maxTotalQueuedBytes)
    expect(server.running.traffic.openSockets()).toBeLessThan(20)
    expect(server.unexpected).toEqual([])
    for (const client of clients) client.destroy()
  })

  test('are closed also while a message of theirs is handled', async () => {
    let isFull = false
    const received = () => {
      if (isFull) publishInOneTurn(server, 400, 'x'.repeat(size))
    }
    await using server: TestServer = new TestServer({ maxTotalQueuedBytes: 1024 * 1024 }, [{ ...noWatcher, received }])
    const [client] = await stall(server, 1)
    await fill(server, 700_000)
    isFull = true
    for (let i = 0; i < 3; i++) client!.frame('{"event":"pusher:ping","data":{}}')
    await until('it is closed', () => server.running.traffic.openSockets() === 0)
    expect(totals(server)).toEqual([{ refusal: 'queued-total', appId: '1001', total: 1 }])
    expect(server.unexpected).toEqual([])
    client!.destroy()
  })

  test('keep a quarter of the bound at most when the server closes them: the others end without a close frame', async () => {
    const codes: number[] = []
    const closed = ({ code }: { code: number }) => void codes.push(code)
    await using server = new TestServer({ maxTotalQueuedBytes: 8 * 1024 * 1024 }, [{ ...noWatcher, closed }])
    const clients = await stall(server, 10)
    await fill(server, 500_000)
    server.running.traffic.closeOldest(10)
    // At least 500 kB waits for each, and 4 of them at most are within a quarter of 8 MiB.
    const graceful = codes.filter(code => code === 4200).length
    expect(graceful).toBeGreaterThanOrEqual(1)
    expect(graceful).toBeLessThanOrEqual(4)
    expect(codes.filter(code => code === 1006)).toHaveLength(10 - graceful)
    expect(totals(server)).toEqual([])
    for (const client of clients) client.destroy()
  })
})
