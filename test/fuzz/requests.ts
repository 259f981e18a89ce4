/** Requests to the HTTP API: valid ones, odd ones with a valid signature, and mutated ones. */

import type { Random } from '../support/random.ts'
import { signedQuery } from '../support/sign.ts'
import { channelNames, type FuzzApp, userIds } from './apps.ts'
import { mutateBytes, mutateJson, mutateText, oddJson, oddText } from './mutate.ts'

type Request = {
  readonly method: string
  readonly path: string
  readonly query: Record<string, string>
  readonly body: string
}

const plain = (method: string, path: string, query: Record<string, string> = {}): Request => ({ method, path, query, body: '' })

/** A request as bytes: well-formed HTTP, whatever its content is. */
export function request(random: Random, app: FuzzApp): { method: string; bytes: Buffer } {
  const chosen = random.pick([publish, publish, publish, batch, read, read, terminate, elsewhere])(random, app)
  const method = random.chance(0.1) ? random.pick(['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'GET', 'POST']) : chosen.method
  const query = signedQuery(app, { ...chosen, method: random.chance(0.02) ? chosen.method : method })
  // One in six is mutated after it was signed.
  const target = `${chosen.path}?${random.chance(0.08) ? encodeURI(mutateText(random, query).toWellFormed()) : query}`
  const body = random.chance(0.08) ? mutateText(random, chosen.body) : chosen.body
  return { method, bytes: written(random, method, target.replaceAll(/[\s#]/g, ''), body) }
}

function publish(random: Random, app: FuzzApp): Request {
  const event = {
    name: random.pick(['news', 'client-x', 'pusher:x', 'pusher_internal:x', oddText(random)]),
    data: JSON.stringify({ mark: app.mark, odd: oddJson(random, 1) }),
    ...(random.chance(0.5)
      ? { channel: random.pick(channelNames) }
      : { channels: random.several(5, () => random.pick(channelNames)) }),
    ...(random.chance(0.3) ? { info: 'occupied,user_count,subscription_count,cache' } : {}),
    ...(random.chance(0.2) ? { socket_id: random.pick(['1.1', oddText(random)]) } : {}),
  }
  return { ...plain('POST', `/apps/${app.id}/events`), body: odd(random, event) }
}

function batch(random: Random, app: FuzzApp): Request {
  const event = () => ({
    name: 'news',
    channel: random.pick(channelNames),
    data: app.mark,
    ...(random.chance(0.3) ? { info: 'cache' } : {}),
  })
  return { ...plain('POST', `/apps/${app.id}/batch_events`), body: odd(random, { batch: random.several(12, event) }) }
}

function read(random: Random, { id }: FuzzApp): Request {
  const channel = segment(random, random.pick(channelNames))
  const path = random.pick(['channels', `channels/${channel}`, `channels/${channel}/users`, 'connections'])
  const query = random.pick<Record<string, string>>([
    {},
    { info: 'occupied,user_count,subscription_count,cache' },
    { info: 'user_count', filter_by_prefix: 'presence-' },
    { 'info[]': 'cache' },
    { info: oddText(random).toWellFormed(), filter_by_prefix: random.pick(channelNames) },
    { auth_timestamp: random.pick(['0', '-1', 'x', '1e9', '99999999999999999999']) },
    { auth_version: '2.0' },
  ])
  return plain('GET', `/apps/${id}/${path}`, query)
}

function terminate(random: Random, { id }: FuzzApp): Request {
  return plain('POST', `/apps/${id}/users/${segment(random, random.pick(userIds))}/terminate_connections`)
}

function elsewhere(random: Random, { id, key }: FuzzApp): Request {
  const path = random.pick([
    '/up',
    '/',
    '//',
    `/app/${key}`,
    `/apps/${id}`,
    '/apps//events',
    '/apps/%/events',
    `/apps/${id}/events/`,
  ])
  return plain('GET', path)
}

/** A segment of a path, also with characters that would end it. */
function segment(random: Random, text: string): string {
  return encodeURIComponent((random.chance(0.1) ? mutateText(random, text) : text).toWellFormed()) || '-'
}

/** Mostly the data that an application would send, sometimes huge or deep. */
function odd(random: Random, value: object): string {
  if (random.chance(0.7)) return JSON.stringify(value)
  if (random.chance(0.1)) return random.pick(['[', '{"a":', '"x', '']).repeat(random.below(9000))
  if (random.chance(0.1)) return JSON.stringify({ ...value, data: 'x'.repeat(random.below(80_000)) })
  return random.chance(0.6) ? JSON.stringify(mutateJson(random, value)) : mutateText(random, JSON.stringify(value))
}

function written(random: Random, method: string, target: string, body: string): Buffer {
  const key = random.chance(0.2)
    ? [`X-Idempotency-Key: ${random.pick(['1', '2', '3', 'x'.repeat(300), String(random.below(1e9))])}`]
    : []
  const head = [`${method} ${target} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json', ...key]
  const bytes = Buffer.from(body)
  if (bytes.length === 0) return Buffer.from(`${head.join('\r\n')}\r\n${method === 'POST' ? 'Content-Length: 0\r\n' : ''}\r\n`)
  if (random.chance(0.1))
    return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n`), ...chunks(random, bytes)])
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\nContent-Length: ${bytes.length}\r\n\r\n`), bytes])
}

function chunks(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + 1 + random.below(4000))
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
    at += piece.length
  }
  return [...pieces, Buffer.from('0\r\n\r\n')]
}

const oddHeads = [
  'GET /up HTTP/9.9\r\n\r\n',
  'GET  /up HTTP/1.1\r\nHost: x\r\n\r\n',
  'get /up HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /up HTTP/1.1\r\n\r\n',
  'GET /up HTTP/1.0\r\n\r\n',
  'GET http://localhost/up HTTP/1.1\r\nHost: x\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
  'CONNECT localhost:80 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /\ud83d\udcac HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /up HTTP/1.1\nHost: x\n\n',
  'GET /up HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n',
  'GET /up HTTP/1.1\r\nHost: x\r\nA\u0000: b\r\n\r\n',
  'GET /up HTTP/1.1\r\nHost : x\r\n: y\r\n\r\n',
  'POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
  'POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n',
  'POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n',
  'POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n',
  'POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n',
  'POST /up HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n',
  `GET /${'a'.repeat(30_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  `GET /up HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(300)}\r\n`,
  `GET /up HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(30_000)}\r\n\r\n`,
  'GET /app/x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'GET /app/x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 99\r\n\r\n',
]

/** Bytes that are no valid HTTP, or nearly valid. */
export function malformedRequest(random: Random, app: FuzzApp): Buffer {
  if (random.chance(0.4)) return Buffer.from(random.pick(oddHeads))
  const { bytes } = request(random, app)
  if (random.chance(0.2)) return bytes.subarray(0, random.below(bytes.length))
  return random.chance(0.9) ? mutateBytes(random, mutateBytes(random, bytes)) : random.bytes(random.below(200))
}
