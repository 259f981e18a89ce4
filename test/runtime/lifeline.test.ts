import { expect, test } from 'bun:test'
import { parentGone } from '../../src/runtime/lifeline.ts'

test('the parent has gone once there is another one', async () => {
  const parents = [7, 7, 1]
  const slept: number[] = []
  await parentGone(
    7,
    () => parents.shift()!,
    async ms => void slept.push(ms),
  )
  expect(slept).toEqual([1000, 1000])
  expect(parents).toEqual([])
})
