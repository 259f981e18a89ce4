/** Requests of the API that the application has not signed, byte by byte at a live server. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash, createHmac } from 'node:crypto'
import { testApp } from '../support/apps.ts'
import type { Client } from '../support/client.ts'
import { TestServer } from '../support/server.ts'
import { channelAuth, hmac } from '../support/sign.ts'
import { Connection } from '../support/tcp.ts'

const app = testApp()
const otherApp = testApp({ id: '1002', key: 'other-key', secret: 'other-secret' })
const body = '{"name":"e","channel":"news","data":"{}"}'
const now = () => Math.floor(Date.now() / 1000)
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

type Pair = readonly [name: string, value: string]

/** What is signed, and which part of it is sent. Defaults: those of a publish that is accepted. */
type Given = {
  readonly method?: string
  readonly path?: string
  readonly secret?: string
  /** Parameters that replace the usual ones of these names; undefined removes one. */
  readonly query?: { readonly [name: string]: string | undefined }
  readonly signedBody?: string
  /** The signature of the text to sign. */
  readonly sign?: (secret: string, text: string) => string
}

/** The query of a publish, in the order of its names, as it is sent. */
function signed({
  method = 'POST',
  path = '/apps/1001/events',
  secret = app.secret,
  query = {},
  signedBody = body,
  sign = hmac,
}: Given = {}) {
  const usual = { auth_key: app.key, auth_timestamp: String(now()), auth_version: '1.0', body_md5: md5(signedBody) }
  const pairs = Object.entries({ ...usual, ...query }).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return sealed(pairs.sort(), secret, `${method}\n${path}`, sign)
}

function sealed(pairs: readonly Pair[], secret: string, head: string, sign = hmac): string {
  const text = pairs.map(([name, value]) => `${name}=${value}`).join('&')
  return `${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}&auth_signature=${sign(secret, `${head}\n${text}`)}`
}

type Sent = {
  readonly method?: string
  readonly path?: string
  readonly query: string
  readonly body?: string
  readonly headers?: readonly string[]
}

let server: TestServer
let witness: Client

beforeAll(async () => {
  server = new TestServer({ apps: [app, otherApp] })
  witness = await server.connect()
  await witness.subscribe('news')
})

afterAll(async () => {
  expect(server.unexpected).toEqual([])
  await server[Symbol.asyncDispose]()
})

async function answerTo({ method = 'POST', path = '/apps/1001/events', query, body: sentBody = body, headers = [] }: Sent) {
  const connection = await Connection.open(server.port)
  const length = method === 'GET' ? [] : [`Content-Length: ${Buffer.byteLength(sentBody)}`]
  const head = [
    `${method} ${path}${query === '' ? '' : `?${query}`} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...length,
    ...headers,
  ]
  connection.write(`${head.join('\r\n')}\r\n\r\n${method === 'GET' ? '' : sentBody}`)
  const { status, body: text } = await connection.response()
  connection.destroy()
  return { status, text }
}

test('a signed publish is accepted', async () => {
  expect(await answerTo({ query: signed() })).toEqual({ status: 200, text: '{}' })
  expect(await witness.next()).toEqual({ event: 'e', data: '{}', channel: 'news' })
  expect(await answerTo({ query: signed({ query: { z: 'a b&c=d' } }) })).toEqual({ status: 200, text: '{}' })
  expect(await witness.next()).toEqual({ event: 'e', data: '{}', channel: 'news' })
})

const invalid = 'Authentication signature invalid.'
const reason = (text: string) => `Authentication signature invalid: ${text}`

describe('a publish without a matching signature is refused:', () => {
  const swapped = (query: string, name: string, value: string) =>
    query.replace(new RegExp(`(^|&)${name}=[^&]*`), `$1${name}=${value}`)
  const mixed = (query: string) =>
    query.replace(/(auth_signature=)(.*)/, (_, name, text: string) => `${name}${text.toUpperCase()}`)
  const forgeries: Record<string, () => Sent> = {
    'no query': () => ({ query: '' }),
    'no signature': () => ({ query: signed().replace(/&auth_signature=.*/, '') }),
    'an empty signature': () => ({ query: swapped(signed(), 'auth_signature', '') }),
    'a signature without its last digit': () => ({ query: signed().slice(0, -1) }),
    'a signature with a digit more': () => ({ query: `${signed()}0` }),
    'a signature with a NUL behind': () => ({ query: `${signed()}%00` }),
    'a signature with a space behind': () => ({ query: `${signed()}+` }),
    'a signature in upper case': () => ({ query: mixed(signed()) }),
    'a signature of zeros': () => ({ query: swapped(signed(), 'auth_signature', '0'.repeat(64)) }),
    'a signature in Base64': () => ({
      query: signed({ sign: (secret, text) => encodeURIComponent(createHmac('sha256', secret).update(text).digest('base64')) }),
    }),
    'SHA-1': () => ({ query: signed({ sign: (secret, text) => createHmac('sha1', secret).update(text).digest('hex') }) }),
    'a hash without a secret': () => ({ query: signed({ sign: (_, text) => createHash('sha256').update(text).digest('hex') }) }),
    'the secret of another app': () => ({ query: signed({ secret: otherApp.secret }) }),
    'key and secret of another app': () => ({ query: signed({ secret: otherApp.secret, query: { auth_key: otherApp.key } }) }),
    'an empty secret': () => ({ query: signed({ secret: '' }) }),
    'the authorization of a channel': () => ({
      query: swapped(signed(), 'auth_signature', channelAuth(app, '1.1', 'private-news').slice(app.key.length + 1)),
    }),
    'another method': () => ({ query: signed({ method: 'GET' }) }),
    'a GET that was signed as a POST': () => ({
      method: 'GET',
      path: '/apps/1001/channels',
      query: signed({ path: '/apps/1001/channels', query: { body_md5: undefined } }),
    }),
    'the method in lower case': () => ({ query: signed({ method: 'post' }) }),
    'another path': () => ({ query: signed({ path: '/apps/1001/batch_events' }) }),
    'the path of another app': () => ({ query: signed({ path: '/apps/1002/events' }) }),
    'the path with a slash behind': () => ({ query: signed({ path: '/apps/1001/events/' }) }),
    'the path in upper case': () => ({ query: signed({ path: '/APPS/1001/EVENTS' }) }),
    'the path with a host': () => ({ query: signed({ path: 'http://localhost/apps/1001/events' }) }),
    'the path with its query': () => ({ query: signed({ path: '/apps/1001/events?' }) }),
    'what another app has signed for itself': () => ({
      query: signed({ path: '/apps/1002/events', secret: otherApp.secret, query: { auth_key: otherApp.key } }),
    }),
    'an encoded path that another app has signed': () => ({
      path: '/apps/%31001/events',
      query: signed({ path: '/apps/%31001/events', secret: otherApp.secret, query: { auth_key: otherApp.key } }),
    }),
    'a parameter more': () => ({ query: `${signed()}&info=user_count` }),
    'a parameter more in front': () => ({ query: `a=b&${signed()}` }),
    'a parameter less': () => ({ query: signed({ query: { z: '1' } }).replace('&z=1', '') }),
    'another timestamp': () => ({ query: swapped(signed(), 'auth_timestamp', String(now() + 5)) }),
    'another key': () => ({ query: swapped(signed(), 'auth_key', otherApp.key) }),
    'another version': () => ({ query: swapped(signed(), 'auth_version', '2.0') }),
    'a second timestamp, which counts': () => ({ query: `${signed()}&auth_timestamp=${now() + 5}` }),
    'a second key, which counts': () => ({ query: `${signed()}&auth_key=${otherApp.key}` }),
    'a second signature, which counts': () => ({ query: `${signed()}&auth_signature=${'0'.repeat(64)}` }),
    'a timestamp in a list beside it': () => ({ query: `${signed()}&auth_timestamp[]=1` }),
    'a signature in a list': () => ({ query: signed().replace('auth_signature=', 'auth_signature[]=') }),
    'a signature with an index': () => ({ query: signed().replace('auth_signature=', 'auth_signature[0]=') }),
    'names in upper case': () => ({
      query: signed().replace(/auth_(key|timestamp|version|signature)=/g, name => name.toUpperCase()),
    }),
    'the name of the signature in another case': () => ({ query: signed().replace('auth_signature', 'Auth_Signature') }),
    'a name with a space': () => ({ query: signed().replace('auth_signature', 'auth_signature%20') }),
    'parameters that were signed in another order': () => {
      const pairs: Pair[] = [
        ['body_md5', md5(body)],
        ['auth_version', '1.0'],
        ['auth_timestamp', String(now())],
        ['auth_key', app.key],
      ]
      return { query: sealed(pairs, app.secret, 'POST\n/apps/1001/events') }
    },
    'values that were signed encoded': () => ({
      query: signed({
        query: { z: 'ä b' },
        sign: (secret, text) => hmac(secret, text.replace('ä b', encodeURIComponent('ä b'))),
      }),
    }),
    'lines that end with CR LF': () => ({
      query: signed({ sign: (secret, text) => hmac(secret, text.replaceAll('\n', '\r\n')) }),
    }),
    'another parameter in its value': () => ({ query: swapped(signed(), 'auth_version', '1.0%26a%3Db') }),
    'a semicolon between parameters': () => ({ query: signed().replaceAll('&', ';') }),
    'an Authorization header in its place': () => ({
      query: '',
      headers: [`Authorization: ${channelAuth(app, '1.1', 'private-news')}`],
    }),
    'the signed query in a header that some proxies read': () => ({
      query: '',
      headers: [`X-Original-URL: /apps/1001/events?${signed()}`, `X-Rewrite-URL: /apps/1001/events?${signed()}`],
    }),
  }

  test.each(Object.entries(forgeries))('%s', async (_, forged) => {
    expect(await answerTo(forged())).toEqual({ status: 401, text: invalid })
    await witness.nothingMore()
  })
})

describe('a publish whose body was not signed is refused:', () => {
  const forgeries: Record<string, () => Sent> = {
    'the body of another request': () => ({ query: signed({ signedBody: body.replace('news', 'olds') }) }),
    'a body with a line end more': () => ({ query: signed(), body: `${body}\n` }),
    'a body without its end': () => ({ query: signed(), body: body.slice(0, -1) }),
    'no body': () => ({ query: signed(), body: '' }),
    'a body whose MD5 is signed, and another is sent': () => ({
      query: signed().replace(/body_md5=[0-9a-f]+/, `body_md5=${md5('other')}`),
    }),
    'a body whose MD5 is sent in upper case': () => ({
      query: signed().replace(/(body_md5=)([0-9a-f]+)/, (_, name, hash: string) => `${name}${hash.toUpperCase()}`),
    }),
    'an MD5 that is signed in upper case': () => ({ query: signed({ query: { body_md5: md5(body).toUpperCase() } }) }),
    'an MD5 that is signed, and empty': () => ({ query: signed({ query: { body_md5: '' } }) }),
    'two MD5s, that of the body in front': () => ({ query: `${signed()}&body_md5=${md5('other')}` }),
    'a body, and none signed': () => ({ query: signed({ query: { body_md5: undefined } }) }),
    'a body, and that of none signed': () => ({ query: signed({ signedBody: '' }) }),
  }

  test.each(Object.entries(forgeries))('%s', async (_, forged) => {
    const { status, text } = await answerTo(forged())
    expect(status).toBe(401)
    expect(text).toMatch(/^Authentication signature invalid(\.|: body_md5 is not that of the body\.)$/)
    await witness.nothingMore()
  })
})

describe('a signed publish is refused where', () => {
  const faults: Record<string, readonly [query: () => string, answer: string | RegExp]> = {
    'the key is another app’s': [
      () => signed({ query: { auth_key: otherApp.key } }),
      reason('auth_key is not the key of this app.'),
    ],
    'the key is in upper case': [
      () => signed({ query: { auth_key: 'APP-KEY' } }),
      reason('auth_key is not the key of this app.'),
    ],
    'the key is the beginning of it': [
      () => signed({ query: { auth_key: 'app-ke' } }),
      reason('auth_key is not the key of this app.'),
    ],
    'the key is empty': [() => signed({ query: { auth_key: '' } }), reason('auth_key is not the key of this app.')],
    'there is no key': [() => signed({ query: { auth_key: undefined } }), reason('auth_key is not the key of this app.')],
    'there is no version': [() => signed({ query: { auth_version: undefined } }), reason('auth_version must be 1.0.')],
    'the version is 1.00': [() => signed({ query: { auth_version: '1.00' } }), reason('auth_version must be 1.0.')],
    'the version has full-width digits': [
      () => signed({ query: { auth_version: '１.０' } }),
      reason('auth_version must be 1.0.'),
    ],
    'the timestamp is too old': [
      () => signed({ query: { auth_timestamp: String(now() - 700) } }),
      /^.*auth_timestamp is 70\d seconds off, 600 are allowed\./,
    ],
    'the timestamp is of the future': [
      () => signed({ query: { auth_timestamp: String(now() + 700) } }),
      /^.*auth_timestamp is (700|699) seconds off/,
    ],
    'the timestamp is in milliseconds': [
      () => signed({ query: { auth_timestamp: String(Date.now()) } }),
      /^.*auth_timestamp is \d+ seconds off/,
    ],
    'the timestamp has 400 digits': [
      () => signed({ query: { auth_timestamp: '9'.repeat(400) } }),
      /^.*auth_timestamp is Infinity seconds off/,
    ],
  }

  test.each(Object.entries(faults))('%s', async (_, [query, answer]) => {
    const { status, text } = await answerTo({ query: query() })
    expect(status).toBe(401)
    expect(text).toMatch(answer instanceof RegExp ? answer : new RegExp(`^${answer.replaceAll('.', '\\.')}$`))
    await witness.nothingMore()
  })

  const noTime = [
    '',
    'now',
    '-1',
    '+1',
    '1.5',
    '1e9',
    ' 1',
    '1 ',
    '0x1',
    '1\n',
    '1\0',
    '١٢٣',
    '１',
    'Infinity',
    'NaN',
    '1_000',
    '1,000',
    '[]',
  ]
  test.each(noTime)('the timestamp is %j', async timestamp => {
    const answer = { status: 401, text: reason('auth_timestamp must be a Unix time in seconds.') }
    expect(await answerTo({ query: signed({ query: { auth_timestamp: timestamp } }) })).toEqual(answer)
    await witness.nothingMore()
  })

  test('there is no timestamp', async () => {
    const answer = { status: 401, text: reason('auth_timestamp must be a Unix time in seconds.') }
    expect(await answerTo({ query: signed({ query: { auth_timestamp: undefined } }) })).toEqual(answer)
  })
})

describe('a request without a signature:', () => {
  test.each([
    ['GET', '/apps/1001/channels'],
    ['GET', '/apps/1001/channels/news'],
    ['GET', '/apps/1001/channels/presence-room/users'],
    ['GET', '/apps/1001/connections'],
    ['POST', '/apps/1001/events'],
    ['POST', '/apps/1001/batch_events'],
    ['POST', '/apps/1001/users/u1/terminate_connections'],
    ['POST', '//apps/1001/events'],
    ['POST', '/./apps/1001/events'],
    ['POST', '/x/../apps/1001/events'],
    ['POST', '/apps/%31001/events'],
  ])('%s %s is refused', async (method, path) => {
    expect(await answerTo({ method, path, query: '' })).toEqual({ status: 401, text: invalid })
    await witness.nothingMore()
  })

  test.each([
    [
      'a method override in a header',
      {
        method: 'GET',
        query: signed({ method: 'GET', query: { body_md5: undefined } }),
        headers: ['X-HTTP-Method-Override: POST'],
      },
      405,
    ],
    ['a method override in the query', { method: 'GET', query: '_method=POST' }, 405],
    ['another case of the path', { path: '/Apps/1001/events', query: signed({ path: '/Apps/1001/events' }) }, 404],
    ['a slash behind the path', { path: '/apps/1001/events/', query: signed({ path: '/apps/1001/events/' }) }, 404],
    ['two slashes in the path', { path: '/apps//1001/events', query: signed({ path: '/apps//1001/events' }) }, 404],
    ['an encoded slash', { path: '/apps%2F1001/events', query: signed({ path: '/apps%2F1001/events' }) }, 404],
    ['a parameter of the path', { path: '/apps/1001/events;a=b', query: signed({ path: '/apps/1001/events;a=b' }) }, 404],
  ] as [string, Sent, number][])('%s does not publish', async (_, sent, status) => {
    expect((await answerTo(sent)).status).toBe(status)
    await witness.nothingMore()
  })
})
