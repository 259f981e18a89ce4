import { describe, expect, test } from 'bun:test'
import { debugAnswer, debugObserver, mask } from '../../src/runtime/debug.ts'
import { jsonLog, type Log } from '../../src/runtime/log.ts'
import { testApp } from '../support/apps.ts'

/** Stands for any value that must not be logged. */
const secret = 'HUSH'
const json = JSON.stringify

/** Things that hold a secret, one more crooked than the other. */
const secrets: [string, unknown][] = [
  ['a text', secret],
  ['a text with quotes', `a "b" ${secret}`],
  ['a text with backslashes', `a \\ \\" ${secret}`],
  ['a text with braces and commas', `}, ] { ${secret}`],
  ['JSON in a text', json({ name: 'x', deep: json({ name: secret, more: `"${secret}"` }) })],
  ['an object', { name: secret }],
  ['an object in an object', { a: { b: { c: 1 }, name: secret }, name: secret }],
  ['an object with braces in its texts', { a: '}', name: `{"${secret}` }],
  ['a list', [1, secret, { a: [secret] }]],
  ['a list of lists', [[1], [secret]]],
]

const forms: [string, (data: unknown) => string][] = [
  ['as an object', data => json({ event: 'harmless', data, channel: 'presence-x' })],
  ['as a text', data => json({ event: 'harmless', data: json(data), channel: 'presence-x' })],
  ['as a text in a text', data => json({ event: 'harmless', data: json({ more: json(data) }), channel: 'presence-x' })],
  ['with spaces', data => JSON.stringify({ event: 'harmless', data, channel: 'presence-x' }, null, 2)],
  ['in a text, with spaces', data => json({ event: 'harmless', data: JSON.stringify(data, null, 2), channel: 'presence-x' })],
]

describe.each(['auth', 'channel_data', 'user_data', 'user_info', 'shared_secret'])('the field %s of a logged message', key => {
  test.each(forms)('is hidden as %s, and other fields are not', (_, form) => {
    const survivors = secrets.filter(([, value]) =>
      [{ [key]: value }, { before: 1, [key]: value, after: 'plain' }].some(data => {
        const masked = mask(form(data))
        return masked.includes(secret) || !masked.includes('harmless') || !masked.includes('presence-x')
      }),
    )
    expect(survivors.map(([name]) => name)).toEqual([])
  })
})

describe('the user_info of members', () => {
  test('is hidden in the list that a new member is sent', () => {
    const presence = { count: 1, ids: [7], hash: { 7: { name: secret, deep: { name: secret } } } }
    const frame = json({ event: 'pusher_internal:subscription_succeeded', data: json({ presence }), channel: 'presence-x' })
    expect(mask(frame)).not.toContain(secret)
    expect(mask(frame)).toContain('presence-x')
  })
})

describe('a message that is no JSON', () => {
  test.each([
    `{"event":"pusher:subscribe","data":{"auth":"key:${secret}`,
    `{"event":"pusher:subscribe","data":{"auth":"key:${secret}"`,
    `{"event":"pusher:subscribe","data":"{\\"auth\\":\\"key:${secret}`,
    `{"event":"pusher:subscribe","data":{"channel_data":"{\\"user_id\\":1,\\"name\\":\\"${secret}`,
    `{"event":"x","data":{"user_info":{"a":{},"name":"${secret}"}`,
    `{"event":"x","data":{"user_info":[1,"${secret}"}`,
  ])('is logged without secrets: %s', text => expect(mask(text)).not.toContain(secret))
})

test('a field whose name is written with escapes is hidden as well', () => {
  expect(mask(`{"event":"x","data":{"\\u0061uth":"${secret}"}}`)).not.toContain(secret)
  expect(mask(`{"event":"x","data":{"channel\\u005fdata":"${secret}"}}`)).not.toContain(secret)
})

test.each([
  '{"event":"pusher:ping"}',
  '{"event":"client-x","channel":"news","data":{"author":"Ann","text":"auth"}}',
  'no JSON at all',
  '',
])('a message without a secret is logged unchanged: %s', text => expect(mask(text)).toBe(text))

/** What `--debug` has written. */
function debugged(watch: (log: Log) => void): { message: string; context: Record<string, unknown> }[] {
  const written: { message: string; context: Record<string, unknown> }[] = []
  const log = jsonLog(
    line => void written.push(JSON.parse(line)),
    () => new Date(0),
    true,
  )
  watch(log)
  return written
}

const socket = { appId: '1001', socketId: '1.2', origin: 'https://chat.test', lastSeenMs: 0, isPinged: false }

test('the debug observer logs connections, messages and channels, with secrets masked', () => {
  const written = debugged(log => {
    const observer = debugObserver(log)
    observer.opened(socket)
    observer.received(socket, `{"auth":"${secret}"}`)
    observer.sent(socket, `{"user_info":"${secret}"}`)
    observer.channel({ event: 'channel_created', appId: '1001', channel: 'news' })
    observer.channel({ event: 'channel_removed', appId: '1001', channel: 'news' })
    observer.pruned(socket)
    observer.closed({ appId: '1001', socketId: '1.2', code: 4201, reason: 'Pong reply not received in time', seconds: 1.5 })
    observer.closed({ appId: undefined, socketId: '1.3', code: 4001, reason: '', seconds: 0 })
  })
  expect(JSON.stringify(written)).not.toContain(secret)
  const line = { type: 'log', time: '1970-01-01T00:00:00.000Z', level: 'debug' }
  const known = { app: '1001', socket: '1.2' }
  expect(written).toMatchObject([
    { ...line, code: 'connection-opened', message: 'Connection opened', context: { ...known, origin: 'https://chat.test' } },
    { ...line, code: 'message-received', message: 'Message received', context: known },
    { ...line, code: 'message-sent', message: 'Message sent', context: known },
    { ...line, code: 'channel-created', message: 'Channel created', context: { app: '1001', channel: 'news' } },
    { ...line, code: 'channel-removed', message: 'Channel removed', context: { app: '1001', channel: 'news' } },
    { ...line, code: 'connection-timed-out', message: 'Connection pruned', context: known },
    {
      ...line,
      code: 'connection-closed',
      message: 'Connection closed',
      context: { ...known, code: 4201, reason: 'Pong reply not received in time', seconds: 1.5 },
    },
    { ...line, code: 'connection-closed', context: { socket: '1.3', code: 4001, reason: '', seconds: 0 } },
  ])
})

test('text of clients is escaped and cut in debug lines', () => {
  const text = `\x1b[2J\n\u202e${'x'.repeat(20_000)}`
  const written = debugged(log => {
    const observer = debugObserver(log)
    observer.opened({ ...socket, origin: text })
    observer.received(socket, text)
    observer.sent(socket, text)
    observer.channel({ event: 'channel_created', appId: '1001', channel: text })
    observer.closed({ appId: '1001', socketId: '1.2', code: 1000, reason: text, seconds: 1 })
    debugAnswer(log, () => [testApp()])({ method: 'GET', path: `/${text}`, query: 'a=\u202e' }, 404, 1)
  })
  expect(written).toHaveLength(6)
  for (const { message, context } of written) {
    const shown = [message, ...Object.values(context)].join(' ')
    expect(shown).not.toMatch(/[\p{Cc}\u202e]/u)
    expect(shown.length).toBeLessThan(10_300)
  }
  expect(written[1]!.context.message).toStartWith('\\x1b[2J\\n\\u{202e}xxx')
})

describe('a request in the debug log', () => {
  const shownOf = (path: string, query: string) =>
    debugged(log => debugAnswer(log, () => [testApp()])({ method: 'POST', path, query }, 200, 1.26))[0]!.context.path

  test('has its status and duration', () => {
    const written = debugged(log =>
      debugAnswer(log, () => [testApp()])({ method: 'GET', path: '/app/key', query: 'protocol=7' }, 101, 1.26),
    )
    expect(written).toMatchObject([
      {
        code: 'request-answered',
        message: 'Request answered',
        context: { method: 'GET', path: '/app/key?protocol=7', status: 101, ms: 1.3 },
      },
    ])
  })

  test.each([
    [
      '/apps/1/events',
      `auth_key=k&auth_timestamp=1&auth_version=1.0&body_md5=${secret}&auth_signature=${secret}`,
      '/apps/1/events',
    ],
    [
      '/apps/1/channels',
      `auth_key=k&info=user_count&auth_signature=${secret}&filter_by_prefix=p-`,
      '/apps/1/channels?info=user_count&filter_by_prefix=p-',
    ],
    ['/apps/1/events', `%61uth_signature=${secret}&AUTH_signature=${secret}`, '/apps/1/events'],
    ['/up', '', '/up'],
    ['//', '', '//'],
    ['//[up/x', '', '//[up/x'],
    ['/a%', '%', '/a%?%'],
    ['/app/app-secret', 'protocol=7', '(holds the secret of an app)'],
    ['/app/x', 'protocol=7&key=app-secret', '(holds the secret of an app)'],
  ])('to %s with the query "%s" is shown without its signature and without secrets', (path, query, shown) =>
    expect(shownOf(path, query)).toBe(shown),
  )
})
