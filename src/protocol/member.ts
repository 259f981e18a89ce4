/** A member of a presence channel, parsed from the `channel_data` that the application has signed. */
import { invalidMessage, PusherError } from './errors.ts'
import { parseJson } from './json.ts'
import { rawMembers } from './raw-json.ts'

export type Member = {
  /** The id as text. Two members with the same key are the same user: `1` and `"1"`, but not `"01"`. */
  readonly key: string
  /** `user_id` as it was signed: a JSON text or number. */
  readonly idJson: string
  /** `user_info` as it was signed; undefined where there is none. */
  readonly infoJson: string | undefined
}

/** @throws PusherError 4200 where the text is not a JSON object with a `user_id` that is text or a number */
export function parseMember(channelData: string): Member {
  const id = userIdOf(channelData)
  const raw = rawMembers(channelData)
  const idJson = raw.get('user_id')!
  return { key: typeof id === 'string' ? id : idJson, idJson, infoJson: raw.get('user_info') }
}

function userIdOf(channelData: string): string | number {
  const data = parseJson(channelData)
  if (typeof data !== 'object' || data === null) throw invalidMessage('subscription-data')
  const id = Array.isArray(data) ? undefined : (data as Record<string, unknown>).user_id
  if (typeof id === 'string' || typeof id === 'number') return id
  throw new PusherError(4200, 'subscription-data', 'Invalid presence data: channel_data needs a user_id that is text or a number')
}
