/**
 * What nodes say to each other: versioned JSON, signed. Never an app's secret, and nothing that is obeyed before its
 * signature holds.
 */
import type { Entry } from '../core/entry.ts'
import type { CachedEvent, RelayedEvent } from '../core/replica.ts'
import { parseJson } from '../protocol/json.ts'
import { signText, verifyText } from '../protocol/signature.ts'
import { isWellFormed } from './well-formed.ts'

const version = 1

/** What happens once, and is to reach everybody once. */
export type EventBody =
  /** An event for the subscribers of a topic. */
  | ({ readonly type: 'event' } & RelayedEvent)
  /** The application wants a user out. */
  | { readonly type: 'terminate'; readonly appId: string; readonly userId: string }

/** What a node says of itself, and asks of others. */
export type ControlBody =
  /** What has changed on the node, in the order of `sequence`. */
  | { readonly type: 'entries'; readonly sequence: number; readonly entries: readonly Entry[] }
  /** Everything the node has, for one that asked, in the envelope of that number: as it is after that `sequence`. */
  | {
      readonly type: 'snapshot'
      readonly to: string
      readonly answers: number
      readonly sequence: number
      /** The number of the first event that others may not have heard yet. */
      readonly from: number
      /** The number of the part, from 0, and whether there is another one. */
      readonly part: number
      readonly hasMore: boolean
      readonly entries: readonly Entry[]
      readonly kept: readonly CachedEvent[]
    }
  /** One node wants to hear everything of another: that part of it, by its number. */
  | { readonly type: 'ask'; readonly to: string; readonly part: number }
  /** It is there, and may be about to stop. `from` as in a snapshot. */
  | { readonly type: 'heartbeat'; readonly sequence: number; readonly from: number; readonly isStopping?: boolean }
  | { readonly type: 'leave' }

export type Body = EventBody | ControlBody

/**
 * `number` grows with everything that a node has to say. An event keeps the one it got when it happened, however late and
 * however often it is said.
 *
 * `epoch` counts how often the node has connected with the others. Events that have not come back are sent again in each epoch, in
 * their order. What was sent in an earlier one may still arrive, without what was sent before it: whoever took that in would
 * take what is sent again for known.
 */
type Numbered<Of extends Body> = { readonly node: string; readonly number: number; readonly epoch: number; readonly body: Of }
export type EventEnvelope = Numbered<EventBody>
export type ControlEnvelope = Numbered<ControlBody>
export type Envelope = EventEnvelope | ControlEnvelope

export function isEvent(envelope: Envelope): envelope is EventEnvelope {
  return envelope.body.type === 'event' || envelope.body.type === 'terminate'
}

export const signatureLength = 64

/** Of an event, beside its texts. */
const overhead = 200

/** How the text of a snapshot begins, with the node that has asked for it. */
const snapshotStart = /^[^[]{64}\[\d+,"[^"\\]*",\d+,\{"type":"snapshot","to":"([^"\\]*)"/

/** How the text of an event begins, with its topic; and its body alone. */
const eventStart = /^[^[]{64}\[\d+,"[^"\\]*",\d+,\{"type":"event","topic":"([^"\\]*)"/
const bodyStart = /^\{"type":"event","topic":"([^"\\]*)"/

export function encode({ node, number, epoch, body }: Numbered<Body>, key: string): string {
  return seal({ node, number, epoch }, JSON.stringify(body), key)
}

/** @param body as JSON */
export function seal({ node, number, epoch }: Omit<Numbered<Body>, 'body'>, body: string, key: string): string {
  const text = `${messagePrefix(node)}${number},${body},${epoch}]`
  return `${signText(key, text)}${text}`
}

/** The JSON of the body of a message that `seal` has made. @param prefix the `messagePrefix` of its node */
export function bodyOf(message: string, prefix: string): string {
  const numberAt = signatureLength + prefix.length
  return message.slice(message.indexOf(',', numberAt) + 1, message.lastIndexOf(','))
}

/** How everything begins that a node says, after its signature. */
export function messagePrefix(node: string): string {
  return `[${version},${JSON.stringify(node)},`
}

/** Why a text is not obeyed: no node of this version has signed it, or what it has signed is nothing that a node sends. */
export type Fault = 'forged' | 'malformed'

export function decode(text: string, key: string): Envelope | Fault {
  const signed = text.slice(signatureLength)
  if (!verifyText(key, signed, text.slice(0, signatureLength))) return 'forged'
  const parts = parseJson(signed)
  if (!Array.isArray(parts)) return 'malformed'
  // A node of an earlier release names no epoch.
  const [theirs, node, number, body, epoch = 0] = parts as unknown[]
  if (theirs !== version) return 'forged'
  return isWellFormed(node, number, body, epoch) ? ({ node, number, epoch, body } as Envelope) : 'malformed'
}

/** The topic that a text claims to have an event for, before anything of it is verified; undefined when it is no event. */
export function claimedTopic(text: string): string | undefined {
  return eventStart.exec(text)?.[1]
}

/** The node for which a text claims to have a snapshot, before anything of it is verified; undefined when it is none. */
export function claimedReader(text: string): string | undefined {
  return snapshotStart.exec(text)?.[1]
}

/** The same of its body; undefined also where the topic has something that JSON escapes. */
export function topicOfBody(body: string): string | undefined {
  return bodyStart.exec(body)?.[1]
}

/** The size in memory of an event, about: UTF-8 is no shorter than half of what a text takes. */
export function sizeOf(event: EventBody): number {
  if (event.type === 'terminate') return overhead + Buffer.byteLength(event.userId)
  return overhead + Buffer.byteLength(event.topic) + Buffer.byteLength(event.frame)
}
