/**
 * The floods: what one client, or one without a key, sends as fast as the server takes it, or as fast as it may without
 * being closed. All bytes are prepared before they are sent, so that the sender costs next to nothing.
 */
import { app } from 'revurb-bench/load/app.ts'
import { textFrame } from 'revurb-bench/load/frames.ts'
import { channelAuth } from '../support/sign.ts'

type Described = {
  readonly id: string
  readonly title: string
  /** Settings of the app, in the server's document. */
  readonly app?: object
}

/** Sent over one WebSocket. */
export type WebSocketFlood = Described & {
  readonly kind: 'websocket'
  /** Clients that hold a presence channel which the sender joins and leaves. */
  readonly members?: number
  /** When set, `repeated` is sent once in so many milliseconds, and otherwise as fast as the server takes it. */
  readonly everyMs?: number
  /** `first` is sent once after the greeting, then `repeated` without end. */
  readonly bytes: (socketId: string) => { readonly first?: Buffer; readonly repeated: Buffer }
}

/** Pipelined requests over connections of HTTP. */
export type HttpFlood = Described & {
  readonly kind: 'http'
  readonly connections: number
  readonly bytes: () => Buffer
}

export type Flood = WebSocketFlood | HttpFlood

/** A presence channel, and the user that joins and leaves it. */
export const presenceChannel = 'presence-room'
export const churner = 'churner'

const publicChannel = 'news'
/** Large enough that a write fills the buffer of the kernel. */
const bufferBytes = 262_144
/** A little less than `max_request_size` of 10,000, as shipped. */
const bodyBytes = 9_900
/** With brackets and the event's name and channel, a little less than `max_message_size` of 10,000, as shipped; PHP reads 511 levels. */
const nested = { arrays: 14, levels: 350 }

/** Less than `max_messages_per_second` of 2,000, as shipped. */
const pacedMessagesPerSecond = 1800
const paceMs = 50

/** A refused message is one after so many in a second; the clients of the probe stay far below. */
const rateLimited = { rate_limiting: { enabled: true, max_attempts: 250, decay_seconds: 1, terminate_on_limit: false } }

export const floods: readonly Flood[] = [
  websocket('text', 'text `x`', { repeated: ['x'] }),
  { ...websocket('rate-limited', 'text `x`, `rate_limiting` on', { repeated: ['x'] }), app: rateLimited },
  websocket('ping', '`pusher:ping`', { repeated: [{ event: 'pusher:ping' }] }),
  websocket('resubscribe', 'subscribe to one channel again and again', { repeated: [subscribe(publicChannel)] }),
  websocket('subscribe-unsubscribe', 'subscribe and unsubscribe', {
    repeated: [subscribe(publicChannel), unsubscribe(publicChannel)],
  }),
  websocket('wrong-signature', 'subscribe with a wrong signature', {
    repeated: [subscribe('private-room', { auth: `${app.key}:${'0'.repeat(64)}` })],
  }),
  websocket('nested-arrays', 'client event of 14 arrays in 350 levels', {
    first: [subscribe(publicChannel)],
    repeated: [`{"event":"client-x","channel":"${publicChannel}","data":${nestedArrays()}}`],
  }),
  {
    ...http('up', 'pipelined `GET /up`', () => 'GET /up HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
    connections: 1,
  },
  http('post-wrong-signature', 'POST with a wrong signature', body => post(body, { signature: true, md5: true })),
  http('post-unsigned', 'POST without a signature', body => post(body, { signature: false, md5: true })),
  http('post-without-md5', 'POST without `body_md5`', body => post(body, { signature: true, md5: false })),
  presence(100),
  presence(1000),
  pacedPresence(100),
  pacedPresence(1000),
]

type Messages = { readonly first?: readonly (object | string)[]; readonly repeated: readonly (object | string)[] }

function websocket(id: string, title: string, { first = [], repeated }: Messages): WebSocketFlood {
  const bytes = { first: frames(first), repeated: repeat(frames(repeated)) }
  return { kind: 'websocket', id, title, bytes: () => bytes }
}

function http(id: string, title: string, request: (body: string) => string): HttpFlood {
  const body = JSON.stringify({ name: 'event', channel: publicChannel, data: 'x'.repeat(bodyBytes) }).slice(0, bodyBytes - 2)
  return { kind: 'http', id, title, connections: 16, bytes: () => repeat(Buffer.from(request(`${body}"}`))) }
}

function presence(members: number): WebSocketFlood {
  return {
    kind: 'websocket',
    id: `presence-${members}`,
    title: `join and leave, ${members.toLocaleString('en')} members`,
    members,
    bytes: socketId => ({ repeated: repeat(joinAndLeave(socketId)) }),
  }
}

/** Never closed for its rate, so that only what joins and leaves themselves cost is bounded, and not how many there are. */
function pacedPresence(members: number): WebSocketFlood {
  const { id, title, ...flood } = presence(members)
  return {
    ...flood,
    id: `${id}-paced`,
    title: `${title}, ${pacedMessagesPerSecond.toLocaleString('en')} messages a second`,
    everyMs: paceMs,
    bytes: socketId => ({ repeated: copies(joinAndLeave(socketId), (pacedMessagesPerSecond * paceMs) / 1000 / 2) }),
  }
}

/** Both with a valid signature, in two frames. */
function joinAndLeave(socketId: string): Buffer {
  const channel_data = JSON.stringify({ user_id: churner, user_info: { name: 'Somebody' } })
  const auth = channelAuth(app, socketId, presenceChannel, channel_data)
  return frames([subscribe(presenceChannel, { auth, channel_data }), unsubscribe(presenceChannel)])
}

function subscribe(channel: string, credentials: object = {}): object {
  return { event: 'pusher:subscribe', data: { channel, ...credentials } }
}

function nestedArrays(): string {
  const array = '['.repeat(nested.levels) + ']'.repeat(nested.levels)
  return `[${Array(nested.arrays).fill(array).join(',')}]`
}

function unsubscribe(channel: string): object {
  return { event: 'pusher:unsubscribe', data: { channel } }
}

function post(body: string, { signature, md5 }: { signature: boolean; md5: boolean }): string {
  const parameters = {
    auth_key: app.key,
    auth_timestamp: String(Math.floor(Date.now() / 1000)),
    auth_version: '1.0',
    ...(md5 ? { body_md5: new Bun.CryptoHasher('md5').update(body).digest('hex') } : {}),
    ...(signature ? { auth_signature: '0'.repeat(64) } : {}),
  }
  const target = `/apps/${app.id}/events?${new URLSearchParams(parameters)}`
  return `POST ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

function frames(messages: readonly (object | string)[]): Buffer {
  return Buffer.concat(messages.map(message => textFrame(typeof message === 'string' ? message : JSON.stringify(message))))
}

/** Whole copies, as many as fill a buffer. */
function repeat(bytes: Buffer): Buffer {
  return copies(bytes, Math.floor(bufferBytes / bytes.length))
}

function copies(bytes: Buffer, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes))
}
