import { expect, test } from 'bun:test'
import { parse } from './options.ts'

test('the soak has a million connections and ten restarts by default', () => {
  expect(parse([])).toEqual({ help: false, connections: 1_000_000, every: 100_000, restarts: 10, within: 10 })
})

test('every option of the soak can be set', () => {
  const args = ['--connections', '20', '--every', '10', '--restarts', '0', '--within', '50', '--help']
  expect(parse(args)).toEqual({ help: true, connections: 20, every: 10, restarts: 0, within: 50 })
})

test.each([
  [['--connections', 'many'], '--connections must be a whole number of at least 1.'],
  [['--restarts', '-1'], "Option '--restarts' argument is ambiguous"],
  [['--restarts=-1'], '--restarts must be a whole number of at least 0.'],
  [['--connections', '100', '--every', '60'], '--connections must be at least twice --every'],
  [['--sockets', '1'], 'sockets'],
])('the soak refuses the options %p', (args, reason) => {
  expect(parse(args)).toContain(reason)
  expect(parse(args)).toContain('make soak')
})
