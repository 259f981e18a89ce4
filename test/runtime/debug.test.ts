import { describe, expect, test } from 'bun:test'
import { debugWatcher, mask } from '../../src/runtime/debug.ts'
import { jsonLog } from '../../src/runtime/log.ts'

/** Stands for whatever nobody should read in a log. */
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

describe.each(['auth', 'channel_data', 'user_data', 'user_info', 'shared_secret'])('%s', key => {
  test.each(forms)('%s is hidden, whatever it is, and the rest is not', (_, form) => {
    const survivors = secrets.filter(([, value]) =>
      [{ [key]: value }, { before: 1, [key]: value, after: 'plain' }].some(data => {
        const masked = mask(form(data))
        return masked.includes(secret) || !masked.includes('harmless') || !masked.includes('presence-x')
      }),
    )
    expect(survivors.map(([name]) => name)).toEqual([])
  })
})

describe('what members are', () => {
  test('is hidden in the list that a new member gets', () => {
    const presence = { count: 1, ids: [7], hash: { 7: { name: secret, deep: { name: secret } } } }
    const frame = json({ event: 'pusher_internal:subscription_succeeded', data: json({ presence }), channel: 'presence-x' })
    expect(mask(frame)).not.toContain(secret)
    expect(mask(frame)).toContain('presence-x')
  })
})

describe('texts that are no JSON', () => {
  test.each([
    `{"event":"pusher:subscribe","data":{"auth":"key:${secret}`,
    `{"event":"pusher:subscribe","data":{"auth":"key:${secret}"`,
    `{"event":"pusher:subscribe","data":"{\\"auth\\":\\"key:${secret}`,
    `{"event":"pusher:subscribe","data":{"channel_data":"{\\"user_id\\":1,\\"name\\":\\"${secret}`,
    `{"event":"x","data":{"user_info":{"a":{},"name":"${secret}"}`,
    `{"event":"x","data":{"user_info":[1,"${secret}"}`,
  ])('%s', text => expect(mask(text)).not.toContain(secret))
})

test('a name that is written another way is the same name', () => {
  expect(mask(`{"event":"x","data":{"\\u0061uth":"${secret}"}}`)).not.toContain(secret)
  expect(mask(`{"event":"x","data":{"channel\\u005fdata":"${secret}"}}`)).not.toContain(secret)
})

test.each([
  '{"event":"pusher:ping"}',
  '{"event":"client-x","channel":"news","data":{"author":"Ann","text":"auth"}}',
  'no JSON at all',
  '',
])('what holds no secret stays as it is: %s', text => expect(mask(text)).toBe(text))

test('the watcher logs what passes, masked', () => {
  const written: unknown[] = []
  const log = jsonLog(
    line => void written.push(JSON.parse(line)),
    () => new Date(0),
    true,
  )
  const watcher = debugWatcher(log)
  const socket = { appId: '1001', socketId: '1.2', origin: null, lastSeenMs: 0, isPinged: false }
  watcher.received(socket, `{"auth":"${secret}"}`)
  watcher.sent(socket, `{"user_info":"${secret}"}`)
  watcher.channel({ event: 'channel_created', appId: '1001', channel: 'news' })
  watcher.channel({ event: 'channel_removed', appId: '1001', channel: 'news' })
  watcher.pruned(socket)
  expect(JSON.stringify(written)).not.toContain(secret)
  const line = { type: 'log', time: '1970-01-01T00:00:00.000Z', level: 'debug' }
  expect(written).toMatchObject([
    { ...line, message: 'Message received', context: { app: '1001', socket: '1.2' } },
    { ...line, message: 'Message sent', context: { app: '1001', socket: '1.2' } },
    { ...line, message: 'Channel created', context: { channel: 'news' } },
    { ...line, message: 'Channel removed', context: { channel: 'news' } },
    { ...line, message: 'Connection pruned', context: { socketId: '1.2' } },
  ])
})
