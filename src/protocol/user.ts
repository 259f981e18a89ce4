/** Who a connection is signed in as, read from the `user_data` that the application has signed. */
import { PusherError } from './errors.ts'
import type { Member } from './member.ts'
import { rawMembers } from './raw-json.ts'

export type SignedInUser = {
  readonly id: string
  /** Ids of the users whose coming and going this one wants to hear of, each once. */
  readonly watchlist: readonly string[]
  /** `user_info` as it was written; undefined when there is none. */
  readonly infoJson: string | undefined
}

/** @throws PusherError 4200 when it is no JSON object with an `id`, or its `watchlist` is no list of ids */
export function parseUser(userData: string): SignedInUser {
  const { id, watchlist } = fieldsOf(userData)
  if (typeof id !== 'string' || id === '') throw invalid('needs an id that is text and not empty')
  return { id, watchlist: watchlistOf(watchlist), infoJson: rawMembers(userData).get('user_info') }
}

/** The presence member that a signed-in user is where the application says nothing else. */
export function memberOf({ id, infoJson }: SignedInUser): Member {
  return { key: id, idJson: JSON.stringify(id), infoJson }
}

function fieldsOf(userData: string): { id?: unknown; watchlist?: unknown } {
  let data: unknown
  try {
    data = JSON.parse(userData)
  } catch {
    throw invalid('is not JSON')
  }
  if (typeof data !== 'object' || data === null) throw invalid('must be a JSON object')
  return data
}

function watchlistOf(list: unknown): string[] {
  if (list === undefined || list === null) return []
  if (!Array.isArray(list) || !list.every(isId)) throw invalid('has a watchlist that is no list of user ids')
  return [...new Set(list.map(String))]
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

function invalid(fault: string): PusherError {
  return new PusherError(4200, `Invalid sign-in: user_data ${fault}.`)
}
