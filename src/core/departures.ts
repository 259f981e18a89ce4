/**
 * Sockets that have ended and are still to be taken off channels. A socket on 20,000 channels would keep the event loop busy for half a
 * second, and a thousand sockets that end in one moment for as long, so this is done in turns.
 *
 * An ended socket is gone at once: it counts no more, is sent nothing, and nobody finds it by its id. Nearly always its channels are left
 * in the same call. Only beyond an allowance for all sockets together they follow in later turns, presence channels of all sockets first,
 * so that a list of members shows somebody who has gone for some hundredths of a second more at most, where thousands go for some tenths.
 * A user who reconnects meanwhile is on its presence channels without interruption: its first socket is taken off when the second is on.
 */
import type { Channel } from './channel.ts'
import type { Socket } from './socket.ts'

/** What is done in one turn. A unit takes 2 to 5 µs in a cluster, so that a turn lasts 5 ms at most. */
export const unitsPerTurn = 1000

/** In this time, what may be done at once, without a turn of its own, grows to `unitsPerTurn` again: a quarter to half of a core. */
const renewalMs = 10

/** So many clients that are sent that one has left cost one unit. */
const audiencePerUnit = 16

export type Departure = { readonly socket: Socket; readonly channel: Channel }
type Departing = { readonly socket: Socket; readonly channels: Iterator<Channel> }

export class Departures {
  /** The oldest first. */
  private readonly presence = new Set<Departing>()
  private readonly others = new Set<Departing>()
  /** What may be done at once. */
  private readonly allowance: { units: number }
  private renewedAtMs = 0

  constructor(readonly unitsPerTurn: number) {
    this.allowance = { units: unitsPerTurn }
  }

  get areOver(): boolean {
    return this.presence.size + this.others.size === 0
  }

  /** A socket has ended. It has to be on no list of sockets any more: nothing is to change its subscriptions. */
  add(socket: Socket): void {
    this.presence.add({ socket, channels: only(socket.subscriptions.values(), true) })
    this.others.add({ socket, channels: only(socket.subscriptions.values(), false) })
  }

  /** What is to be left now, until that costs as much as one turn may. Each one that is taken has to be carried out. */
  *turn(): Generator<Departure> {
    yield* this.take({ units: this.unitsPerTurn })
  }

  /** What is to be left at once, in the call in which a socket ends. */
  *atOnce(nowMs: number): Generator<Departure> {
    const renewed = ((nowMs - this.renewedAtMs) * this.unitsPerTurn) / renewalMs
    this.allowance.units = Math.min(this.unitsPerTurn, this.allowance.units + renewed)
    this.renewedAtMs = nowMs
    yield* this.take(this.allowance)
  }

  clear(): void {
    this.presence.clear()
    this.others.clear()
  }

  private *take(allowance: { units: number }): Generator<Departure> {
    for (const departing of this.inOrder()) {
      while (allowance.units > 0) {
        const { value: channel } = departing.channels.next() as IteratorResult<Channel, undefined>
        if (channel === undefined) break
        allowance.units -= cost(departing.socket, channel)
        yield { socket: departing.socket, channel }
      }
      if (allowance.units <= 0) return
      this.presence.delete(departing)
      this.others.delete(departing)
    }
  }

  private *inOrder(): Generator<Departing> {
    yield* this.presence
    yield* this.others
  }
}

function* only(channels: Iterable<Channel>, isPresence: boolean): Generator<Channel, undefined> {
  for (const channel of channels) if (channel.kind.presence === isPresence) yield channel
}

function cost({ app }: Socket, channel: Channel): number {
  return channel.kind.presence || app.subscriptionCounts ? leaveCost(channel) : 1
}

/** In units, where the subscribers are sent that somebody has left. */
export function leaveCost({ subscribers }: Channel): number {
  return 1 + subscribers.size / audiencePerUnit
}
