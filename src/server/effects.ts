/** Carries the core's effects out on Bun's sockets. */
import type { ClusterNode } from '../cluster/node.ts'
import type { Spent } from '../core/allowance.ts'
import type { Broadcast, Effect, Notice, Refused } from '../core/effect.ts'
import { channelOfTopic, type State } from '../core/state.ts'
import { SlowClients } from './slow-clients.ts'
import type { WatchedSocket, Watcher } from './watch.ts'

export type SocketData = Spent & {
  readonly socketId: string
  /** Undefined once it is open: the core has seen it then. */
  asked: { readonly appKey: string; readonly origin: string | null; readonly protocol: string | null } | undefined
  /** Kept for watchers only: a server without them spends no memory on it. */
  seen: Seen | undefined
  /** Messages that were sent ahead of the client's allowance; undefined where there are none. */
  waiting: Waiting | undefined
}

/** See `Backlog`. */
type Waiting = {
  readonly texts: string[]
  next: number
  /** Of memory, of those that are not handled yet. */
  bytes: number
  /** What is left to do for a connection that its client has closed meanwhile. */
  end: (() => void) | undefined
}

/** Of a connection that was opened. */
type Seen = { readonly origin: string | null; readonly appId: string | undefined; readonly openedAtMs: number }

export type WebSocket = Bun.ServerWebSocket<SocketData>

export class Executor {
  /** Every open socket by its id, also those that the core has refused or forgotten. */
  readonly sockets = new Map<string, WebSocket>()
  /** This node among others, while there are any. */
  cluster:
    | Pick<
        ClusterNode,
        | 'isInformed'
        | 'peers'
        | 'announceStop'
        | 'relay'
        | 'replicate'
        | 'terminate'
        | 'tick'
        | 'pace'
        | 'refresh'
        | 'sendAll'
        | 'leave'
        | 'loseAll'
      >
    | undefined
  private publisher: Pick<Bun.Server<SocketData>, 'publish'> | undefined

  readonly slow: SlowClients

  /** @param maxQueuedBytes after which Bun closes a connection */
  constructor(
    private readonly state: State,
    private readonly watchers: readonly Watcher[],
    private readonly refused: (refused: Omit<Refused, 'type'>) => void,
    maxQueuedBytes: number,
  ) {
    this.slow = new SlowClients(this.sockets, maxQueuedBytes)
  }

  /** Topics belong to a listening server, which exists only after its callbacks do. */
  attach(publisher: Pick<Bun.Server<SocketData>, 'publish'>): void {
    this.publisher = publisher
  }

  apply(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (this.watchers.length > 0) this.watch(effect)
      this.carryOut(effect)
    }
  }

  /** Whether a socket has frames that its client has still to take. */
  hasBacklog(): boolean {
    for (const socket of this.sockets.values()) if (socket.getBufferedAmount() > 0) return true
    return false
  }

  /** Undefined for a socket that the core has refused or forgotten. */
  watched(socketId: string): WatchedSocket | undefined {
    const socket = this.state.sockets.get(socketId)
    if (socket === undefined) return undefined
    const { app, lastSeenMs, pingedAtMs } = socket
    return { appId: app.id, socketId, origin: this.originOf(socketId), lastSeenMs, isPinged: pingedAtMs !== undefined }
  }

  private carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.send(effect.socketId, effect.frame)
        break
      case 'broadcast':
        this.broadcast(effect)
        if (effect.everywhere) this.cluster?.relay(effect)
        break
      case 'replicate':
        this.cluster?.replicate(effect.entry)
        break
      case 'join':
        this.sockets.get(effect.socketId)?.subscribe(nativeTopic(effect.topic))
        break
      case 'leave':
        this.sockets.get(effect.socketId)?.unsubscribe(nativeTopic(effect.topic))
        break
      case 'ping':
        this.sockets.get(effect.socketId)?.ping()
        break
      case 'close':
        this.sockets.get(effect.socketId)?.close(effect.close.code, effect.close.reason)
        break
      case 'refused':
        this.refused(effect)
        break
      case 'notify':
        if (effect.notice.event === 'connection_pruned')
          this.refused({ refusal: 'connection-pruned', appId: effect.notice.appId, about: '' })
        break
    }
  }

  private send(socketId: string, frame: string): void {
    const socket = this.sockets.get(socketId)
    if (socket !== undefined) this.slow.sent(socket, socket.send(frame))
  }

  private broadcast({ topic, frame, exceptSocketId }: Broadcast): void {
    const except = exceptSocketId === undefined ? undefined : this.sockets.get(exceptSocketId)
    const publisher = except ?? this.publisher
    publisher?.publish(nativeTopic(topic), frame)
    this.slow.published(frame)
  }

  private watch(effect: Effect): void {
    if (effect.type === 'notify') this.watchNotice(effect.notice)
    else if (effect.type === 'send') this.watchSent(effect.socketId, effect.frame)
    else if (effect.type === 'broadcast') {
      for (const socketId of channelOfTopic(this.state, effect.topic)?.subscribers ?? []) {
        if (socketId !== effect.exceptSocketId) this.watchSent(socketId, effect.frame)
      }
    }
  }

  /** A client that has left is sent nothing, also while messages of it are still handled. */
  private watchSent(socketId: string, frame: string): void {
    const socket = this.sockets.has(socketId) ? this.watched(socketId) : undefined
    if (socket !== undefined) for (const watcher of this.watchers) watcher.sent(socket, frame)
  }

  private watchNotice(notice: Notice): void {
    if (notice.event !== 'connection_pruned') {
      for (const watcher of this.watchers) watcher.channel(notice)
      return
    }
    const { appId, socketId, lastSeenMs } = notice
    const socket = { appId, socketId, origin: this.originOf(socketId), lastSeenMs, isPinged: true }
    for (const watcher of this.watchers) watcher.pruned(socket)
  }

  private originOf(socketId: string): string | null {
    return this.sockets.get(socketId)?.data.seen?.origin ?? null
  }
}

/**
 * The topic as Bun takes it. Bun's topics are UTF-8, in which all lone surrogates are the same: names that hold one are quoted, so
 * that two channels never share a topic. The quote collides with no other topic, as no app has an empty id.
 */
function nativeTopic(topic: string): string {
  return topic.isWellFormed() ? topic : `/${JSON.stringify(topic)}`
}
