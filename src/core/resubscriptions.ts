/**
 * The rate limit of repeated subscriptions. A message of 300 bytes is answered with the list of a presence channel, 60 KB with
 * 1,000 members, or with the last event of a cache channel, and has a join sent to every member. A client's first subscription to a
 * channel is not limited. To subscribe to a channel that it is on, or that it has left within the last seconds, it has an allowance of
 * bytes that it is sent, and causes to be sent; when that is used up, such subscriptions wait until the allowance has grown again.
 *
 * They are delayed rather than refused: pusher-js repeats a refused subscription with the next connection only, so that a page would
 * stay without its members. While a subscription waits, pusher-js sends nothing more for the channel. Of several for
 * one channel the last one counts.
 */
import type { Member } from '../protocol/member.ts'
import { memberBytes, subscriptionBytes } from './connection-state.ts'
import { ExpiringMap } from './expiring-map.ts'

/** The allowance of a socket: nine times the list of 1,000 members. */
export const bytesPerSecond = 512 * 1024

/** The allowance at first: small, so that a client gains nothing by connecting again for each subscription. */
export const initialAllowanceBytes = 64 * 1024

/** The largest allowance: a page that leaves and joins a hundred channels of 50 members each when it navigates does not wait. */
export const maxAllowanceBytes = 2 * bytesPerSecond

/** Within this time after a leave a subscription counts as repeated; later, as the first. */
export const repeatWindowMs = 10_000

/** About 200 bytes each. Beyond that, the oldest leaves are dropped: subscriptions after them are not limited. */
const bounds = { ttlMs: repeatWindowMs, maxEntries: 50_000, maxBytes: 8 * 1024 * 1024 }

type Subscriber = { readonly id: string; readonly openedAtMs: number }

/** A subscription that waits: its signature has been verified, and this is the member that it makes. */
export type Waiting = { readonly socketId: string; readonly channel: string; readonly member: Member | undefined }

type Account = {
  /** Below zero after an answer that was longer than what was left. */
  bytes: number
  atMs: number
  /** The subscriptions that wait, by channel, in the order in which they arrived. */
  readonly waiting: Map<string, Waiting>
  /** The bytes of the subscriptions that wait, as `connection-state.ts` counts. */
  waitingBytes: number
}

const none: ReadonlyMap<string, Waiting> = new Map()

export class Resubscriptions {
  private readonly leaves = new ExpiringMap<true>(bounds)
  /** The accounts of sockets that have subscribed again, by socket id, until their allowance has grown to its maximum. */
  private readonly accounts = new Map<string, Account>()

  /** A socket has unsubscribed from a channel. */
  unsubscribed(socketId: string, channel: string, nowMs: number): void {
    const key = leaveKey(socketId, channel)
    this.leaves.set(key, true, key.length, nowMs)
  }

  /** A socket has unsubscribed from a channel for which it waits. */
  cancel(socketId: string, channel: string): void {
    const account = this.accounts.get(socketId)
    if (account !== undefined) removeWaiting(account, channel)
  }

  /** A socket has disconnected. */
  remove(socketId: string): void {
    this.accounts.delete(socketId)
  }

  /** Whether a socket has just unsubscribed from a channel, or waits for it already. */
  isRepeat(socketId: string, channel: string, nowMs: number): boolean {
    if (this.leaves.size > 0 && this.leaves.get(leaveKey(socketId, channel), nowMs) !== undefined) return true
    return this.waitingOf(socketId).has(channel)
  }

  /** The subscriptions of a socket that wait, by channel. */
  waitingOf(socketId: string): ReadonlyMap<string, Waiting> {
    return this.accounts.get(socketId)?.waiting ?? none
  }

  /** The bytes of the subscriptions of a socket that wait, without the one for `exceptChannel`, which the next one for it replaces. */
  waitingBytesOf(socketId: string, exceptChannel?: string): number {
    const account = this.accounts.get(socketId)
    if (account === undefined) return 0
    const except = exceptChannel === undefined ? undefined : account.waiting.get(exceptChannel)
    return account.waitingBytes - (except === undefined ? 0 : bytesOf(except))
  }

  /** The sockets that wait to join a channel as that user, by its id as text, of any app. */
  socketsOf(userId: string): string[] {
    const isUser = ({ member }: Waiting) => member?.key === userId
    return [...this.accounts].flatMap(([socketId, { waiting }]) => (waiting.values().some(isUser) ? [socketId] : []))
  }

  /** Whether a socket may subscribe again now. If not, its subscription waits. */
  admit({ id: socketId, openedAtMs }: Subscriber, channel: string, member: Member | undefined, nowMs: number): boolean {
    const account = this.accounts.get(socketId) ?? {
      bytes: initialAllowanceBytes,
      atMs: openedAtMs,
      waiting: new Map<string, Waiting>(),
      waitingBytes: 0,
    }
    this.accounts.set(socketId, account)
    grow(account, nowMs)
    if (account.bytes > 0 && account.waiting.size === 0) return true
    const place = account.waiting.get(channel)
    if (place !== undefined) account.waitingBytes -= bytesOf(place)
    const subscription = { socketId, channel, member }
    account.waiting.set(channel, subscription)
    account.waitingBytes += bytesOf(subscription)
    return false
  }

  /** Charges a socket for an admitted subscription. */
  charge(socketId: string, bytes: number): void {
    this.accounts.get(socketId)!.bytes -= bytes
  }

  /** Removes the subscriptions that need not wait any longer. The caller charges each one before it takes the next. */
  *due(nowMs: number): Generator<Waiting> {
    for (const [socketId, account] of this.accounts) {
      grow(account, nowMs)
      for (const subscription of account.waiting.values()) {
        if (account.bytes <= 0) break
        removeWaiting(account, subscription.channel)
        yield subscription
      }
      if (account.bytes === maxAllowanceBytes && account.waiting.size === 0) this.accounts.delete(socketId)
    }
  }

  /** Removes expired leaves. */
  expire(nowMs: number): void {
    this.leaves.expire(nowMs)
  }
}

function grow(account: Account, nowMs: number): void {
  account.bytes = Math.min(maxAllowanceBytes, account.bytes + ((nowMs - account.atMs) / 1000) * bytesPerSecond)
  account.atMs = nowMs
}

function removeWaiting(account: Account, channel: string): void {
  const subscription = account.waiting.get(channel)
  if (subscription === undefined) return
  account.waiting.delete(channel)
  account.waitingBytes -= bytesOf(subscription)
}

function bytesOf({ channel, member }: Waiting): number {
  return subscriptionBytes(channel) + memberBytes(member)
}

function leaveKey(socketId: string, channel: string): string {
  return `${socketId} ${channel}`
}
