import { expect, test } from 'bun:test'
import { droppedLine, jsonLog, openLog, terminalLine } from '../../src/runtime/log.ts'
import { maxWaitingBytes, Output } from '../../src/runtime/output.ts'

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

test('the log in a pipe is one JSON object a line', () => {
  expect(logged(true)).toEqual([
    line('debug', '"message":"d","context":{"a":1}'),
    line('info', '"code":"a-code","message":"i"'),
    line('warn', '"message":"w \\"quoted\\"\\nsecond line","context":{"b":{"c":null}}'),
    line('error', '"message":"<fg=nosuch>e</>"'),
  ])
})

test('debug lines are left out without --debug', () => expect(logged(false)).toEqual(logged(true).slice(1)))

test('a line on a terminal holds no control characters', () => {
  expect(terminalLine('plain')).toBe('plain')
  expect(terminalLine('a\x1b[2J\nb', { 'k\n': 'v\u202e', list: ['x\n'], none: undefined, count: 3 })).toBe(
    'a\\x1b[2J\\nb k\\n=v\\u{202e} list=["x\\n"] count=3',
  )
  expect(terminalLine('failed', { error: 'Error: x\x1b\n    at y' })).toBe('failed error=Error: x\\x1b\n          at y')
})

/** What a log writes for that entry, as its text and as the value of it. */
function entry(message: string, context: object): { text: string; value: { message: string; context: Record<string, unknown> } } {
  let text = ''
  const write = (line: string) => {
    text = line
  }
  jsonLog(write, () => new Date(0), false).error(message, { ...context })
  return { text, value: JSON.parse(text) }
}

test('no line of the log is longer than the parent reads: texts are cut, with their original length', () => {
  const { text, value } = entry('short', { error: '\u0001'.repeat(100_000), app: '1' })
  expect(Buffer.byteLength(text)).toBeLessThan(262_144)
  expect(value.message).toBe('short')
  expect(value.context.app).toBe('1')
  expect(value.context.error).toEndWith('\u0001… (100000 characters)')
})

test('details of a log line that are too long and no text are left out', () => {
  const { text, value } = entry('m'.repeat(5000), { list: Array.from({ length: 100_000 }, (_, i) => i) })
  expect(Buffer.byteLength(text)).toBeLessThan(262_144)
  expect(value.message).toEndWith('m… (5000 characters)')
  expect(value.context).toEqual({ omitted: expect.stringContaining(' characters') })
  expect(Buffer.byteLength(entry('m'.repeat(300_000), {}).text)).toBeLessThan(262_144)
})

test('dropped lines of the log are reported by a line of the log', () => {
  expect(JSON.parse(droppedLine('json')(7))).toMatchObject({
    type: 'log',
    level: 'warn',
    code: 'log-lines-dropped',
    context: { count: 7 },
  })
})

test('a terminal that is not read has as many lines queued as a pipe, and is shown how many were dropped', async () => {
  const written: string[] = []
  let drain = () => {}
  const stream = {
    isRead: false,
    write(text: string) {
      written.push(text)
      return stream.isRead
    },
    once(_: 'drain', resume: () => void) {
      drain = resume
    },
  }
  const log = await openLog(new Output(stream, droppedLine('text')), false, 'text')
  for (let i = 0; i < 1000; i++) log.info('x'.repeat(1000))
  expect(written).toHaveLength(1)
  stream.isRead = true
  drain()
  const shown = written.join('')
  expect(shown.length).toBeWithin(maxWaitingBytes / 2, maxWaitingBytes + 2000)
  expect(shown).toEndWith(
    `WARN Lines of the log were dropped: the program that reads the log of this server stopped reading for a while count=${1000 - written.length + 1}\n`,
  )
})
