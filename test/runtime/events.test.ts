import { describe, expect, test } from 'bun:test'
import type { EventName } from '../../src/config/config.ts'
import { EventStream } from '../../src/runtime/events.ts'

const socket = { appId: '1', socketId: '1.2', origin: 'https://chat.test', lastSeenMs: 5_900, isPinged: false }

/** How those of a socket begin. */
const ofSocket = { app: '1', socket: '1.2', origin: 'https://chat.test', last_seen_at: 1_005, pinged: false }

/** A stream whose pipe is full or not as the test says, and which flushes when the test says. */
function stream(...wanted: EventName[]) {
  const written: { type: string; events: object[]; dropped: number }[] = []
  const deferred: (() => void)[] = []
  const resumes: (() => void)[] = []
  const state = { full: false }
  const pipe = {
    write(line: string) {
      written.push(JSON.parse(line))
      return !state.full
    },
    onDrain: (resume: () => void) => void resumes.push(resume),
  }
  const { watcher } = new EventStream(
    new Set(wanted),
    pipe,
    flush => void deferred.push(flush),
    ms => 1_000 + Math.floor(ms / 1000),
  )
  const run = (list: (() => void)[]) => {
    for (const act of list.splice(0)) act()
  }
  return { watcher, written, deferred, resumes, state, flush: () => run(deferred), drained: () => run(resumes) }
}

describe('events', () => {
  test('of one moment share a line, in their order', () => {
    const all = ['message_received', 'message_sent', 'channel_created', 'channel_removed', 'connection_pruned'] as const
    const { watcher, written, flush } = stream(...all)
    watcher.received(socket, 'in')
    watcher.sent(socket, 'out')
    watcher.channel({ event: 'channel_created', appId: '1', channel: 'news' })
    watcher.channel({ event: 'channel_removed', appId: '1', channel: 'news' })
    watcher.pruned({ ...socket, origin: null, isPinged: true })
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
      },
    ])
  })

  test('of a channel whose name PHP cannot read name it as PHP can', () => {
    const { watcher, written, flush } = stream('channel_created')
    watcher.channel({ event: 'channel_created', appId: '1', channel: 'a\ud800' })
    flush()
    expect(written[0]!.events).toEqual([{ event: 'channel_created', app: '1', channel: 'a\ufffd' }])
  })

  test('that nobody wants are not told', () => {
    const { watcher, written, deferred, flush } = stream('message_sent')
    watcher.received(socket, 'in')
    watcher.channel({ event: 'channel_created', appId: '1', channel: 'news' })
    expect(deferred).toEqual([])
    watcher.sent(socket, 'out')
    flush()
    expect(written.map(({ events }) => events)).toEqual([[{ event: 'message_sent', ...ofSocket, message: 'out' }]])
  })

  test('of the next moment have a line of their own', () => {
    const { watcher, written, deferred, flush } = stream('message_sent')
    watcher.sent(socket, 'a')
    watcher.sent(socket, 'b')
    expect(deferred).toHaveLength(1)
    flush()
    watcher.sent(socket, 'c')
    flush()
    expect(written.map(({ events }) => events.length)).toEqual([2, 1])
  })
})

describe('a pipe that is full', () => {
  test('gets nothing until it is read, and then what has waited', () => {
    const { watcher, written, deferred, state, flush, drained } = stream('message_sent')
    state.full = true
    watcher.sent(socket, 'a')
    flush()
    expect(written).toHaveLength(1)
    watcher.sent(socket, 'b')
    watcher.sent(socket, 'c')
    expect(deferred).toEqual([])
    state.full = false
    drained()
    expect(written.map(({ events }) => events.length)).toEqual([1, 2])
    watcher.sent(socket, 'd')
    flush()
    expect(written).toHaveLength(3)
  })

  test('that is read when nothing waits gets no empty line', () => {
    const { watcher, written, state, flush, drained } = stream('message_sent')
    state.full = true
    watcher.sent(socket, 'a')
    flush()
    drained()
    expect(written).toHaveLength(1)
  })

  test('keeps 10,000 events waiting and counts those that are given up', () => {
    const { watcher, written, state, flush, drained } = stream('message_sent')
    state.full = true
    watcher.sent(socket, 'first')
    flush()
    for (let i = 0; i < 10_003; i++) watcher.sent(socket, String(i))
    state.full = false
    drained()
    expect(written[1]!.dropped).toBe(3)
    expect(written[1]!.events).toHaveLength(10_000)
    expect(written[1]!.events.at(-1)).toMatchObject({ message: '9999' })
    watcher.sent(socket, 'later')
    flush()
    expect(written[2]).toMatchObject({ dropped: 0, events: [{ message: 'later' }] })
  })
})
