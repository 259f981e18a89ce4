/** Who a connection is signed in as, read from the `user_data` that the application has signed. */
import { PusherError } from './errors.ts'
import { parseJson } from './json.ts'
import type { Member } from './member.ts'
import { rawElements, rawMembers } from './raw-json.ts'

export type SignedInUser = {
  /** As text. A number is its JSON text, so that `7` and `"7"` are one user, and integers beyond 2^53 keep their digits. */
  readonly id: string
  /** Ids, as text, of the users whose coming and going this one wants to hear of, each once. */
  readonly watchlist: readonly string[]
  /** `user_info` as it was written; undefined when there is none. */
  readonly infoJson: string | undefined
}

/** @throws PusherError 4200 when it is no JSON object with an `id`, or its `watchlist` is no list of ids */
export function parseUser(userData: string): SignedInUser {
  const { id, watchlist } = fieldsOf(userData)
  if (!isId(id) || id === '') throw invalid('needs an id that is text or a number, and not empty')
  const raw = rawMembers(userData)
  return { id: idText(raw.get('id')!), watchlist: watchlistOf(watchlist, raw.get('watchlist')), infoJson: raw.get('user_info') }
}

/**
 * `user_data` as `pusher:signin_success` carries it: with an id that is text, because pusher-js takes a user with any
 * other id for not signed in. Everything else stays as it was signed. `userData` must be one that `parseUser` takes.
 */
export function withTextId(userData: string): string {
  const members = rawMembers(userData)
  const id = members.get('id')!
  if (id.startsWith('"')) return userData
  members.set('id', JSON.stringify(id))
  return `{${Array.from(members, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

/** The presence member that a signed-in user is where the application says nothing else. */
export function memberOf({ id, infoJson }: SignedInUser): Member {
  return { key: id, idJson: JSON.stringify(id), infoJson }
}

function fieldsOf(userData: string): { id?: unknown; watchlist?: unknown } {
  const data = parseJson(userData)
  if (data === undefined) throw invalid('is not JSON')
  if (typeof data !== 'object' || data === null) throw invalid('must be a JSON object')
  return data
}

/** @param raw the JSON text of `list` */
function watchlistOf(list: unknown, raw: string | undefined): string[] {
  if (raw === undefined || list === null) return []
  if (!Array.isArray(list) || !list.every(isId)) throw invalid('has a watchlist that is no list of user ids')
  return [...new Set(rawElements(raw).map(idText))]
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

/** @param raw the JSON text of an id */
function idText(raw: string): string {
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw
}

function invalid(fault: string): PusherError {
  return new PusherError(4200, 'signin-data', `Invalid sign-in: user_data ${fault}.`)
}
