/** Authorizations that the application has not given, for every kind of channel that needs one and for the sign-in, at a live server. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash, createHmac } from 'node:crypto'
import { testApp } from '../support/apps.ts'
import type { Client } from '../support/client.ts'
import { TestServer } from '../support/server.ts'
import { channelAuth, hmac, signedQuery, userAuth } from '../support/sign.ts'

const app = testApp()
const otherApp = testApp({ id: '1002', key: 'other-key', secret: 'other-secret' })

/** What is to be authorized, and for which connection. */
type Claim = { readonly socketId: string; readonly channel: string; readonly data: string | undefined }

/** Made anew for each claim: fields of `data` in the message, or its JSON text where a parser would not make it. */
type Forgery = (claim: Claim) => { readonly [field: string]: unknown } | string

const right = ({ socketId, channel, data }: Claim, by = app) => channelAuth(by, socketId, channel, data)
const signature = (claim: Claim) => right(claim).slice(app.key.length + 1)
const fields = ({ channel, data }: Claim, auth: unknown) => ({
  channel,
  auth,
  ...(data === undefined ? {} : { channel_data: data }),
})
/** A forgery that is wrong by its `auth` alone. */
const by =
  (auth: (claim: Claim) => unknown): Forgery =>
  claim =>
    fields(claim, auth(claim))
const text = JSON.stringify

/** Refused with 4009, and with AuthError on the channel. */
const forgeries: Record<string, Forgery> = {
  'the secret of another app': by(claim => right(claim, { ...app, secret: otherApp.secret })),
  'the key of another app': by(claim => right(claim, { ...app, key: otherApp.key })),
  'key and secret of another app': by(claim => right(claim, otherApp)),
  'an empty secret': by(claim => right(claim, { ...app, secret: '' })),
  'the key as the secret': by(claim => right(claim, { ...app, secret: app.key })),
  'another channel': by(claim => right({ ...claim, channel: `${claim.channel}x` })),
  'the channel without its last character': by(claim => right({ ...claim, channel: claim.channel.slice(0, -1) })),
  'the channel without its prefix': by(claim => right({ ...claim, channel: claim.channel.replace(/^(private|presence)-/, '') })),
  'the channel as another kind': by(claim => right({ ...claim, channel: `private-${claim.channel}` })),
  'the channel in another case': by(claim => right({ ...claim, channel: claim.channel.toUpperCase() })),
  'the channel as JSON': by(claim => right({ ...claim, channel: text(claim.channel) })),
  'the channel, percent-encoded': by(claim => right({ ...claim, channel: claim.channel.replaceAll('-', '%2D') })),
  'the channel with a look-alike from Cyrillic': by(claim => right({ ...claim, channel: claim.channel.replace('r', 'г') })),
  'another socket': by(claim => right({ ...claim, socketId: '1.1' })),
  'the socket with a digit more': by(claim => right({ ...claim, socketId: `${claim.socketId}0` })),
  'the socket without its last digit': by(claim => right({ ...claim, socketId: claim.socketId.slice(0, -1) })),
  'no socket': by(claim => right({ ...claim, socketId: '' })),
  'other channel_data': by(claim => right({ ...claim, data: '{"user_id":"2"}' })),
  'channel_data with a space more': by(claim => right({ ...claim, data: `${claim.data ?? ''} ` })),
  'the user of the sign-in': by(({ socketId, data }) => userAuth(app, socketId, data ?? '')),
  'a request of the API': by(
    ({ channel }) => `${app.key}:${signedQuery(app, { method: 'GET', path: `/${channel}` }).slice(-64)}`,
  ),
  nothing: by(() => undefined),
  'an empty text': by(() => ''),
  'the key alone': by(() => app.key),
  'the key and a colon': by(() => `${app.key}:`),
  'a colon alone': by(() => ':'),
  'the signature without the key': by(signature),
  'the signature without the key, behind a colon': by(claim => `:${signature(claim)}`),
  'a signature without its last digit': by(claim => right(claim).slice(0, -1)),
  'a signature with a digit more': by(claim => `${right(claim)}0`),
  'a signature twice': by(claim => `${right(claim)}${signature(claim)}`),
  'two colons': by(claim => right(claim).replace(':', '::')),
  'a space in front': by(claim => ` ${right(claim)}`),
  'a line end behind': by(claim => `${right(claim)}\n`),
  'a NUL behind': by(claim => `${right(claim)}\0`),
  'a NUL in the midst': by(claim => right(claim).replace(':', '\0:')),
  'a lone surrogate behind': by(claim => `${right(claim)}\ud800`),
  'a byte-order mark in front': by(claim => `\ufeff${right(claim)}`),
  'digits in upper case': by(claim => `${app.key}:${signature(claim).toUpperCase()}`),
  'the key in upper case': by(claim => `${app.key.toUpperCase()}:${signature(claim)}`),
  'full-width digits': by(claim =>
    right(claim).replace(/[0-9](?=[0-9a-f]*$)/g, digit => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
  ),
  'code units that are equal in their low byte': by(claim =>
    [...right(claim)].map(char => String.fromCharCode(char.charCodeAt(0) + 0x100)).join(''),
  ),
  'SHA-1': by(
    ({ socketId, channel }) => `${app.key}:${createHmac('sha1', app.secret).update(`${socketId}:${channel}`).digest('hex')}`,
  ),
  'a hash without a secret': by(
    ({ socketId, channel }) => `${app.key}:${createHash('sha256').update(`${socketId}:${channel}`).digest('hex')}`,
  ),
  Base64: by(
    ({ socketId, channel }) => `${app.key}:${createHmac('sha256', app.secret).update(`${socketId}:${channel}`).digest('base64')}`,
  ),
  zeros: by(() => `${app.key}:${'0'.repeat(64)}`),
  'a number': by(() => 1),
  null: by(() => null),
  true: by(() => true),
  'a list of the right one': by(claim => [right(claim)]),
  'an object of the right one': by(claim => ({ auth: right(claim) })),
  'a text of 9,000 characters': by(claim => right(claim).padEnd(9000, '0')),
  '__proto__ with the right one': claim => `{"channel":${text(claim.channel)},"__proto__":{"auth":${text(right(claim))}}}`,
  'the right one under another case of its name': claim => ({ ...fields(claim, undefined), Auth: right(claim) }),
  'the right one, and a wrong one behind it': claim =>
    `{"channel":${text(claim.channel)},"auth":${text(right({ ...claim, data: undefined }))},"auth":"x"}`,
  'a channel that was authorized, and another one behind it': claim =>
    `{"channel":${text(claim.channel)},"auth":${text(right({ ...claim, data: undefined }))},"channel":${text(`${claim.channel}2`)}}`,
  'channel_data that was not signed': claim => ({
    channel: claim.channel,
    auth: right({ ...claim, data: undefined }),
    channel_data: '{"user_id":"admin"}',
  }),
  'channel_data that was signed and is not sent': claim => ({
    channel: claim.channel,
    auth: right({ ...claim, data: '{"user_id":"1"}' }),
  }),
  'channel_data that goes on in the name of the channel': claim => ({
    channel: claim.channel,
    auth: channelAuth(app, claim.socketId, `${claim.channel}:x`, undefined),
    channel_data: 'y',
  }),
  'U+FFFD for a lone surrogate in the name': claim => ({
    channel: `${claim.channel}\ud800`,
    auth: right({ ...claim, channel: `${claim.channel}\ufffd`, data: undefined }),
  }),
}

/** Refused as no message of the protocol. */
const malformed: Record<string, Forgery> = {
  'channel_data that is an object': claim => ({ ...fields(claim, right(claim)), channel_data: { user_id: '1' } }),
  'channel_data that is a list': claim => ({ ...fields(claim, right(claim)), channel_data: [claim.data] }),
  'channel_data that is a number': claim => ({ ...fields(claim, right(claim)), channel_data: 7 }),
  'a list of channels': claim => ({ ...fields(claim, right(claim)), channel: [claim.channel] }),
  'an object as the channel': claim => ({ ...fields(claim, right(claim)), channel: { name: claim.channel } }),
  'no channel': claim => ({ auth: right(claim) }),
  'data in a list': claim => text([fields(claim, right(claim))]),
  'data that is JSON in JSON in JSON': claim => text(text(text(fields(claim, right(claim))))),
}

const member = '{"user_id":"1"}'
const kinds = [
  ['private-room', undefined],
  ['private-room', 'any text'],
  ['private-cache-room', undefined],
  ['private-encrypted-room', undefined],
  ['private-encrypted-cache-room', undefined],
  ['presence-room', member],
  ['presence-cache-room', member],
] as const

let server: TestServer

beforeAll(() => {
  server = new TestServer({ apps: [app, otherApp] })
})

afterAll(async () => {
  expect(server.unexpected).toEqual([])
  await server[Symbol.asyncDispose]()
})

const unauthorized = (channel: string) => [
  { event: 'pusher:error', data: '{"code":4009,"message":"Connection is unauthorized"}' },
  {
    event: 'pusher:subscription_error',
    channel,
    data: { type: 'AuthError', error: 'Connection is unauthorized', status: 401 },
  },
]
const invalid = [{ event: 'pusher:error', data: '{"code":4200,"message":"Invalid message format"}' }]

function subscribe(client: Client, data: object | string): void {
  client.send(`{"event":"pusher:subscribe","data":${typeof data === 'string' ? data : text(data)}}`)
}

/** The channels that there are, who is on them, and who is signed in. */
function stateNow(): unknown {
  const { state } = server.running.parts.hub
  const channels = [...state.channels].map(([appId, of]) => [
    appId,
    [...of.values()].map(({ name, localSubscribers }) => [name, ...localSubscribers]),
  ])
  const sockets = [...state.sockets.values()].map(({ id, subscriptions, user }) => [id, subscriptions.size, user?.id])
  return { channels, sockets }
}

describe.each(kinds)('%s with channel_data %p', (channel, data) => {
  let forger: Client
  let witness: Client

  beforeAll(async () => {
    forger = await server.connect()
    witness = await server.connect()
    await witness.subscribe(channel, { app, ...(channel.startsWith('presence-') ? { member: { user_id: 'witness' } } : {}) })
    await witness.untilPong()
  })

  afterAll(() => {
    forger.close()
    witness.close()
  })

  const claim = (): Claim => ({ socketId: forger.socketId, channel, data })

  const attempts = [
    ...Object.entries(forgeries).map(([name, forgery]) => [name, forgery, unauthorized] as const),
    ...Object.entries(malformed).map(([name, forgery]) => [name, forgery, () => invalid] as const),
  ]

  test.each(attempts)('%s is refused, and changes no state', async (_, forgery, answer) => {
    const before = stateNow()
    const sent = forgery(claim())
    subscribe(forger, sent)
    const asked = typeof sent === 'string' ? (JSON.parse(sent) as { channel?: string }).channel : sent.channel
    expect(await forger.untilPong()).toEqual(answer(asked as string))
    expect(stateNow()).toEqual(before)
    await witness.nothingMore()
  })

  test('a refused client receives nothing of the channel, and cannot send to it', async () => {
    forger.send({ event: 'client-x', channel, data: {} })
    expect(await forger.untilPong()).toMatchObject([{ event: 'pusher:error' }])
    await witness.nothingMore()
    await server.publish(channel, 'for those who are on it')
    expect(await witness.next()).toMatchObject({ event: 'e', channel })
    await forger.nothingMore()
  })

  test('the application’s own authorization is accepted', async () => {
    subscribe(forger, fields(claim(), right(claim())))
    const frames = await forger.untilPong()
    expect(frames[0]).toMatchObject({ event: 'pusher_internal:subscription_succeeded', channel })
  })
})

describe('#server-to-user-u1', () => {
  const channel = '#server-to-user-u1'
  const signedIn: Record<string, string | undefined> = {
    'not signed in': undefined,
    'another user': '{"id":"u2"}',
    'a user whose id begins with that one': '{"id":"u11"}',
    'a user whose id is the beginning of that one': '{"id":"u"}',
    'a user of that name in upper case': '{"id":"U1"}',
    'a user of that name and a space': '{"id":"u1 "}',
    'a user of that name and a NUL': '{"id":"u1\\u0000"}',
    'a user of that name in full-width letters': '{"id":"ｕ１"}',
    'a user whose watchlist has that one': '{"id":"u2","watchlist":["u1"]}',
    'a user who has that id in user_info': '{"id":"u2","user_info":{"id":"u1"}}',
    'a user whose id is the name of the channel': '{"id":"#server-to-user-u1"}',
    'a user with two ids, that one first': '{"id":"u1","id":"u2"}',
  }

  test.each(Object.entries(signedIn))(
    'is refused to a connection that is %s, whatever is signed for the channel',
    async (_, userData) => {
      const forger = await server.connect()
      if (userData !== undefined) {
        forger.send({ event: 'pusher:signin', data: { auth: userAuth(app, forger.socketId, userData), user_data: userData } })
        expect((await forger.untilPong())[0]!.event).toBe('pusher:signin_success')
      }
      const claim: Claim = { socketId: forger.socketId, channel, data: undefined }
      const before = stateNow()
      for (const auth of [undefined, right(claim), userAuth(app, forger.socketId, '{"id":"u1"}')]) {
        subscribe(forger, { channel, auth })
        expect(await forger.untilPong()).toEqual(unauthorized(channel))
        subscribe(forger, { channel, auth, channel_data: '{"id":"u1"}' })
        expect(await forger.untilPong()).toEqual(unauthorized(channel))
      }
      expect(stateNow()).toEqual(before)
      await server.publish(channel, 'for u1 alone')
      await forger.nothingMore()
      forger.close()
      await forger.closed
    },
  )
})

describe('the sign-in', () => {
  const userData = '{"id":"u1"}'
  const userRight = (claim: Claim, given = app) => userAuth(given, claim.socketId, userData)
  const byUser = (auth: (claim: Claim) => unknown) => (claim: Claim) => ({ auth: auth(claim), user_data: userData })
  const forgedUsers: Record<string, Forgery> = {
    'the secret of another app': byUser(claim => userRight(claim, { ...app, secret: otherApp.secret })),
    'the key of another app': byUser(claim => userRight(claim, { ...app, key: otherApp.key })),
    'key and secret of another app': byUser(claim => userRight(claim, otherApp)),
    'another socket': byUser(claim => userRight({ ...claim, socketId: '1.1' })),
    'the socket without its last digit': byUser(claim => userRight({ ...claim, socketId: claim.socketId.slice(0, -1) })),
    'another user': byUser(claim => userAuth(app, claim.socketId, '{"id":"u2"}')),
    'the same user with a space more': byUser(claim => userAuth(app, claim.socketId, '{"id": "u1"}')),
    'a channel': byUser(claim => channelAuth(app, claim.socketId, 'private-room', userData)),
    'a channel called user': byUser(claim => channelAuth(app, claim.socketId, 'user', userData)),
    'an empty text': byUser(() => ''),
    'the key and a colon': byUser(() => `${app.key}:`),
    'the signature without the key': byUser(claim => userRight(claim).slice(app.key.length + 1)),
    'a signature without its last digit': byUser(claim => userRight(claim).slice(0, -1)),
    'a signature with a digit more': byUser(claim => `${userRight(claim)}0`),
    'digits in upper case': byUser(
      claim =>
        `${app.key}:${userRight(claim)
          .slice(app.key.length + 1)
          .toUpperCase()}`,
    ),
    'a NUL behind': byUser(claim => `${userRight(claim)}\0`),
    'a lone surrogate behind': byUser(claim => `${userRight(claim)}\udfff`),
    'code units that are equal in their low byte': byUser(claim =>
      [...userRight(claim)].map(char => String.fromCharCode(char.charCodeAt(0) + 0x100)).join(''),
    ),
    zeros: byUser(() => `${app.key}:${hmac('', '')}`),
    'other user_data': claim => ({ auth: userRight(claim), user_data: '{"id":"admin"}' }),
    'user_data with a space more': claim => ({ auth: userRight(claim), user_data: `${userData} ` }),
    'user_data that was signed, and other behind it': claim =>
      `{"auth":${text(userRight(claim))},"user_data":${text(userData)},"user_data":${text('{"id":"admin"}')}}`,
  }
  const malformedUsers: Record<string, Forgery> = {
    'no auth': () => ({ user_data: userData }),
    'a number': byUser(() => 1),
    null: byUser(() => null),
    'a list of the right one': byUser(claim => [userRight(claim)]),
    'user_data that is an object': claim => ({ auth: userRight(claim), user_data: { id: 'u1' } }),
    'no user_data': claim => ({ auth: userRight(claim) }),
    'data in a list': claim => text([{ auth: userRight(claim), user_data: userData }]),
    '__proto__ with the right one': claim => `{"user_data":${text(userData)},"__proto__":{"auth":${text(userRight(claim))}}}`,
  }
  const refused = [{ event: 'pusher:error', data: '{"code":4009,"message":"Connection is unauthorized"}' }]
  const attempts = [
    ...Object.entries(forgedUsers).map(([name, forgery]) => [name, forgery, refused] as const),
    ...Object.entries(malformedUsers).map(([name, forgery]) => [name, forgery, invalid] as const),
  ]
  const claimOf = ({ socketId }: Client): Claim => ({ socketId, channel: '', data: undefined })
  const send = (client: Client, data: object | string) =>
    client.send(`{"event":"pusher:signin","data":${typeof data === 'string' ? data : text(data)}}`)

  let forger: Client

  beforeAll(async () => {
    forger = await server.connect()
  })

  test.each(attempts)('%s is refused, and no user is signed in', async (_, forgery, answer) => {
    const before = stateNow()
    send(forger, forgery(claimOf(forger)))
    expect(await forger.untilPong()).toEqual(answer)
    expect(stateNow()).toEqual(before)
    subscribe(forger, { channel: '#server-to-user-u1' })
    expect(await forger.untilPong()).toEqual(unauthorized('#server-to-user-u1'))
  })

  test('the application’s own authentication is accepted, and subscribes to the channel of that user', async () => {
    send(forger, byUser(userRight)(claimOf(forger)))
    expect((await forger.untilPong())[0]).toMatchObject({ event: 'pusher:signin_success' })
    subscribe(forger, { channel: '#server-to-user-u1' })
    expect((await forger.untilPong())[0]).toMatchObject({ event: 'pusher_internal:subscription_succeeded' })
  })
})
