import { expect, test } from 'bun:test'
import { jsonLog, terminalLine } from '../../src/runtime/log.ts'

function logged(debug: boolean): string[] {
  const written: string[] = []
  const log = jsonLog(
    line => void written.push(line),
    () => new Date(1_769_860_800_000),
    debug,
  )
  log.debug('d', { a: 1 })
  log.info('i', undefined, 'a-code')
  log.warn('w "quoted"\nsecond line', { b: { c: null } })
  log.error('<fg=nosuch>e</>')
  return written
}

const line = (level: string, rest: string) => `{"type":"log","time":"2026-01-31T12:00:00.000Z","level":"${level}",${rest}}`

test('a pipe gets one JSON object a line', () => {
  expect(logged(true)).toEqual([
    line('debug', '"message":"d","context":{"a":1}'),
    line('info', '"code":"a-code","message":"i"'),
    line('warn', '"message":"w \\"quoted\\"\\nsecond line","context":{"b":{"c":null}}'),
    line('error', '"message":"<fg=nosuch>e</>"'),
  ])
})

test('debug lines are left out unless they are wanted', () => expect(logged(false)).toEqual(logged(true).slice(1)))

test('a terminal gets what it does not obey', () => {
  expect(terminalLine('plain')).toBe('plain')
  expect(terminalLine('a\x1b[2J\nb', { 'k\n': 'v\u202e', list: ['x\n'], none: undefined, count: 3 })).toBe(
    'a\\x1b[2J\\nb k\\n=v\\u{202e} list=["x\\n"] count=3',
  )
  expect(terminalLine('failed', { error: 'Error: x\x1b\n    at y' })).toBe('failed error=Error: x\\x1b\n          at y')
})
