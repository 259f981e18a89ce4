import { expect, test } from 'bun:test'
import { Intervals } from '../../src/server/intervals.ts'
import { until } from '../e2e/support/until.ts'

test('an error is reported with the name of its work, which is run again, as all other work is', async () => {
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
  await until('others have gone on', () => later >= 3)
  others.end()
  expect(done).toBe(before)
})
