/**
 * How much state one connection may have, until it unsubscribes or disconnects: the names of its channels, the data of its presence
 * members and of its user, and the ids on its watchlist. The client determines how much that is, and no stock setting limits it.
 */
import { overLimit, PusherError, type SubscriptionError } from '../protocol/errors.ts'
import type { Member } from '../protocol/member.ts'
import type { SignedInUser } from '../protocol/user.ts'

/**
 * The bound in bytes of UTF-8. A client sends 6,000 subscriptions at once at most (`allowance.ts`), as it does after a reconnect: so many
 * channels with names of 240 bytes fit, and names have 200 characters at most with Pusher.
 */
export const maxStateBytes = 2 * 1024 * 1024

/** Each channel and each watched id counts so much beside its text, so that 2 MiB are not a million channels with names of two letters. */
export const recordBytes = 100

/** The bytes of a subscription, without the data of a presence member. */
export function subscriptionBytes(channel: string): number {
  return recordBytes + Buffer.byteLength(channel)
}

/** The bytes of the data of a presence member; 0 on other channels. */
export function memberBytes(member: Member | undefined): number {
  return member === undefined ? 0 : Buffer.byteLength(member.idJson) + Buffer.byteLength(member.infoJson ?? '')
}

/** The bytes of a signed-in user; 0 where there is none. */
export function userBytes(user: SignedInUser | undefined): number {
  if (user === undefined) return 0
  let bytes = Buffer.byteLength(user.id) + Buffer.byteLength(user.infoJson ?? '')
  for (const id of user.watchlist) bytes += recordBytes + Buffer.byteLength(id)
  return bytes
}

/** Whether a connection may have so many more bytes. A request for no more bytes is never refused, as it replaces a subscription. */
export function hasRoom({ stateBytes }: { readonly stateBytes: number }, waitingBytes: number, more: number): boolean {
  return more <= 0 || stateBytes + waitingBytes + more <= maxStateBytes
}

const limit = `${maxStateBytes / 1024 / 1024} MiB`

export function tooManyChannels(channel: string): SubscriptionError {
  return overLimit(`A connection can have ${limit} of channel names and member data at most.`, channel, 'connection-state')
}

export function tooLargeUser(): PusherError {
  return new PusherError(
    4301,
    'connection-state',
    `A connection can have ${limit} of channel names, member data and user data at most.`,
  )
}
