/**
 * The messages that nodes send to each other: versioned JSON with a signature. A message holds no secret of an app, and is not acted on
 * before its signature is verified. An encoded message is a text that begins with the signature.
 */
import type { Entry } from '../core/entry.ts'
import type { RelayedEvent, SnapshotPart } from '../core/replica.ts'
import { parseJson } from '../protocol/json.ts'
import { signText, verifyText } from '../protocol/signature.ts'
import { isWellFormed } from './well-formed.ts'

const version = 1

/** An event, which every node is to deliver once. */
export type EventBody =
  /** An event that is published to the subscribers of a topic. */
  | ({ readonly type: 'event' } & RelayedEvent)
  /** The application terminates the connections of a user. */
  | { readonly type: 'terminate'; readonly appId: string; readonly userId: string }

/** A request for a part of a snapshot, in the message of that number. */
export type SnapshotRequest = {
  readonly number: number
  readonly part: number
  /** The number of the message with the part before it. Nodes of earlier releases do not send it. */
  readonly after?: number | undefined
}

/** A control message: the state of a node, its heartbeats, and its requests to other nodes. */
export type ControlBody =
  /** Changes of the node's state. `sequence` grows by one with each message, so that a peer notices a gap. */
  | { readonly type: 'entries'; readonly sequence: number; readonly entries: readonly Entry[] }
  /**
   * A part of the node's whole state as of that `sequence`, for one peer. `answers` is the number of the message with the peer's request.
   */
  | ({
      readonly type: 'snapshot'
      readonly to: string
      readonly answers: number
      readonly sequence: number
      /** The number of the sender's oldest event that a node which is new to it may lack: those before have reached every node. */
      readonly from: number
      /**
       * The number of the first event that the receiver delivers, if it is new to the sender and has received it. Nodes of earlier releases
       * do not send it.
       */
      readonly recent?: number | undefined
    } & SnapshotPart)
  /** Requests a part of the snapshot of another node. */
  | ({ readonly type: 'ask'; readonly to: string } & Omit<SnapshotRequest, 'number'>)
  /** The node is alive; `isStopping` announces that it is about to stop. `from` is the number of its oldest event that is queued or unacknowledged. */
  | { readonly type: 'heartbeat'; readonly sequence: number; readonly from: number; readonly isStopping?: boolean }
  | { readonly type: 'leave' }

export type Body = EventBody | ControlBody

/**
 * `number` grows with every message of a node. An event has the number that it was given when it was published, also when it is sent
 * later or again.
 *
 * `epoch` counts how often the node has connected to the backplane. Unacknowledged events are sent again in each epoch, in their order. An
 * event that was sent in an earlier epoch may still arrive, without the events before it: a peer that accepted it would reject those as
 * replays when they are sent again.
 */
type Numbered<Of extends Body> = { readonly node: string; readonly number: number; readonly epoch: number; readonly body: Of }
export type EventEnvelope = Numbered<EventBody>
type ControlEnvelope = Numbered<ControlBody>
export type Envelope = EventEnvelope | ControlEnvelope

export function isEvent(envelope: Envelope): envelope is EventEnvelope {
  return envelope.body.type === 'event' || envelope.body.type === 'terminate'
}

/** The number of hexadecimal digits of a signature. */
export const signatureLength = 64

/** The size in memory of an event beside its texts. */
const overhead = 200

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

/** How every message of a node begins after its signature. */
export function messagePrefix(node: string): string {
  return `[${version},${JSON.stringify(node)},`
}

/** Why a message is ignored: no node of this cluster has signed it, it has another version, or what was signed is not well-formed. */
export type Fault = 'forged' | 'unsupported' | 'malformed'

export function decode(text: string, key: string): Envelope | Fault {
  const signed = text.slice(signatureLength)
  if (!verifyText(key, signed, text.slice(0, signatureLength))) return 'forged'
  const parts = parseJson(signed)
  if (!Array.isArray(parts)) return 'malformed'
  // A node of an earlier release names no epoch.
  const [theirs, node, number, body, epoch = 0] = parts as unknown[]
  if (Number.isSafeInteger(theirs) && theirs !== version) return 'unsupported'
  return theirs === version && isWellFormed(node, number, body, epoch) ? ({ node, number, epoch, body } as Envelope) : 'malformed'
}

/** About the size in memory of an event: its texts take at most twice their length in UTF-8. */
export function sizeOf(event: EventBody): number {
  if (event.type === 'terminate') return overhead + Buffer.byteLength(event.userId)
  return overhead + Buffer.byteLength(event.topic) + Buffer.byteLength(event.frame)
}
