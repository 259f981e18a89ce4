import { expect, test } from 'bun:test'
import { Answers } from '../../src/cluster/answers.ts'
import type { ControlBody } from '../../src/cluster/envelope.ts'
import { Snapshots } from '../../src/cluster/snapshots.ts'
import { appsOf } from '../../src/core/app.ts'
import { Hub } from '../../src/core/hub.ts'
import { testApp } from '../support/apps.ts'

/** The answers of a node, and whether its control window has room. */
function withWindow() {
  const sent: ControlBody[] = []
  const window = { hasRoom: true, isFullAfterFlush: false, flushes: 0 }
  const publisher = {
    get hasRoom() {
      return window.hasRoom
    },
    oldestForNewNode: 1,
    oldestRecent: 1,
    publishControl: (body: ControlBody) => sent.push(body),
  }
  const changes = {
    sequence: 7,
    flush() {
      window.flushes++
      if (window.isFullAfterFlush) window.hasRoom = false
    },
  }
  const { state, replica } = new Hub(appsOf([testApp()]))
  for (let i = 0; i < 9; i++) state.localSocketCounts.set(`${i}`, 1)
  // Each part has one entry.
  const answers = new Answers(publisher, changes, new Snapshots({ replica, partCharacters: 1 }))
  const answered = () => sent.splice(0).map(body => (body.type === 'snapshot' ? [body.to, body.answers, body.part] : body.type))
  return { answers, window, answered }
}

test('a request is answered at once, after the changes that were made before it', () => {
  const { answers, window, answered } = withWindow()
  answers.answer('b', { number: 3, part: 0 }, 0)
  expect(answered()).toEqual([['b', 3, 0]])
  expect(window.flushes).toBe(1)
})

test('a request for which the window has no room is answered once it has, the last one of each node', () => {
  const { answers, window, answered } = withWindow()
  window.hasRoom = false
  answers.answer('b', { number: 3, part: 0 }, 0)
  answers.answer('c', { number: 4, part: 0 }, 0)
  answers.answer('b', { number: 5, part: 0 }, 0)
  answers.resume(0)
  expect(answered()).toEqual([])
  window.hasRoom = true
  answers.resume(0)
  expect(answered()).toEqual([
    ['b', 5, 0],
    ['c', 4, 0],
  ])
  answers.resume(0)
  expect(answered()).toEqual([])
})

test('a request is postponed also where the changes before it fill the window', () => {
  const { answers, window, answered } = withWindow()
  window.isFullAfterFlush = true
  answers.answer('b', { number: 3, part: 0 }, 0)
  expect(answered()).toEqual([])
  Object.assign(window, { isFullAfterFlush: false, hasRoom: true })
  answers.resume(0)
  expect(answered()).toEqual([['b', 3, 0]])
})

test('a postponed request of a peer that has been removed is not answered', () => {
  const { answers, window, answered } = withWindow()
  window.hasRoom = false
  answers.answer('b', { number: 3, part: 0 }, 0)
  answers.remove('b')
  window.hasRoom = true
  answers.resume(0)
  expect(answered()).toEqual([])
})

test('a request for the part after the last one that was sent gets it, and any other request begins the snapshot anew', () => {
  const { answers, answered } = withWindow()
  answers.answer('b', { number: 1, part: 0 }, 0)
  answers.answer('b', { number: 2, part: 1, after: 1 }, 0)
  // The node has not sent the part before it.
  answers.answer('b', { number: 3, part: 2 }, 0)
  // The last part was lost, or this request was sent before it arrived.
  answers.answer('b', { number: 4, part: 2, after: 2 }, 0)
  // The part before it was that of an earlier snapshot.
  answers.answer('b', { number: 5, part: 1, after: 1 }, 0)
  answers.answer('b', { number: 6, part: 1, after: 5 }, 0)
  expect(answered().map(([, , part]) => part)).toEqual([0, 1, 2, 0, 0, 1])
})
