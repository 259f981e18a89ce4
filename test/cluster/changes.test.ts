import { describe, expect, test } from 'bun:test'
import { Changes } from '../../src/cluster/changes.ts'
import type { ControlBody } from '../../src/cluster/envelope.ts'
import type { Entry } from '../../src/core/entry.ts'

type Entries = Extract<ControlBody, { type: 'entries' }>
const count = (channel: string, count: number): Entry => ({ kind: 'subscriptions', appId: '1', channel, count })

/** The changes of a node, a publisher that can be disconnected or have no room, and the messages of each turn. */
function withPublisher() {
  const publisher = { isConnected: true, hasRoom: true, publishControl: (body: ControlBody) => sent.push(body as Entries) }
  const sent: Entries[] = []
  const deferred: (() => void)[] = []
  const changes = new Changes(publisher, act => deferred.push(act))
  const turn = () => {
    for (const act of deferred.splice(0)) act()
    return sent.splice(0)
  }
  return { publisher, changes, turn }
}

test('changes of one turn of the event loop are sent together, and of the same thing only the last one', () => {
  const { changes, turn } = withPublisher()
  for (const entry of [count('a', 1), count('b', 1), count('a', 2)]) changes.add(entry)
  expect(turn()).toEqual([{ type: 'entries', sequence: 1, entries: [count('b', 1), count('a', 2)] }])
  expect([turn(), changes.sequence]).toEqual([[], 1])
})

test('changes are queued while the window has no room, and replace earlier ones of the same thing', () => {
  const { publisher, changes, turn } = withPublisher()
  publisher.hasRoom = false
  changes.add(count('a', 1))
  expect(turn()).toEqual([])
  changes.add(count('a', 2))
  publisher.hasRoom = true
  changes.flush()
  expect(turn()).toEqual([{ type: 'entries', sequence: 1, entries: [count('a', 2)] }])
})

test('many changes are sent in several turns of the event loop', () => {
  const { changes, turn } = withPublisher()
  const entries = Array.from({ length: 1000 }, (_, i) => count(`${i}`, 1))
  for (const entry of entries) changes.add(entry)
  const sent: Entries[] = []
  for (let messages = turn(); messages.length > 0; messages = turn()) {
    expect(messages).toHaveLength(1)
    sent.push(...messages)
  }
  expect(sent.length).toBeGreaterThan(1)
  expect(sent.flatMap(message => message.entries)).toEqual(entries)
})

test('changes over the bound, and those of an outage, are skipped together with their sequence number', () => {
  const { publisher, changes, turn } = withPublisher()
  publisher.hasRoom = false
  // About 19,000 of them have 4 MiB.
  for (let i = 0; i < 50_000; i++) changes.add(count(`${i}`, 1))
  expect([turn(), changes.sequence]).toEqual([[], 2])
  publisher.isConnected = false
  changes.add(count('a', 1))
  expect([turn(), changes.sequence]).toEqual([[], 3])
  publisher.isConnected = true
  publisher.hasRoom = true
  changes.add(count('b', 1))
  expect(turn()).toEqual([{ type: 'entries', sequence: 4, entries: [count('b', 1)] }])
})

test('an outage without changes skips no sequence number', () => {
  const { publisher, changes } = withPublisher()
  publisher.isConnected = false
  changes.flush()
  expect(changes.sequence).toBe(0)
})

describe('the size of a message counts', () => {
  const long = 'x'.repeat(5000)
  const times = Array.from({ length: 1000 }, (_, i) => 1_795_972_813_416 - i)
  const member = (key: string, infoJson?: string): Entry => ({
    kind: 'member',
    appId: '1',
    channel: 'presence-x',
    key,
    member: { key, idJson: `"${key}"`, infoJson },
  })
  const connections = (appId: string, newest?: number[]): Entry => ({
    kind: 'connections',
    appId,
    count: 1,
    ...(newest && { newest }),
  })

  test.each<[string, (key: string) => Entry, number]>([
    ['the names of a change', key => count(`${key} ${long}`, 1), 8],
    ['the info of a member', key => member(key, `"${long}"`), 8],
    ['the times of connections', key => connections(key, times), 10],
    ['nothing else of a member', key => member(key), 1],
    ['nothing of a member who has left', key => ({ ...member(key), member: undefined }), 1],
    ['nothing of connections without times', key => connections(key), 1],
  ])('%s', (_, entryOf, expected) => {
    const { changes, turn } = withPublisher()
    for (let i = 0; i < 100; i++) changes.add(entryOf(`${i}`))
    let messages = 0
    while (turn().length > 0) messages++
    expect(messages).toBe(expected)
  })
})
