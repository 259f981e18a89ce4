/** Shows the observers what the effects of the core do: the frames that sockets are sent, and notices. */
import type { Effect, Notice } from '../core/effect.ts'
import type { Queries } from '../core/queries.ts'
import type { ObservedSocket, Observer } from './observer.ts'
import type { WebSocket } from './socket-data.ts'

export class Observation {
  /** @param sockets every open socket by its id, including those that the core has refused or removed */
  constructor(
    private readonly observers: readonly Observer[],
    private readonly queries: Pick<Queries, 'socket' | 'subscribers'>,
    private readonly sockets: ReadonlyMap<string, Pick<WebSocket, 'data'>>,
  ) {}

  /** Called before the effect is executed. */
  show(effect: Effect): void {
    if (effect.type === 'notify') this.showNotice(effect.notice)
    else if (effect.type === 'send') this.showSent(effect.socketId, effect.frame)
    else if (effect.type === 'broadcast') {
      for (const socketId of this.queries.subscribers(effect.topic)) {
        if (socketId !== effect.exceptSocketId) this.showSent(socketId, effect.frame)
      }
    }
  }

  /** Returns undefined for a socket that the core has refused or removed. */
  socket(socketId: string): ObservedSocket | undefined {
    const socket = this.queries.socket(socketId)
    return socket === undefined ? undefined : { ...socket, socketId, origin: this.originOf(socketId) }
  }

  /** A client that has disconnected is sent nothing, also while its last messages are still handled. */
  private showSent(socketId: string, frame: string): void {
    const socket = this.sockets.has(socketId) ? this.socket(socketId) : undefined
    if (socket !== undefined) for (const observer of this.observers) observer.sent(socket, frame)
  }

  private showNotice(notice: Notice): void {
    if (notice.event !== 'connection_pruned') {
      for (const observer of this.observers) observer.channel(notice)
      return
    }
    const { appId, socketId, lastSeenMs } = notice
    const socket = { appId, socketId, origin: this.originOf(socketId), lastSeenMs, isPinged: true }
    for (const observer of this.observers) observer.pruned(socket)
  }

  private originOf(socketId: string): string | null {
    return this.sockets.get(socketId)?.data.seen?.origin ?? null
  }
}
