/** The user as whom a connection is signed in, parsed from the `user_data` that the application has signed. */
import { PusherError } from './errors.ts'
import { parseJson } from './json.ts'
import type { Member } from './member.ts'
import { rawElements, rawMembers } from './raw-json.ts'

export type SignedInUser = {
  /** The id as text. A number becomes its JSON text, so that `7` and `"7"` are one user, and integers beyond 2^53 keep their digits. */
  readonly id: string
  /** The ids, as text, of the users of whose online status this one is informed, each once. */
  readonly watchlist: readonly string[]
  /** `user_info` as it was signed; undefined where there is none. */
  readonly infoJson: string | undefined
}

/** @throws PusherError 4200 where the text is not a JSON object with an `id`, or its `watchlist` is not a list of ids */
export function parseUser(userData: string): SignedInUser {
  const { id, watchlist } = fieldsOf(userData)
  if (!isId(id) || id === '') throw invalid('needs an id that is text or a number, and not empty')
  const raw = rawMembers(userData)
  return { id: idText(raw.get('id')!), watchlist: watchlistOf(watchlist, raw.get('watchlist')), infoJson: raw.get('user_info') }
}

/**
 * `user_data` for `pusher:signin_success`, in which the id is text: pusher-js takes a user with any other id for not signed in. Everything
 * else stays as it was signed. `userData` must be valid for `parseUser`.
 */
export function withTextId(userData: string): string {
  const members = rawMembers(userData)
  const id = members.get('id')!
  if (id.startsWith('"')) return userData
  members.set('id', JSON.stringify(id))
  return `{${Array.from(members, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

/** A signed-in user as a member of presence channels, where the application has signed no other `channel_data`. */
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
