import { expect, test } from 'bun:test'
import { jsonLog } from '../../src/runtime/log.ts'

function logged(debug: boolean): string[] {
  const written: string[] = []
  const log = jsonLog(
    line => void written.push(line),
    () => new Date(1_769_860_800_000),
    debug,
  )
  log.debug('d', { a: 1 })
  log.info('i')
  log.warn('w "quoted"\nsecond line', { b: { c: null } })
  log.error('<fg=nosuch>e</>')
  return written
}

const line = (level: string, rest: string) => `{"type":"log","time":"2026-01-31T12:00:00.000Z","level":"${level}",${rest}}`

test('a pipe gets one JSON object a line', () => {
  expect(logged(true)).toEqual([
    line('debug', '"message":"d","context":{"a":1}'),
    line('info', '"message":"i"'),
    line('warn', '"message":"w \\"quoted\\"\\nsecond line","context":{"b":{"c":null}}'),
    line('error', '"message":"<fg=nosuch>e</>"'),
  ])
})

test('debug lines are left out unless they are wanted', () => expect(logged(false)).toEqual(logged(true).slice(1)))
