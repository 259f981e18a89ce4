/**
 * Whether a message whose signature is verified has a shape that nodes send. A node of another release, or with a bug, may send anything:
 * a message of another shape is counted, and ignored.
 */
import type { Entry } from '../core/entry.ts'
import { parseJson } from '../protocol/json.ts'

type Check = (value: unknown) => boolean
type Shape = Readonly<Record<string, Check>>

const isText: Check = value => typeof value === 'string'
const isFlag: Check = value => typeof value === 'boolean'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isDuration: Check = value => typeof value === 'number' && value >= 0
const isTopic: Check = value => typeof value === 'string' && value.includes('/')
const isJson: Check = value => typeof value === 'string' && parseJson(value) !== undefined
const optional =
  (check: Check): Check =>
  value =>
    value === undefined || check(value)
const list =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check)
const shaped =
  (shape: Shape): Check =>
  value =>
    isObject(value) && Object.entries(shape).every(([key, check]) => check(value[key]))

const isMember = shaped({ key: isText, idJson: isJson, infoJson: optional(isJson) })

const entries = new Map<unknown, Check>(
  Object.entries({
    connections: shaped({ appId: isText, count: isCount, newest: optional(list(isCount)) }),
    subscriptions: shaped({ appId: isText, channel: isText, count: isCount }),
    member: shaped({ appId: isText, channel: isText, key: isText, member: optional(isMember) }),
    user: shaped({ appId: isText, userId: isText, isHere: isFlag }),
  } satisfies Record<Entry['kind'], Check>),
)
const isEntry: Check = value => isObject(value) && (entries.get(value.kind)?.(value) ?? false)
const isKept = shaped({ topic: isTopic, frame: isJson, leftMs: isDuration })

const bodies = new Map<unknown, Check>(
  Object.entries({
    event: shaped({ topic: isTopic, frame: isText, exceptSocketId: optional(isText) }),
    terminate: shaped({ appId: isText, userId: isText }),
    entries: shaped({ sequence: isCount, entries: list(isEntry) }),
    snapshot: shaped({
      to: isText,
      answers: isCount,
      sequence: isCount,
      from: isCount,
      recent: optional(isCount),
      part: isCount,
      hasMore: isFlag,
      entries: list(isEntry),
      kept: list(isKept),
    }),
    ask: shaped({ to: isText, part: isCount, after: optional(isCount) }),
    heartbeat: shaped({ sequence: isCount, from: isCount, isStopping: optional(isFlag) }),
    leave: shaped({}),
  }),
)

/** @param body what makes it well-formed depends on its `type` */
export function isWellFormed(node: unknown, number: unknown, body: unknown, epoch: unknown): boolean {
  if (!isText(node) || !isCount(number) || !isCount(epoch) || !isObject(body) || bodies.get(body.type)?.(body) !== true)
    return false
  // The oldest unacknowledged event cannot be later than the message that names it.
  return !isCount(body.from) || body.from <= number
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
