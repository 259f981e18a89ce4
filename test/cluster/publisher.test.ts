import { describe, expect, test } from 'bun:test'
import { type Body, decode, type Envelope, type EventBody, encode } from '../../src/cluster/envelope.ts'
import { Publisher } from '../../src/cluster/publisher.ts'

const kibibyte = 1024
const event = (data: string): EventBody => ({ type: 'event', topic: '1001/news', frame: data, exceptSocketId: undefined })
const changes = { type: 'entries', sequence: 1, entries: [] } as const
const heartbeat = { type: 'heartbeat', sequence: 0, from: 1 } as const
const signed = (number: number, body: Body, { node = 'a', epoch = 1, key = 'key' } = {}) =>
  encode({ node, number, epoch, body }, key)

/** A publisher that has not connected yet, and the messages that it has sent and that the test has not taken. */
function disconnected() {
  const clock = { nowMs: 0 }
  const sent: string[] = []
  const deferred: (() => void)[] = []
  const publisher = new Publisher({
    id: 'a',
    key: 'key',
    send: message => sent.push(message),
    defer: act => deferred.push(act),
    nowMs: () => clock.nowMs,
  })
  const take = () => sent.splice(0)
  const takeDecoded = () => take().map(message => decode(message, 'key') as Envelope)
  const turn = () => {
    for (const act of deferred.splice(0)) act()
  }
  const publish = (...frames: string[]) => {
    for (const frame of frames) publisher.publish(event(frame))
  }
  const echo = (message: string) => publisher.acknowledge(message, clock.nowMs)
  return { clock, publisher, take, takeDecoded, turn, publish, echo }
}

/** The same, connected and not paused. */
function connected() {
  const all = disconnected()
  all.publisher.onConnected(0)
  all.publisher.resume(0)
  return all
}

const numbers = (messages: readonly { readonly number: number }[]) => messages.map(({ number }) => number)

describe('the messages of a node', () => {
  test('are numbered from 1 in the order in which they are published, events and control messages alike', () => {
    const { publisher, publish, takeDecoded } = connected()
    publish('x')
    expect([publisher.publishControl(heartbeat), publisher.lastNumber]).toEqual([2, 2])
    publish('y')
    expect(takeDecoded()).toEqual([
      { node: 'a', number: 1, epoch: 1, body: event('x') },
      { node: 'a', number: 2, epoch: 1, body: heartbeat },
      { node: 'a', number: 3, epoch: 1, body: event('y') },
    ])
  })

  test('have the epoch of the connection over which they are sent, and events the number with which they were published', () => {
    const { publisher, publish, takeDecoded } = connected()
    publish('x')
    takeDecoded()
    publisher.onDisconnected()
    publish('y')
    publisher.onConnected(0)
    publisher.publishControl(heartbeat)
    publisher.resume(0)
    expect(takeDecoded().map(({ number, epoch }) => [number, epoch])).toEqual([
      [3, 2],
      [1, 2],
      [2, 2],
    ])
  })
})

describe('events', () => {
  test('are queued until the publisher is connected and resumed', () => {
    const { publisher, publish, take, takeDecoded } = disconnected()
    publish('x')
    publisher.resume(0)
    expect([publisher.isConnected, take()]).toEqual([false, []])
    publisher.onConnected(0)
    expect([publisher.isConnected, take()]).toEqual([true, []])
    publisher.resume(0)
    expect(takeDecoded().map(({ body }) => body)).toEqual([event('x')])
  })

  test('are queued from a pause to the next resume', () => {
    const { publisher, publish, take } = connected()
    publisher.pause(0)
    publish('x')
    expect(take()).toEqual([])
    publisher.resume(0)
    expect(take()).toHaveLength(1)
  })

  test('are sent again in each connection, in their order and before later ones, until they are acknowledged', () => {
    const { publisher, publish, take, takeDecoded, echo } = connected()
    publish('1', '2', '3')
    echo(take()[0]!)
    for (let connection = 0; connection < 2; connection++) {
      publisher.onConnected(0)
      publish(`${connection}`)
      publisher.resume(0)
      expect(numbers(takeDecoded())).toEqual([2, 3, 4, 5].slice(0, 3 + connection))
    }
  })

  test('that were acknowledged in the 5 s before a disconnection are sent again', () => {
    const { clock, publisher, publish, take, echo } = connected()
    for (const frame of ['1', '2', '3']) {
      clock.nowMs += 1000
      publish(frame)
      echo(take()[0]!)
    }
    clock.nowMs = 6500
    publisher.onDisconnected()
    publisher.onConnected(6500)
    publisher.resume(6500)
    const repeated = take()
    expect(numbers(repeated.map(message => decode(message, 'key') as Envelope))).toEqual([2, 3])
    // To a node that is new to this one they are of no concern: they were acknowledged before.
    expect([publisher.oldestUnacknowledged, publisher.oldestForNewNode]).toEqual([2, 4])
    // This node has acted on their first echo.
    expect(repeated.map(echo)).toEqual([{}, {}])
    expect(publisher.oldestUnacknowledged).toBe(4)
  })

  test('that are unacknowledged have at most 4 MiB, not counting the last one, and each echo makes room for more', () => {
    const { publisher, publish, take, echo } = connected()
    publish(...Array.from({ length: 10 }, () => 'x'.repeat(1024 * kibibyte)))
    const sent = take()
    expect([sent.length, publisher.pace(0).events, publisher.dropped]).toEqual([4, 10, 0])
    echo(sent[0]!)
    expect(take()).toHaveLength(1)
  })

  test('that have waited are sent in turns of the event loop of 128 KiB, not counting the last one, in their order', () => {
    const { publisher, publish, takeDecoded, turn } = connected()
    publisher.pause(0)
    publish(...Array.from({ length: 8 }, () => 'x'.repeat(50 * kibibyte)))
    publisher.resume(0)
    expect(numbers(takeDecoded())).toEqual([1, 2, 3])
    publish('later')
    expect(takeDecoded()).toEqual([])
    turn()
    expect(numbers(takeDecoded())).toEqual([4, 5, 6])
    turn()
    expect(numbers(takeDecoded())).toEqual([7, 8, 9])
  })

  test('over the bound of the queue are dropped and counted, the oldest first', () => {
    const { publisher, publish } = disconnected()
    publish(...Array.from({ length: 20 }, () => 'x'.repeat(1024 * kibibyte)))
    expect([publisher.dropped, publisher.oldestUnacknowledged]).toEqual([5, 6])
  })
})

test('the oldest unacknowledged event is the next message where every event is acknowledged', () => {
  const { publisher, publish, take, echo } = connected()
  expect(publisher.oldestUnacknowledged).toBe(1)
  publish('x')
  publisher.publishControl(heartbeat)
  expect(publisher.oldestUnacknowledged).toBe(1)
  echo(take()[0]!)
  expect(publisher.oldestUnacknowledged).toBe(3)
})

describe('control messages', () => {
  test('are lost while the backplane is disconnected, and take no number', () => {
    const { publisher, take } = disconnected()
    expect([publisher.hasRoom, publisher.publishControl(heartbeat), publisher.lastNumber, take()]).toEqual([
      false,
      undefined,
      0,
      [],
    ])
  })

  test('are never sent again', () => {
    const { publisher, take } = connected()
    publisher.publishControl(heartbeat)
    take()
    publisher.onConnected(0)
    publisher.resume(0)
    expect(take()).toEqual([])
  })

  /** A publisher whose window of control messages is full, and these messages. */
  function full() {
    const all = connected()
    const entries = Array.from({ length: 400 }, (_, i) => ({
      kind: 'connections' as const,
      appId: `${i}`.repeat(1000),
      count: 1,
    }))
    while (all.publisher.publishControl({ ...changes, entries }) !== undefined);
    return { ...all, messages: all.take() }
  }

  test('that are unacknowledged have at most 1 MiB, not counting the last one: another one has no room', () => {
    const { publisher, messages, take } = full()
    const bytes = messages.map(message => Buffer.byteLength(message))
    const sum = bytes.reduce((a, b) => a + b)
    expect(sum).toBeGreaterThanOrEqual(1024 * kibibyte)
    expect(sum - bytes.at(-1)!).toBeLessThan(1024 * kibibyte)
    expect([publisher.hasRoom, publisher.publishControl(heartbeat), take()]).toEqual([false, undefined, []])
  })

  test('have room again once one is echoed: those before it have been echoed, or are lost', () => {
    const { publisher, messages, echo } = full()
    expect(echo(messages.at(-1)!)).toEqual({ isControl: true })
    expect([publisher.hasRoom, publisher.pace(9).lagMs]).toEqual([true, 0])
  })

  test.each([
    ['the oldest unacknowledged event', 0],
    ['a later event', 1],
  ])('have room again once %s is echoed', (_, index) => {
    const { publisher, publish, take, echo } = full()
    publish('x', 'y')
    echo(take()[index]!)
    expect(publisher.hasRoom).toBe(true)
  })

  test('have room again after a new connection', () => {
    const { publisher } = full()
    publisher.onDisconnected()
    expect(publisher.hasRoom).toBe(false)
    publisher.onConnected(0)
    expect(publisher.hasRoom).toBe(true)
  })
})

describe('the echo of', () => {
  test('an event acknowledges it, and has its JSON', () => {
    const { publisher, publish, take, echo } = connected()
    publish('x')
    expect(echo(take()[0]!)).toEqual({ event: JSON.stringify(event('x')) })
    expect(publisher.pace(0)).toEqual({ events: 0, bytes: 0, lagMs: 0 })
  })

  test('an event that arrives before those of earlier ones acknowledges it, and these are lost', () => {
    const { publisher, publish, take, echo } = connected()
    publish('x', 'y')
    const [x, y] = take()
    expect(echo(y!)).toEqual({ event: JSON.stringify(event('y')) })
    expect([publisher.dropped, publisher.pace(0).events]).toEqual([1, 0])
    expect([echo(x!), echo(y!), publisher.dropped]).toEqual([{}, {}, 1])
  })

  test('an event that arrives before those of earlier ones makes room for more', () => {
    const { publish, take, echo } = connected()
    publish(...Array.from({ length: 10 }, () => 'x'.repeat(1024 * kibibyte)))
    echo(take()[1]!)
    expect(take()).toHaveLength(1)
  })

  test('a message of an earlier connection acknowledges nothing: it may have arrived without those before it', () => {
    const { publisher, publish, take, echo } = connected()
    publish('x')
    publisher.publishControl(heartbeat)
    const early = take()
    publisher.onConnected(0)
    publisher.resume(0)
    expect(early.map(echo)).toEqual([{}, {}])
    expect(publisher.oldestUnacknowledged).toBe(1)
  })
})

describe('no echo is a message', () => {
  test.each([
    ['of another node', signed(1, heartbeat, { node: 'b' })],
    ['of a node whose id begins alike', signed(1, heartbeat, { node: 'a1' })],
    ['in the name of this node that it has not signed', signed(1, heartbeat, { key: 'other' })],
    ['in the name of this node that is malformed', signed(1, { type: 'unknown' } as unknown as Body)],
    ['without text', ''],
  ])('%s', (_, message) => {
    const { publisher, publish, echo } = connected()
    publish('x')
    expect([echo(message), publisher.forged, publisher.oldestUnacknowledged]).toEqual([undefined, 0, 1])
  })

  test.each([
    ['a number', signed(2, heartbeat)],
    ['an epoch', signed(1, heartbeat, { epoch: 2 })],
  ])('with %s that this node has not reached: it counts as forged, and acknowledges nothing', (_, message) => {
    const { publisher, publish, take, echo } = connected()
    publish('x')
    expect([echo(message), publisher.forged, publisher.oldestUnacknowledged]).toEqual([{}, 1, 1])
    expect(echo(take()[0]!)).toEqual({ event: JSON.stringify(event('x')) })
  })
})

describe('echoes are overdue', () => {
  test('before the first connection, and 4 s after a connection without one', () => {
    const { publisher } = disconnected()
    expect(publisher.isEchoOverdue(0)).toBe(true)
    publisher.onConnected(0)
    expect([publisher.isEchoOverdue(3999), publisher.isEchoOverdue(4000)]).toEqual([false, true])
  })

  test('4 s after the last echo of an event in its turn, or of a control message that was not echoed before', () => {
    const { clock, publisher, publish, take, echo } = connected()
    publish('x')
    publisher.publishControl(heartbeat)
    const [x, control] = take()
    clock.nowMs = 3000
    echo(x!)
    expect([publisher.isEchoOverdue(6999), publisher.isEchoOverdue(7000)]).toEqual([false, true])
    clock.nowMs = 6000
    echo(control!)
    expect([publisher.isEchoOverdue(9999), publisher.isEchoOverdue(10_000)]).toEqual([false, true])
  })

  test('also where echoes are replayed, in whatever order', () => {
    const { clock, publisher, publish, take, echo } = connected()
    publish('x')
    publisher.publishControl(heartbeat)
    publisher.publishControl(heartbeat)
    const echoes = take()
    for (const message of echoes) echo(message)
    clock.nowMs = 3000
    for (const message of [...echoes, ...echoes]) echo(message)
    expect(publisher.isEchoOverdue(4000)).toBe(true)
  })
})

describe('the lag', () => {
  test('is the age of the oldest unacknowledged message, whether it is an event or not', () => {
    const { clock, publisher, publish, take, echo } = connected()
    clock.nowMs = 1000
    publisher.publishControl(heartbeat)
    clock.nowMs = 1500
    publish('x')
    const [control, x] = take()
    expect(publisher.pace(3000)).toMatchObject({ events: 1, lagMs: 2000 })
    echo(control!)
    expect(publisher.pace(3000).lagMs).toBe(1500)
    echo(x!)
    expect(publisher.pace(3000).lagMs).toBe(0)
  })

  test('does not count the time for which events are paused, nor that without a connection', () => {
    const { publisher, publish } = connected()
    publisher.pause(0)
    publish('x')
    expect(publisher.pace(5000).lagMs).toBe(0)
    publisher.resume(5000)
    // Another resume while events are sent changes nothing.
    publisher.resume(6000)
    expect(publisher.pace(7000).lagMs).toBe(2000)
    publisher.onDisconnected()
    expect(publisher.pace(9000).lagMs).toBe(0)
  })

  test('does not count control messages of an earlier connection, whose echo is not awaited', () => {
    const { publisher } = connected()
    publisher.publishControl(heartbeat)
    publisher.onConnected(1000)
    publisher.resume(1000)
    expect(publisher.pace(5000).lagMs).toBe(0)
  })
})

describe('a node that leaves', () => {
  test('sends its events also where other nodes are missing', () => {
    const { publisher, publish, take } = connected()
    publisher.pause(0)
    publish('x')
    publisher.beginLeave(0)
    publisher.pause(0)
    publish('y')
    expect(take()).toHaveLength(2)
  })

  test('sends its events as soon as it is connected again', () => {
    const { publisher, publish, take } = connected()
    publisher.beginLeave(0)
    publisher.onDisconnected()
    publish('x')
    publisher.pause(0)
    expect(take()).toEqual([])
    publisher.onConnected(0)
    publisher.pause(0)
    expect(take()).toHaveLength(1)
  })

  test('says so whether or not the window has room, and drops the events that are unacknowledged', () => {
    const { publisher, publish, takeDecoded, take } = connected()
    publish('x', 'y')
    take()
    const entries = [{ kind: 'connections' as const, appId: 'x'.repeat(1024 * kibibyte), count: 1 }]
    publisher.publishControl({ ...changes, entries })
    take()
    publisher.leave()
    expect(takeDecoded()).toEqual([{ node: 'a', number: 4, epoch: 1, body: { type: 'leave' } }])
    expect([publisher.isConnected, publisher.dropped, publisher.pace(0).events]).toEqual([false, 2, 0])
  })

  test('says nothing where the backplane is disconnected', () => {
    const { publisher, publish, take } = disconnected()
    publish('x')
    publisher.leave()
    expect([take(), publisher.dropped]).toEqual([[], 1])
  })
})
