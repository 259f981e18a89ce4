/** When an idle socket is pinged, and when it is closed. */
import * as frames from '../protocol/frames.ts'
import type { App } from './app.ts'
import type { Effect } from './effect.ts'
import type { Socket } from './socket.ts'

export type Liveness = 'alive' | 'ping' | 'expired'

/**
 * nginx cuts a connection on which nothing was sent for 60 s (`proxy_read_timeout`), and so do AWS and Google load
 * balancers: the ping has to be on its way before, whatever the app's interval.
 */
const longestSilenceMs = 50_000

/**
 * How many sockets are pinged or closed before other work is done. A ping costs about 10 µs of the server, so a turn lasts
 * 5 ms, where 50,000 pings at once would hold up every event for half a second.
 */
export const socketsPerTurn = 500

/** The silence after which a socket is pinged: three quarters of its app's ping interval, 50 s at most. */
export function pingAfterMs({ pingIntervalSeconds }: App): number {
  return Math.min(pingIntervalSeconds * 750, longestSilenceMs)
}

/** A socket that was pinged expires when nothing arrives from it for a whole ping interval. */
export function livenessOf({ app, lastSeenMs, pingedAtMs }: Socket, nowMs: number): Liveness {
  if (pingedAtMs !== undefined) return nowMs - pingedAtMs >= app.pingIntervalSeconds * 1000 ? 'expired' : 'alive'
  return nowMs - lastSeenMs >= pingAfterMs(app) ? 'ping' : 'alive'
}

type Due = { readonly socket: Socket; readonly liveness: 'ping' | 'expired' }

/** Rounds over all sockets, in turns of `socketsPerTurn` sockets that are due. */
export class LivenessRounds {
  /** The rest of the current round. The iterator of a map continues where a loop left it, and includes sockets that open meanwhile. */
  private rest: IterableIterator<Socket> | undefined

  turn(sockets: ReadonlyMap<string, Socket>, nowMs: number): { due: Due[]; isRoundOver: boolean } {
    this.rest ??= sockets.values()
    const due: Due[] = []
    for (const socket of this.rest) {
      const liveness = livenessOf(socket, nowMs)
      if (liveness === 'alive') continue
      due.push({ socket, liveness })
      if (due.length === socketsPerTurn) return { due, isRoundOver: false }
    }
    this.rest = undefined
    return { due, isRoundOver: true }
  }
}

/** Pings a socket, by a control frame where the client sends control frames itself. */
export function ping(socket: Socket, nowMs: number): Effect {
  socket.pingedAtMs = nowMs
  if (socket.speaksControlFrames) return { type: 'ping', socketId: socket.id }
  return { type: 'send', socketId: socket.id, frame: frames.ping }
}
