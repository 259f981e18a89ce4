import { expect, test } from 'bun:test'
import { parentExit } from '../../src/runtime/parent-watch.ts'

test('the parent has exited once this process has another parent', async () => {
  const parents = [7, 7, 1]
  const slept: number[] = []
  await parentExit(
    7,
    () => parents.shift()!,
    async ms => void slept.push(ms),
  )
  expect(slept).toEqual([1000, 1000])
  expect(parents).toEqual([])
})
