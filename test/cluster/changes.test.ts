import { expect, test } from 'bun:test'
import { Changes } from '../../src/cluster/changes.ts'
import type { ControlBody } from '../../src/cluster/envelope.ts'
import type { Entry } from '../../src/core/entry.ts'

type Entries = Extract<ControlBody, { type: 'entries' }>
const count = (channel: string, count: number): Entry => ({ kind: 'subscriptions', appId: '1', channel, count })

/** Changes of a node whose texts get through, or for which there is no room, and what it has sent. */
function changing() {
  const publisher = { isConnected: true, hasRoom: true, publishControl: (body: ControlBody) => said.push(body as Entries) }
  const said: Entries[] = []
  const deferred: (() => void)[] = []
  const changes = new Changes(publisher, act => deferred.push(act))
  const turn = () => {
    for (const act of deferred.splice(0)) act()
    return said.splice(0)
  }
  return { publisher, changes, turn }
}

test('of one turn are sent together, and of the same thing the last one', () => {
  const { changes, turn } = changing()
  for (const entry of [count('a', 1), count('b', 1), count('a', 2)]) changes.note(entry)
  expect(turn()).toEqual([{ type: 'entries', sequence: 1, entries: [count('b', 1), count('a', 2)] }])
  expect([turn(), changes.sequence]).toEqual([[], 1])
})

test('wait while there is no room, and take the place of earlier ones', () => {
  const { publisher, changes, turn } = changing()
  publisher.hasRoom = false
  changes.note(count('a', 1))
  expect(turn()).toEqual([])
  changes.note(count('a', 2))
  publisher.hasRoom = true
  changes.flush()
  expect(turn()).toEqual([{ type: 'entries', sequence: 1, entries: [count('a', 2)] }])
})

test('many are sent in several turns', () => {
  const { changes, turn } = changing()
  const entries = Array.from({ length: 1000 }, (_, i) => count(`${i}`, 1))
  for (const entry of entries) changes.note(entry)
  const said: Entries[] = []
  for (let texts = turn(); texts.length > 0; texts = turn()) {
    expect(texts).toHaveLength(1)
    said.push(...texts)
  }
  expect(said.length).toBeGreaterThan(1)
  expect(said.flatMap(text => text.entries)).toEqual(entries)
})

test('too many, and those of an outage, are skipped: others notice by the number', () => {
  const { publisher, changes, turn } = changing()
  publisher.hasRoom = false
  for (let i = 0; i < 50_000; i++) changes.note(count(`${i}`, 1))
  expect([turn(), changes.sequence > 0]).toEqual([[], true])
  const { sequence } = changes
  publisher.isConnected = false
  changes.note(count('a', 1))
  expect([turn(), changes.sequence]).toEqual([[], sequence + 1])
})
