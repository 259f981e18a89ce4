import { describe, expect, test } from 'bun:test'
import { closeSync, openSync, statSync } from 'node:fs'
import { descriptors, openDescriptors } from '../../src/server/descriptors.ts'

const limits = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             63704                63704                processes
Max open files            ${soft.padEnd(20)} 20000                files
Max locked memory         8388608              8388608              bytes
`

describe('the number of sockets that fit leaves a reserve of descriptors', () => {
  test.each([
    ['20000', 19_872],
    ['1024', 896],
    ['129', 1],
    ['64', 1],
    ['unlimited', Number.POSITIVE_INFINITY],
  ])('below a soft limit of %s', (soft, count) => expect(descriptors(limits(soft)).sockets).toBe(count))

  test('and is unlimited where the system reports no limit', () => {
    const none = { limit: Number.POSITIVE_INFINITY, sockets: Number.POSITIVE_INFINITY }
    expect(descriptors('')).toEqual(none)
    expect(descriptors(limits('unlimited'))).toEqual(none)
  })

  test.if(process.platform === 'linux')('below the limit of this process', () => {
    const { limit, sockets } = descriptors()
    expect(limit).toBeLessThan(Number.POSITIVE_INFINITY)
    expect(sockets).toBe(limit - 128)
  })
})

describe.if(process.platform === 'linux')('open descriptors', () => {
  test('are counted as they are opened and closed', () => {
    const before = openDescriptors()
    const file = openSync('/dev/null', 'r')
    expect(openDescriptors()).toBe(before + 1)
    closeSync(file)
  })

  test('are counted by the entries of the folder where the kernel reports no size, as before Linux 6.2', () => {
    expect(statSync('/proc/self/task').size).toBe(0)
    expect(openDescriptors('/proc/self/task')).toBeGreaterThan(0)
  })

  test('are 0 where the system does not list them', () => expect(openDescriptors('/nowhere')).toBe(0))
})
