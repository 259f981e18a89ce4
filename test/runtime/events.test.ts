import { describe, expect, test } from 'bun:test'
import type { EventName } from '../../src/config/config.ts'
import { EventStream, maxLineBytes, maxWaitingBytes } from '../../src/runtime/events.ts'

const socket = { appId: '1', socketId: '1.2', origin: 'https://chat.test', lastSeenMs: 5_900, isPinged: false }

/** How those of a socket begin. */
const ofSocket = { app: '1', socket: '1.2', origin: 'https://chat.test', last_seen_at: 1_005, pinged: false }

type Line = { type: string; events: { readonly [name: string]: unknown }[]; dropped: number; too_large: number }

/** A stream whose flushes, and a pipe whose acceptance of lines, the test triggers. */
function stream(wanted: EventName[], awaitsParent = true) {
  const texts: string[] = []
  const written: Line[] = []
  const deferred: (() => void)[] = []
  const taken: (() => void)[] = []
  const pipe = {
    send(line: string) {
      texts.push(line)
      written.push(JSON.parse(line))
    },
    taken: () => new Promise<void>(resolve => void taken.push(resolve)),
  }
  const events = new EventStream(
    new Set(wanted),
    pipe,
    awaitsParent,
    flush => void deferred.push(flush),
    ms => 1_000 + Math.floor(ms / 1000),
  )
  const run = (list: (() => void)[]) => {
    for (const act of list.splice(0)) act()
  }
  const take = async () => {
    run(taken)
    await Promise.resolve()
  }
  return { events, observer: events.observer, texts, written, deferred, flush: () => run(deferred), take }
}

describe('events for the parent', () => {
  test('share a line in order where they occur in one turn of the event loop', () => {
    const all = ['message_received', 'message_sent', 'channel_created', 'channel_removed', 'connection_pruned'] as const
    const { observer, written, flush } = stream([...all])
    observer.received(socket, 'in')
    observer.sent(socket, 'out')
    observer.channel({ event: 'channel_created', appId: '1', channel: 'news' })
    observer.channel({ event: 'channel_removed', appId: '1', channel: 'news' })
    observer.pruned({ ...socket, origin: null, isPinged: true })
    expect(written).toEqual([])
    flush()
    flush()
    expect(written).toEqual([
      {
        type: 'events',
        events: [
          { event: 'message_received', ...ofSocket, message: 'in' },
          { event: 'message_sent', ...ofSocket, message: 'out' },
          { event: 'channel_created', app: '1', channel: 'news' },
          { event: 'channel_removed', app: '1', channel: 'news' },
          { event: 'connection_pruned', ...ofSocket, origin: null, pinged: true },
        ],
        dropped: 0,
        too_large: 0,
      },
    ])
  })

  test('have a channel name that PHP can decode, whatever a client has sent', () => {
    const { observer, written, flush } = stream(['channel_created'])
    observer.channel({ event: 'channel_created', appId: '1', channel: 'a\ud800' })
    flush()
    expect(written[0]!.events).toEqual([{ event: 'channel_created', app: '1', channel: 'a\ufffd' }])
  })

  test('are not sent where the application does not listen to them', () => {
    const { observer, written, deferred, flush } = stream(['message_sent'])
    observer.received(socket, 'in')
    observer.channel({ event: 'channel_created', appId: '1', channel: 'news' })
    expect(deferred).toEqual([])
    observer.sent(socket, 'out')
    flush()
    expect(written.map(({ events }) => events)).toEqual([[{ event: 'message_sent', ...ofSocket, message: 'out' }]])
  })

  test('have a line of their own where they occur in a later turn', () => {
    const { events, observer, written, deferred, flush } = stream(['message_sent'])
    observer.sent(socket, 'a')
    observer.sent(socket, 'b')
    expect(deferred).toHaveLength(1)
    flush()
    events.acknowledge()
    observer.sent(socket, 'c')
    flush()
    expect(written.map(({ events }) => events.length)).toEqual([2, 1])
  })
})

describe('a batch of events in flight', () => {
  test('is the only one until the parent acknowledges it', () => {
    const { events, observer, written, deferred, flush } = stream(['message_sent'])
    observer.sent(socket, 'a')
    flush()
    observer.sent(socket, 'b')
    observer.sent(socket, 'c')
    expect(deferred).toEqual([])
    expect(written).toHaveLength(1)
    events.acknowledge()
    expect(written.map(line => line.events.map(({ message }) => message))).toEqual([['a'], ['b', 'c']])
    events.acknowledge()
    expect(written).toHaveLength(2)
    observer.sent(socket, 'd')
    flush()
    expect(written).toHaveLength(3)
  })

  test('is acknowledged by the pipe where the parent does not acknowledge batches', async () => {
    const { observer, written, flush, take } = stream(['message_sent'], false)
    observer.sent(socket, 'a')
    flush()
    observer.sent(socket, 'b')
    flush()
    expect(written).toHaveLength(1)
    await take()
    expect(written).toHaveLength(2)
  })

  test('is acknowledged by the pipe once stdin has ended', async () => {
    const { events, observer, written, flush, take } = stream(['message_sent'])
    observer.sent(socket, 'a')
    flush()
    observer.sent(socket, 'b')
    events.inputEnded()
    await take()
    expect(written).toHaveLength(2)
    observer.sent(socket, 'c')
    await take()
    expect(written).toHaveLength(3)
  })

  test('does not delay the other events when the server stops', () => {
    const { events, observer, written, flush } = stream(['message_sent'])
    observer.sent(socket, 'a')
    flush()
    observer.sent(socket, 'b')
    events.end()
    events.end()
    expect(written.map(line => line.events.map(({ message }) => message))).toEqual([['a'], ['b']])
  })

  test('cannot be acknowledged before it is sent', () => {
    const { events, written } = stream(['message_sent'])
    events.acknowledge()
    expect(written).toEqual([])
  })
})

describe('the bounds of events, in bytes of UTF-8', () => {
  /** Three bytes each. */
  const text = '✓'.repeat(1000)

  test('keep each line within 256 KiB', () => {
    const { events, observer, texts, written, flush } = stream(['message_sent'])
    for (let i = 0; i < 200; i++) observer.sent(socket, text)
    flush()
    while (written.reduce((sum, line) => sum + line.events.length, 0) < 200) events.acknowledge()
    expect(written.length).toBe(3)
    const bytes = texts.map(line => Buffer.byteLength(line) + 1)
    expect(Math.max(...bytes)).toBeLessThanOrEqual(maxLineBytes)
    expect(bytes[0]).toBeGreaterThan(maxLineBytes - 4000)
  })

  test('keep 768 KiB waiting, with the batch in flight, and count the events that are dropped', () => {
    const { events, observer, texts, written, flush } = stream(['message_sent'])
    observer.sent(socket, 'first')
    flush()
    for (let i = 0; i < 1000; i++) observer.sent(socket, text)
    for (let i = 0; i < 10; i++) events.acknowledge()
    const kept = written.reduce((sum, line) => sum + line.events.length, -1)
    const dropped = written.reduce((sum, line) => sum + line.dropped, 0)
    expect(kept + dropped).toBe(1000)
    const bytes = texts.slice(1).reduce((sum, line) => sum + Buffer.byteLength(line), 0)
    expect(bytes).toBeLessThanOrEqual(maxWaitingBytes)
    expect(bytes).toBeGreaterThan(maxWaitingBytes - 4000)
    observer.sent(socket, 'later')
    flush()
    expect(written.at(-1)).toMatchObject({ dropped: 0, events: [{ message: 'later' }] })
  })

  test('drop every event once one does not fit, until a batch is acknowledged: the order is kept', () => {
    const { events, observer, written, flush } = stream(['message_sent'])
    observer.sent(socket, 'first')
    flush()
    for (let i = 0; i < 1000; i++) observer.sent(socket, text)
    observer.sent(socket, 'small')
    events.acknowledge()
    observer.sent(socket, 'after')
    for (let i = 0; i < 10; i++) events.acknowledge()
    const texts = written.flatMap(line => line.events.map(({ message }) => message))
    expect(texts).not.toContain('small')
    expect(texts).toContain('after')
  })

  test('count an event that is too large for a line apart, and never cut it', () => {
    const { observer, written, flush } = stream(['message_sent'])
    observer.sent(socket, 'x'.repeat(maxLineBytes))
    observer.sent(socket, 'fits')
    flush()
    expect(written).toEqual([
      { type: 'events', events: [expect.objectContaining({ message: 'fits' })], dropped: 0, too_large: 1 },
    ])
  })
})
