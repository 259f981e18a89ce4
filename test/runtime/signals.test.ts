import { expect, test } from 'bun:test'
import { isIgnored } from '../../src/runtime/signals.ts'

test('a signal is ignored where its bit is set, and where the system reports nothing', () => {
  const status = () => 'Name:\tbun\nSigBlk:\t0000000000000000\nSigIgn:\t8000000000001001\nSigCgt:\t0000000000000002\n'
  expect([1, 2, 3, 13, 64].map(signal => isIgnored(signal, status))).toEqual([true, false, false, true, true])
  expect(isIgnored(1, () => '')).toBe(true)
})

test('SIGKILL is not ignored by this process', () => {
  expect(isIgnored(9)).toBe(process.platform !== 'linux')
})
