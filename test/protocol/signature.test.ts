import { describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import {
  channelAuth,
  md5,
  requestSignature,
  signText,
  verifyChannel,
  verifyRequest,
  verifyText,
  verifyUser,
} from '../../src/protocol/signature.ts'

/** The examples of https://pusher.com/docs/channels/library_auth_reference/ */
const app = { key: '278d425bdf160c739803', secret: '7ad3773142a6692b25b8' }
const socketId = '1234.1234'
const privateAuth = '278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4'
const presenceAuth = '278d425bdf160c739803:afaed3695da2ffd16931f457e338e6c9f2921fa133ce7dac49f529792be6304c'
const channelData = '{"user_id":10,"user_info":{"name":"Mr. Pusher"}}'

describe('the signature of a subscription', () => {
  test("is that of Pusher's examples", () => {
    expect(channelAuth(app, socketId, 'private-foobar')).toBe(privateAuth)
    expect(channelAuth(app, socketId, 'presence-foobar', channelData)).toBe(presenceAuth)
  })

  test('is valid for exactly what was signed', () => {
    expect(verifyChannel(app, socketId, 'private-foobar', undefined, privateAuth)).toBe(true)
    expect(verifyChannel(app, socketId, 'presence-foobar', channelData, presenceAuth)).toBe(true)
  })

  test.each([
    ['another socket', { socketId: '1234.1235' }],
    ['another channel', { channel: 'private-foobaz' }],
    ['data that was not signed', { channelData: '' }],
    ['another secret', { app: { ...app, secret: 'x' } }],
    ['another key', { app: { ...app, key: '278d425bdf160c739804' } }],
    ['no key', { auth: privateAuth.slice(privateAuth.indexOf(':')) }],
    ['the bare signature', { auth: privateAuth.slice(privateAuth.indexOf(':') + 1) }],
    ['upper case', { auth: privateAuth.toUpperCase() }],
    ['nothing', { auth: '' }],
    ['something behind it', { auth: `${privateAuth} ` }],
    ['one wrong digit', { auth: `${privateAuth.slice(0, -1)}5` }],
    ['other characters of as many bytes', { auth: `${privateAuth.slice(0, -2)}ä` }],
  ])('is not valid for %s', (_, changes) => {
    const all = { app, socketId, channel: 'private-foobar', channelData: undefined, auth: privateAuth, ...changes }
    expect(verifyChannel(all.app, all.socketId, all.channel, all.channelData, all.auth)).toBe(false)
  })
})

test('a signature is that of the given secret, whichever was used before', () => {
  const plain = (secret: string) => createHmac('sha256', secret).update('text').digest('hex')
  for (const secret of ['a', 'a', 'b', '', 'a', 'c', 'b']) expect(signText(secret, 'text')).toBe(plain(secret))
})

describe('the signature of a request', () => {
  const body = '{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}'
  const query =
    'auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f'
  const signature = 'da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c'

  test("is that of Pusher's example", () => {
    expect(md5(body)).toBe('ec365a775a4cd0599faeb73354201b6f')
    expect(requestSignature(app.secret, 'POST', '/apps/3/events', query)).toBe(signature)
    expect(verifyRequest(app.secret, 'POST', '/apps/3/events', query, signature)).toBe(true)
  })

  test.each([
    ['another secret', ['x', 'POST', '/apps/3/events', query, signature]],
    ['another method', [app.secret, 'GET', '/apps/3/events', query, signature]],
    ['another path', [app.secret, 'POST', '/apps/3/event', query, signature]],
    ['another query', [app.secret, 'POST', '/apps/3/events', `${query}&a=1`, signature]],
    ['a cut signature', [app.secret, 'POST', '/apps/3/events', query, signature.slice(1)]],
    ['no signature', [app.secret, 'POST', '/apps/3/events', query, '']],
  ] as const)('is not valid for %s', (_, [secret, method, path, given, sign]) => {
    expect(verifyRequest(secret, method, path, given, sign)).toBe(false)
  })
})

test('the MD5 of bytes and of a text is the same', () => {
  expect(md5('')).toBe('d41d8cd98f00b204e9800998ecf8427e')
  expect(md5('ü')).toBe(md5(new Uint8Array([0xc3, 0xbc])))
})

test('a message between nodes is signed with their key', () => {
  const signature = signText('key', 'text')
  expect(signature).toMatch(/^[0-9a-f]{64}$/)
  expect(verifyText('key', 'text', signature)).toBe(true)
  for (const [key, text] of [
    ['kex', 'text'],
    ['key', 'texts'],
  ] as const)
    expect(verifyText(key, text, signature)).toBe(false)
})

describe('the signature of a sign-in', () => {
  const userData = '{"id":"12345"}'
  const auth = '278d425bdf160c739803:4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba'

  test("is that of Pusher's example", () => {
    expect(verifyUser(app, socketId, userData, auth)).toBe(true)
  })

  test.each([
    ['another socket', { socketId: '1234.1235' }],
    ['another user', { userData: '{"id":"12346"}' }],
    ['another secret', { app: { ...app, secret: 'x' } }],
    ['another key', { app: { ...app, key: 'x' } }],
    ['a channel of that name', { auth: channelAuth(app, socketId, 'user', userData) }],
    ['nothing', { auth: '' }],
  ])('is not valid for %s', (_, changes) => {
    const all = { app, socketId, userData, auth, ...changes }
    expect(verifyUser(all.app, all.socketId, all.userData, all.auth)).toBe(false)
  })
})
