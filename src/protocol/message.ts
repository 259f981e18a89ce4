/** The only parser of what clients send: text in, one of the messages below out, or a `PusherError`. */
import { invalidMessage } from './errors.ts'
import { parseJson } from './json.ts'
import * as names from './names.ts'
import { nestsDeeper, rawMembers } from './raw-json.ts'

export type Message =
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  | {
      readonly type: 'subscribe'
      readonly channel: string
      readonly auth: string | undefined
      readonly channelData: string | undefined
    }
  | { readonly type: 'unsubscribe'; readonly channel: string }
  /** A sign-in; `userData` is the text that was signed. */
  | { readonly type: 'signin'; readonly auth: string; readonly userData: string }
  /** A client event; `data` is the JSON text as it was sent, and `null` where there was none. */
  | { readonly type: 'client-event'; readonly event: string; readonly channel: string; readonly data: string }
  /** A message that is well-formed and has no effect. */
  | { readonly type: 'ignored' }

type Fields = Readonly<Record<string, unknown>>

/** @throws PusherError 4200 where the text is not a message of the protocol */
export function parseMessage(text: string): Message {
  const fields = asObject(parse(text))
  const event = fields?.event
  if (fields === undefined || typeof event !== 'string' || event === '') throw invalidMessage()
  switch (event) {
    case names.ping:
      return { type: 'ping' }
    case names.pong:
      return { type: 'pong' }
    case names.subscribe:
      return subscription(dataOf(fields))
    case names.unsubscribe:
      return { type: 'unsubscribe', channel: channelOf(dataOf(fields)) }
    case names.signin:
      return signin(dataOf(fields))
  }
  if (event.startsWith(names.protocolPrefix)) throw invalidMessage()
  const { channel } = fields
  if (typeof channel !== 'string' || channel === '') throw invalidMessage()
  if (!event.startsWith(names.clientPrefix)) return { type: 'ignored' }
  return { type: 'client-event', event, channel, data: 'data' in fields ? rawMembers(text).get('data')! : 'null' }
}

function subscription(data: Fields): Message {
  const { auth } = data
  const channelData = isAbsent(data.channel_data) ? undefined : data.channel_data
  if (channelData !== undefined && typeof channelData !== 'string') throw invalidMessage()
  return { type: 'subscribe', channel: channelOf(data), auth: typeof auth === 'string' ? auth : undefined, channelData }
}

/** Reverb takes `channel_data` that is false in PHP for absent: the signature does not cover it. Some clients send an empty text. */
function isAbsent(channelData: unknown): boolean {
  return !channelData || channelData === '0'
}

function signin({ auth, user_data: userData }: Fields): Message {
  if (typeof auth !== 'string' || typeof userData !== 'string') throw invalidMessage()
  return { type: 'signin', auth, userData }
}

/** Clients in other languages may send a number as the name of a channel. Reverb converts it to text, except in client events. */
function channelOf({ channel }: Fields): string {
  if (Number.isSafeInteger(channel)) return String(channel)
  if (typeof channel !== 'string') throw invalidMessage()
  return channel
}

/** Native SDKs send `data` as a JSON string. */
function dataOf({ data }: Fields): Fields {
  const object = asObject(typeof data === 'string' ? parse(data) : data)
  if (object === undefined) throw invalidMessage()
  return object
}

/** The nesting that PHP, and so Reverb, parses with its default `depth` of 512, in which a value inside the innermost list counts. */
const maxLevels = 511

function parse(text: string): unknown {
  return nestsDeeper(text, maxLevels) ? undefined : parseJson(text)
}

function asObject(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}
