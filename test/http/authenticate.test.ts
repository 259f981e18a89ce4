import { describe, expect, test } from 'bun:test'
import { authenticate } from '../../src/http/authenticate.ts'
import { testApp } from '../support/apps.ts'
import { hmac, signedQuery } from '../support/sign.ts'

const app = testApp()
const now = 1_700_000_000
const body = '{"name":"e"}'

/** Undefined where the request is accepted, otherwise the error message. */
function verdict(
  query: string,
  given: { method?: string; paths?: string[]; body?: string; now?: number; app?: typeof app } = {},
) {
  const request = { method: 'POST', paths: ['/apps/1001/events'], ...given, query }
  try {
    const { checkBody } = authenticate(given.app ?? app, request, given.now ?? now, 600)
    if (request.method === 'POST') checkBody(given.body ?? body)
    return undefined
  } catch (error) {
    expect(error).toMatchObject({ name: 'HttpError', status: 401 })
    return (error as Error).message
  }
}

const sign = (changes: object = {}) =>
  signedQuery(app, { method: 'POST', path: '/apps/1001/events', body, timestamp: now, ...changes })

const invalid = 'Authentication signature invalid.'

describe('a signed request is accepted', () => {
  test("as in Pusher's example", () => {
    const pusher = testApp({ key: '278d425bdf160c739803', secret: '7ad3773142a6692b25b8' })
    const query =
      'auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f&auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c'
    const text = '{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}'
    expect(verdict(query, { app: pusher, body: text, paths: ['/apps/3/events'], now: 1_353_088_179 })).toBeUndefined()
  })

  test('with a body, and without one', () => {
    expect(verdict(sign())).toBeUndefined()
    const query = signedQuery(app, { method: 'GET', path: '/apps/1001/channels', timestamp: now })
    expect(verdict(query, { method: 'GET', paths: ['/apps/1001/channels'], body: '' })).toBeUndefined()
  })

  test('with any other parameters', () => {
    expect(verdict(sign({ query: { info: 'a,b', z: 'ü &=%', filter_by_prefix: 'presence-' } }))).toBeUndefined()
  })

  test('with a signature of any of its paths', () => {
    expect(verdict(sign(), { paths: ['/x', '/apps/1001/events'] })).toBeUndefined()
    expect(verdict(sign(), { paths: ['/apps/1001/events', '/x'] })).toBeUndefined()
    expect(verdict(sign(), { paths: ['/x', '/y'] })).toBe(invalid)
  })

  test('with its parameters in any order', () => {
    const pairs = sign().split('&')
    const orders = pairs.map((_, i) => [...pairs.slice(i), ...pairs.slice(0, i)])
    for (const order of [...orders, ...orders.map(order => order.toReversed())]) {
      expect(verdict(order.join('&')), order.join('&')).toBeUndefined()
    }
  })

  test('with parameters that are encoded or not', () => {
    expect(verdict(sign().replace('auth_version=1.0', 'auth_version=%31%2E0'))).toBeUndefined()
    expect(verdict(sign().replace('auth_key=', 'auth%5Fkey='))).toBeUndefined()
    const dashed = testApp({ key: 'a=b+c%d' })
    const query = signedQuery(dashed, { method: 'POST', path: '/apps/1001/events', body, timestamp: now })
    expect(verdict(query, { app: dashed })).toBeUndefined()
    expect(verdict(query.replace('a%3Db', 'a=b'), { app: dashed })).toBeUndefined()
  })

  test('with a key that is not encoded', () => {
    const dotted = testApp({ key: 'a.b-c_d' })
    const query = signedQuery(dotted, { method: 'POST', path: '/apps/1001/events', body, timestamp: now })
    expect(query).toStartWith('auth_key=a.b-c_d&')
    expect(verdict(query, { app: dotted })).toBeUndefined()
    expect(verdict(query)).toContain('auth_key is not the key')
  })

  test('with a timestamp that is encoded, or of another length', () => {
    const query = sign()
    expect(verdict(query.replace(`auth_timestamp=1`, 'auth_timestamp=%31'))).toBeUndefined()
    expect(verdict(sign({ timestamp: 99 }), { now: 99 })).toBeUndefined()
  })

  test('with the last value of a parameter that occurs twice', () => {
    expect(verdict(`auth_key=other&${sign()}`)).toBeUndefined()
    expect(verdict(`auth_signature=other&${sign()}&`)).toBeUndefined()
    expect(verdict(`${sign()}&auth_signature=other`)).toBe(invalid)
  })

  test('with body_md5 in its signature, but not in its query', () => {
    const query = sign().replace(/&body_md5=[0-9a-f]+/, '')
    expect(query).not.toContain('body_md5')
    expect(verdict(query)).toBeUndefined()
  })
})

describe('a body is not read', () => {
  const unread = (query: string, method = 'POST') => authenticate(app, { method, paths: ['/apps/1001/events'], query }, now, 600)

  test('before the signature of the query is verified', () => {
    expect(() => unread(sign().replace(/body_md5=[0-9a-f]+/, `body_md5=${'0'.repeat(32)}`))).toThrow(invalid)
    expect(() => unread(sign().slice(0, -1))).toThrow(invalid)
    expect(() => unread(sign({ timestamp: 1 }))).toThrow('auth_timestamp')
    expect(() => unread('', 'GET')).toThrow(invalid)
  })

  test('unless the query lacks body_md5, as only the body shows whether it was signed', () => {
    expect(unread(sign().replace(/&body_md5=[0-9a-f]+/, ''))).toMatchObject({ isVerified: false })
    expect(unread(sign())).toMatchObject({ isVerified: true })
  })
})

describe('a request is refused for its signature', () => {
  test.each([
    ['no query', ''],
    ['no signature', sign().replace(/&auth_signature=.*/, '')],
    ['an empty one', sign().replace(/auth_signature=.*/, 'auth_signature=')],
    ['one that is cut', sign().slice(0, -1)],
    ['one as a list', sign().replace('auth_signature=', 'auth_signature[]=')],
    ['upper case', sign().replace(/auth_signature=.*/, match => match.toUpperCase().replace('AUTH_SIGNATURE', 'auth_signature'))],
    ['a parameter more', `${sign()}&info=user_count`],
    ['a parameter more in its place', `${sign().slice(0, -12)}&info=a,b,c,`],
    ['another timestamp', sign().replace(`auth_timestamp=${now}`, `auth_timestamp=${now + 1}`)],
    ['another secret', signedQuery({ ...app, secret: 'x' }, { method: 'POST', path: '/apps/1001/events', body, timestamp: now })],
    ['no body signed', signedQuery(app, { method: 'POST', path: '/apps/1001/events', timestamp: now })],
  ])('where it is %s', (_, query) => expect(verdict(query)).toBe(invalid))

  test('where it is that of another method, path or body', () => {
    expect(verdict(sign(), { method: 'GET' })).toBe(invalid)
    expect(verdict(sign(), { paths: ['/apps/1001/batch_events'] })).toBe(invalid)
    const unnamed = sign().replace(/&body_md5=[0-9a-f]+/, '')
    expect(verdict(unnamed, { body: `${body} ` })).toBe(invalid)
    expect(verdict(unnamed, { body: '' })).toBe(invalid)
  })

  test('before any other fault is reported', () => {
    expect(verdict(sign({ query: { auth_key: 'other' } }).slice(0, -1))).toBe(invalid)
  })
})

describe('a request with a valid signature is refused where', () => {
  test('body_md5 is that of another body', () => {
    expect(verdict(sign(), { body: `${body} ` })).toBe('Authentication signature invalid: body_md5 is not that of the body.')
    const encoded = sign().replace('body_md5=', 'body%5Fmd5=')
    expect(verdict(encoded, { body: `${body} ` })).toBe('Authentication signature invalid: body_md5 is not that of the body.')
  })

  test('body_md5 is that of a body, and it has none', () => {
    expect(verdict(sign(), { body: '' })).toBe('Authentication signature invalid: body_md5 is not that of the body.')
  })

  test.each([{ auth_key: 'other' }, { auth_key: '' }, { auth_key: 'APP-KEY' }])('the key is another: %j', query => {
    expect(verdict(sign({ query }))).toBe('Authentication signature invalid: auth_key is not the key of this app.')
  })

  test.each(['1', '1.1', '', '01.0'])('the version is %p', version => {
    expect(verdict(sign({ query: { auth_version: version } }))).toBe(
      'Authentication signature invalid: auth_version must be 1.0.',
    )
  })

  test('the key or the version is missing', () => {
    const signed = (text: string) => `${text}&auth_signature=${hmac(app.secret, `GET\n/p\n${text}`)}`
    const given = { method: 'GET', paths: ['/p'], body: '' }
    expect(verdict(signed(`auth_timestamp=${now}&auth_version=1.0`), given)).toContain('auth_key')
    expect(verdict(signed(`auth_key=app-key&auth_timestamp=${now}`), given)).toContain('auth_version')
    expect(verdict(signed('auth_key=app-key&auth_version=1.0'), given)).toContain('auth_timestamp')
  })

  test.each(['', 'now', '-1', '1.5', '1e9', ' 1', '0x1'])('the timestamp is %p', timestamp => {
    expect(verdict(sign({ query: { auth_timestamp: timestamp } }))).toBe(
      'Authentication signature invalid: auth_timestamp must be a Unix time in seconds.',
    )
  })

  test('the timestamp is too far off, in either direction', () => {
    const message = (seconds: number) =>
      `Authentication signature invalid: auth_timestamp is ${seconds} seconds off, 600 are allowed. Are both clocks right?`
    expect(verdict(sign({ timestamp: now - 600 }))).toBeUndefined()
    expect(verdict(sign({ timestamp: now + 600 }))).toBeUndefined()
    expect(verdict(sign({ timestamp: now - 601 }))).toBe(message(601))
    expect(verdict(sign({ timestamp: now + 601 }))).toBe(message(601))
    expect(verdict(sign({ timestamp: 1 }))).toBe(message(now - 1))
  })
})
