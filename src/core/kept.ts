/**
 * How much one connection makes the server keep until it unsubscribes or ends: the names of its channels, the data of its presence
 * members and of its user, and the ids that it watches. A client grows this by asking, and nothing else bounds it in stock settings.
 */
import { overLimit, PusherError, type SubscriptionError } from '../protocol/errors.ts'
import type { Member } from '../protocol/member.ts'
import type { SignedInUser } from '../protocol/user.ts'

/**
 * In bytes of UTF-8. A client sends 6,000 subscriptions at once at most (`allowance.ts`), as it does after a reconnect: so many channels
 * fit in with names of 240 bytes, and names have 200 characters with Pusher.
 */
export const maxKeptBytes = 2 * 1024 * 1024

/** Counted for each channel and each watched id beside its text, so that 2 MiB are not a million channels with names of two letters. */
export const recordBytes = 100

/** What a subscription counts for, apart from the data of a presence member. */
export function subscriptionBytes(channel: string): number {
  return recordBytes + Buffer.byteLength(channel)
}

/** What the data of a presence member counts for; 0 off presence channels. */
export function memberBytes(member: Member | undefined): number {
  return member === undefined ? 0 : Buffer.byteLength(member.idJson) + Buffer.byteLength(member.infoJson ?? '')
}

/** What a sign-in counts for; 0 without one. */
export function userBytes(user: SignedInUser | undefined): number {
  if (user === undefined) return 0
  let bytes = Buffer.byteLength(user.id) + Buffer.byteLength(user.infoJson ?? '')
  for (const id of user.watchlist) bytes += recordBytes + Buffer.byteLength(id)
  return bytes
}

/** Whether a connection may have so many bytes more. Whoever asks for none more is never refused, as its subscription is replaced. */
export function hasRoom({ keptBytes }: { readonly keptBytes: number }, waitingBytes: number, more: number): boolean {
  return more <= 0 || keptBytes + waitingBytes + more <= maxKeptBytes
}

const kept = `${maxKeptBytes / 1024 / 1024} MiB`

export function tooManyChannels(channel: string): SubscriptionError {
  return overLimit(`A connection can have ${kept} of channel names and member data at most.`, channel, 'connection-state')
}

export function tooLargeUser(): PusherError {
  return new PusherError(
    4301,
    'connection-state',
    `A connection can have ${kept} of channel names, member data and user data at most.`,
  )
}
