import { expect, test } from 'bun:test'
import { Answers } from '../../src/cluster/answers.ts'
import type { ControlBody } from '../../src/cluster/envelope.ts'
import { Snapshots } from '../../src/cluster/snapshots.ts'
import { appsOf } from '../../src/core/app.ts'
import { Hub } from '../../src/core/hub.ts'
import { testApp } from '../support/apps.ts'

/** A node, and whether the window of its reports has room. */
function answering() {
  const said: ControlBody[] = []
  const window = { hasRoom: true, isFullAfterFlush: false, flushes: 0 }
  const publisher = {
    get hasRoom() {
      return window.hasRoom
    },
    oldestUnacknowledged: 1,
    publishControl: (body: ControlBody) => said.push(body),
  }
  const changes = {
    sequence: 7,
    flush() {
      window.flushes++
      if (window.isFullAfterFlush) window.hasRoom = false
    },
  }
  const { state } = new Hub(appsOf([testApp()]))
  const answers = new Answers(publisher, changes, new Snapshots({ state }))
  const answered = () => said.splice(0).map(body => (body.type === 'snapshot' ? [body.to, body.answers, body.part] : body.type))
  return { answers, window, answered }
}

test('a question is answered at once, after the changes that came before it', () => {
  const { answers, window, answered } = answering()
  answers.answer('b', 3, 0, 0)
  expect(answered()).toEqual([['b', 3, 0]])
  expect(window.flushes).toBe(1)
})

test('a question for which there is no room is answered once there is, the last one of each node', () => {
  const { answers, window, answered } = answering()
  window.hasRoom = false
  answers.answer('b', 3, 0, 0)
  answers.answer('c', 4, 0, 0)
  answers.answer('b', 5, 0, 0)
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

test('a question waits also where the changes before it take the room', () => {
  const { answers, window, answered } = answering()
  window.isFullAfterFlush = true
  answers.answer('b', 3, 0, 0)
  expect(answered()).toEqual([])
  Object.assign(window, { isFullAfterFlush: false, hasRoom: true })
  answers.resume(0)
  expect(answered()).toEqual([['b', 3, 0]])
})

test('a node that is gone is not answered', () => {
  const { answers, window, answered } = answering()
  window.hasRoom = false
  answers.answer('b', 3, 0, 0)
  answers.forget('b')
  window.hasRoom = true
  answers.resume(0)
  expect(answered()).toEqual([])
})
