import { describe, expect, test } from 'bun:test'
import { maxSockets } from '../../src/server/descriptors.ts'

const limits = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             63704                63704                processes
Max open files            ${soft.padEnd(20)} 20000                files
Max locked memory         8388608              8388608              bytes
`

describe('sockets fit under the soft limit of descriptors, with a reserve', () => {
  test.each([
    ['20000', 19_872],
    ['1024', 896],
    ['129', 1],
    ['64', 1],
    ['unlimited', Number.POSITIVE_INFINITY],
  ])('%s', (soft, count) => expect(maxSockets(limits(soft))).toBe(count))

  test('where nobody says the limit there is none', () => expect(maxSockets('')).toBe(Number.POSITIVE_INFINITY))

  test.if(process.platform === 'linux')('the limit of this process is found', () => {
    expect(maxSockets()).toBeGreaterThan(0)
    expect(maxSockets()).toBeLessThan(Number.POSITIVE_INFINITY)
  })
})
