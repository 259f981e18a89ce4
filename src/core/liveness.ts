/** When a silent socket is pinged, and when it is given up. */
import * as frames from '../protocol/frames.ts'
import type { App } from './app.ts'
import type { Effect } from './effect.ts'
import type { Socket } from './socket.ts'

export type Verdict = 'alive' | 'ask' | 'gone'

/**
 * nginx cuts a connection on which nothing was sent for 60 s (`proxy_read_timeout`), and so do AWS and Google load
 * balancers: the ping has to be on its way before, whatever the app's interval.
 */
const longestSilenceMs = 50_000

/**
 * How many sockets are pinged or closed before other work gets its turn. A ping costs about 10 µs of the server, so a turn lasts
 * 5 ms, where 50,000 pings at once would hold up every event for half a second.
 */
export const socketsPerTurn = 500

/** The silence after which a socket is pinged: three quarters of its app's ping interval, 50 s at most. */
export function pingAfterMs({ pingIntervalSeconds }: App): number {
  return Math.min(pingIntervalSeconds * 750, longestSilenceMs)
}

/** A pinged socket is gone when it is silent for a whole ping interval after the ping. */
export function verdict({ app, lastSeenMs, pingedAtMs }: Socket, nowMs: number): Verdict {
  if (pingedAtMs !== undefined) return nowMs - pingedAtMs >= app.pingIntervalSeconds * 1000 ? 'gone' : 'alive'
  return nowMs - lastSeenMs >= pingAfterMs(app) ? 'ask' : 'alive'
}

type Due = { readonly socket: Socket; readonly verdict: 'ask' | 'gone' }

/** Rounds over all sockets, in turns of `socketsPerTurn` that are due. */
export class LivenessRounds {
  /** What is left of the current round. A map's iterator goes on where a loop left it, and sees the sockets that open meanwhile. */
  private rest: IterableIterator<Socket> | undefined

  turn(sockets: ReadonlyMap<string, Socket>, nowMs: number): { due: Due[]; isRoundOver: boolean } {
    this.rest ??= sockets.values()
    const due: Due[] = []
    for (const socket of this.rest) {
      const found = verdict(socket, nowMs)
      if (found === 'alive') continue
      due.push({ socket, verdict: found })
      if (due.length === socketsPerTurn) return { due, isRoundOver: false }
    }
    this.rest = undefined
    return { due, isRoundOver: true }
  }
}

/** By a control frame where the client sends such. */
export function ping(socket: Socket, nowMs: number): Effect {
  socket.pingedAtMs = nowMs
  if (socket.speaksControlFrames) return { type: 'ping', socketId: socket.id }
  return { type: 'send', socketId: socket.id, frame: frames.ping }
}
