import { expect, test } from 'bun:test'
import { chooseCores } from '../../machine/cores.ts'

test.each([
  ['0-1', 0, 1],
  ['0,2', 0, 2],
  ['0-3,8-9', 8, 9],
])('of the cores %s the load generator gets %d and the server %d', (list, load, server) =>
  expect(chooseCores(list)).toEqual({ load, server }),
)

test('one core is not enough', () => expect(() => chooseCores('3')).toThrow('two cores'))
