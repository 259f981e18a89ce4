/**
 * Sockets that have disconnected and are still to be unsubscribed. A socket with 20,000 channels would keep the event loop busy for half a
 * second, and so would a thousand sockets that disconnect in one moment, so this is done in turns.
 *
 * A socket that has disconnected is removed from the state at once: it is not counted, is sent nothing, and is not found by its id. Nearly
 * always it is unsubscribed in the same call. Only beyond an allowance for all sockets together this is left to later turns, presence
 * channels of all sockets first, so that a list of members shows a user who has left for some hundredths of a second at most, and for some
 * tenths where thousands of sockets disconnect. A user who reconnects meanwhile stays on its presence channels without interruption: the
 * first socket is unsubscribed when the second is subscribed.
 */
import type { Channel } from './channel.ts'
import type { Socket } from './socket.ts'

/** How much is done in one turn. A unit takes 2 to 5 µs in a cluster, so that a turn lasts 5 ms at most. */
export const unitsPerTurn = 1000

/** In this time, the allowance for what is done immediately grows to `unitsPerTurn` again: a quarter to half of a core. */
const renewalMs = 10

/** So many clients that are sent the leave of another cost one unit. */
const recipientsPerUnit = 16

export type Unsubscribe = { readonly socket: Socket; readonly channel: Channel }
type Unsubscribing = { readonly socket: Socket; readonly channels: Iterator<Channel> }

export class PendingUnsubscribes {
  /** The oldest first. */
  private readonly presence = new Set<Unsubscribing>()
  private readonly others = new Set<Unsubscribing>()
  /** What may be done immediately. */
  private readonly allowance: { units: number }
  private renewedAtMs = 0

  constructor(readonly unitsPerTurn: number) {
    this.allowance = { units: unitsPerTurn }
  }

  get isEmpty(): boolean {
    return this.presence.size + this.others.size === 0
  }

  /** A socket has disconnected. It must be removed from the state before, as nothing may change its subscriptions any more. */
  add(socket: Socket): void {
    this.presence.add({ socket, channels: only(socket.subscriptions.values(), true) })
    this.others.add({ socket, channels: only(socket.subscriptions.values(), false) })
  }

  /** The unsubscribes of one turn. The caller has to carry out each one that it takes. */
  *turn(): Generator<Unsubscribe> {
    yield* this.take({ units: this.unitsPerTurn })
  }

  /** The unsubscribes that are carried out immediately, in the call in which a socket disconnects. */
  *immediate(nowMs: number): Generator<Unsubscribe> {
    const renewed = ((nowMs - this.renewedAtMs) * this.unitsPerTurn) / renewalMs
    this.allowance.units = Math.min(this.unitsPerTurn, this.allowance.units + renewed)
    this.renewedAtMs = nowMs
    yield* this.take(this.allowance)
  }

  clear(): void {
    this.presence.clear()
    this.others.clear()
  }

  private *take(allowance: { units: number }): Generator<Unsubscribe> {
    for (const unsubscribing of this.inOrder()) {
      while (allowance.units > 0) {
        const { value: channel } = unsubscribing.channels.next() as IteratorResult<Channel, undefined>
        if (channel === undefined) break
        allowance.units -= cost(unsubscribing.socket, channel)
        yield { socket: unsubscribing.socket, channel }
      }
      if (allowance.units <= 0) return
      this.presence.delete(unsubscribing)
      this.others.delete(unsubscribing)
    }
  }

  private *inOrder(): Generator<Unsubscribing> {
    yield* this.presence
    yield* this.others
  }
}

function* only(channels: Iterable<Channel>, isPresence: boolean): Generator<Channel, undefined> {
  for (const channel of channels) if (channel.kind.presence === isPresence) yield channel
}

function cost({ app }: Socket, channel: Channel): number {
  return channel.kind.presence || app.subscriptionCounts ? unsubscribeCost(channel) : 1
}

/** The cost in units where the subscribers are sent the leave. */
export function unsubscribeCost({ localSubscribers }: Channel): number {
  return 1 + localSubscribers.size / recipientsPerUnit
}
