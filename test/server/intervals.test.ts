import { expect, test } from 'bun:test'
import { Intervals } from '../../src/server/intervals.ts'
import { until } from '../support/until.ts'

test('an error in periodic work is reported with its name, and all work continues', async () => {
  const errors: string[] = []
  const intervals = new Intervals((error, what) => void errors.push(`${what}: ${error}`))
  let done = 0
  intervals.every(1, 'tick', () => {
    throw 'failed'
  })
  intervals.every(1, 'other', () => void done++)
  await until('both were done twice', () => errors.length >= 2 && done >= 2)
  expect(new Set(errors)).toEqual(new Set(['tick: failed']))
  intervals.end()
  const before = done
  let later = 0
  const others = new Intervals(() => {})
  others.every(1, 'later', () => void later++)
  await until('other work has continued', () => later >= 3)
  others.end()
  expect(done).toBe(before)
})

test('long periodic work is done in turns, between which the event loop continues', async () => {
  const done: string[] = []
  const errors: string[] = []
  const intervals = new Intervals((error, what) => void errors.push(`${what}: ${error}`))
  let turn = 0
  intervals.turns(1, 'work', () => {
    turn++
    done.push(`turn ${turn}`)
    setImmediate(() => done.push('else'))
    if (turn === 2) throw 'failed'
    return turn === 4
  })
  await until('a second round was taken', () => turn > 4)
  intervals.end()
  expect(errors).toEqual(['work: failed'])
  expect(done.slice(0, 8)).toEqual(['turn 1', 'else', 'turn 2', 'else', 'turn 3', 'else', 'turn 4', 'else'])
  const before = turn
  let later = 0
  const others = new Intervals(() => {})
  others.turns(1, 'later', () => ++later % 2 === 0)
  await until('other work has continued', () => later >= 5)
  others.end()
  expect(turn).toBe(before)
})
