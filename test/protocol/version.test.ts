import { expect, test } from 'bun:test'
import { versionFault } from '../../src/protocol/version.ts'

test.each(['4', '5', '6', '7', '07'])('version %s is taken', version => expect(versionFault(version)).toBeUndefined())

test.each<[string | null, number, string]>([
  [null, 4008, 'No protocol version supplied'],
  ['', 4006, 'Invalid version string format'],
  ['seven', 4006, 'Invalid version string format'],
  ['7.0', 4006, 'Invalid version string format'],
  ['-7', 4006, 'Invalid version string format'],
  [' 7', 4006, 'Invalid version string format'],
  ['0', 4007, 'Unsupported protocol version'],
  ['3', 4007, 'Unsupported protocol version'],
  ['8', 4007, 'Unsupported protocol version'],
  ['99999999999999999999999', 4007, 'Unsupported protocol version'],
])('version %p is refused with %p', (version, code, reason) => {
  expect(versionFault(version)).toEqual({ code, reason })
})
