import { describe, expect, test } from 'bun:test'
import { app } from 'revurb-bench/load/app.ts'
import { channelAuth } from '../support/sign.ts'
import { type Flood, floods, type HttpFlood, type WebSocketFlood } from './floods.ts'

const socketId = '12.34'
const maxMessageBytes = 10_000
const maxRequestBytes = 10_000

const isWebSocket = (flood: Flood): flood is WebSocketFlood => flood.kind === 'websocket'
const isHttp = (flood: Flood): flood is HttpFlood => flood.kind === 'http'

/** The texts of masked frames, one behind the other; every byte must belong to one. */
function textsIn(bytes: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    expect(bytes[at]).toBe(0x81)
    expect(bytes[at + 1]! & 0x80).toBe(0x80)
    const short = bytes[at + 1]! & 0x7f
    const [length, start] = short < 126 ? [short, at + 6] : [bytes.readUInt16BE(at + 2), at + 8]
    texts.push(bytes.toString('latin1', start, start + length))
    at = start + length
  }
  return texts
}

/** The first requests, and how many there are. */
function requestsIn(bytes: Buffer): { head: string; body: string; count: number } {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const head = text.slice(0, end)
  const length = Number(/Content-Length: (\d+)/.exec(head)?.[1] ?? 0)
  const whole = end + 4 + length
  expect(text.length % whole).toBe(0)
  expect(text).toBe(text.slice(0, whole).repeat(text.length / whole))
  return { head, body: text.slice(end + 4, whole), count: text.length / whole }
}

test('every flood has a name of its own', () => {
  expect(new Set(floods.map(({ id }) => id)).size).toBe(floods.length)
})

describe.each(floods.filter(isWebSocket))('the flood "$title"', ({ bytes }) => {
  test('repeats whole frames that a server has no other reason to refuse', () => {
    const { first = Buffer.alloc(0), repeated } = bytes(socketId)
    const texts = [...textsIn(first), ...textsIn(repeated)]
    expect(texts.length).toBeGreaterThan(20)
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(maxMessageBytes)
  })
})

describe.each(floods.filter(isHttp))('the flood "$title"', ({ bytes }) => {
  test('repeats whole requests that are not too large', () => {
    const { body, count } = requestsIn(bytes())
    expect(count).toBeGreaterThan(10)
    expect(body.length).toBeLessThanOrEqual(maxRequestBytes)
  })
})

const websocket = (id: string) => floods.filter(isWebSocket).find(flood => flood.id === id)!
const http = (id: string) => floods.filter(isHttp).find(flood => flood.id === id)!

test('the flood of text repeats a frame of 7 bytes', () => {
  const { repeated } = websocket('text').bytes(socketId)
  expect(repeated.subarray(0, 7)).toEqual(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 'x'.charCodeAt(0)]))
})

test('the flood of nested arrays is JSON that PHP decodes', () => {
  const [text] = textsIn(websocket('nested-arrays').bytes(socketId).repeated)
  const depthOf = (value: unknown): number => (Array.isArray(value) ? 1 + Math.max(0, ...value.map(depthOf)) : 0)
  const { data } = JSON.parse(text!)
  expect([data.length, depthOf(data)]).toEqual([14, 351])
})

test('the member that joins and leaves has a valid signature', () => {
  const [join, leave] = textsIn(websocket('presence-100').bytes(socketId).repeated).map(text => JSON.parse(text))
  const { channel, auth, channel_data } = join.data
  expect(auth).toBe(channelAuth(app, socketId, channel, channel_data))
  expect(leave).toEqual({ event: 'pusher:unsubscribe', data: { channel } })
})

test('the paced member sends less than a client may', () => {
  const { bytes, everyMs } = websocket('presence-1000-paced')
  const perSecond = (count: number) => (count * 1000) / everyMs!
  const { repeated } = bytes(socketId)
  expect(perSecond(textsIn(repeated).length)).toBe(1800)
  expect(perSecond(repeated.length)).toBeLessThan(2_000_000)
})

test('floods of requests send 9.9 KB on 16 connections, and lack what their names say', () => {
  for (const id of ['post-wrong-signature', 'post-unsigned', 'post-without-md5']) {
    const { head, body } = requestsIn(http(id).bytes())
    expect(body).toHaveLength(9900)
    expect(JSON.parse(body)).toMatchObject({ name: 'event' })
    expect(http(id).connections).toBe(16)
    expect(head.includes('auth_signature=')).toBe(id !== 'post-unsigned')
    expect(head.includes('body_md5=')).toBe(id !== 'post-without-md5')
  }
})
