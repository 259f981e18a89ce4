/** Carries the core's effects out on Bun's sockets. */
import type { ClusterNode } from '../cluster/node.ts'
import type { Queue } from '../cluster/queue.ts'
import type { Spent } from '../core/allowance.ts'
import type { Broadcast, Effect, Notice, Refused } from '../core/effect.ts'
import { channelOfTopic, type State } from '../core/state.ts'
import type { Close } from '../protocol/errors.ts'
import type { Refusal } from '../protocol/refusal.ts'
import { QueuedTotal } from './queued-total.ts'
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
  readonly texts: Queue<string>
  /** Of memory, of those that are not handled yet. */
  bytes: number
  /** What is left to do for a connection that its client has closed meanwhile. */
  end: (() => void) | undefined
}

/** Of a connection that was opened. */
type Seen = { readonly origin: string | null; readonly appId: string | undefined; readonly openedAtMs: number }

export type WebSocket = Bun.ServerWebSocket<SocketData>

/** In bytes. */
export type QueueBounds = {
  /** For one connection, after which Bun closes it. */
  readonly maxQueuedBytes: number
  /** For all connections together. */
  readonly maxTotalQueuedBytes: number
}

/** Of a WebSocket frame, at most. */
const headerBytes = 10
/** Up to here every connection is taken for a recipient: that costs less than the 200 ns in which Bun counts those of a topic. */
const countFromBytes = 128 * 1024

export class Executor {
  /** Every open socket by its id, also those that the core has refused or forgotten. */
  readonly sockets = new Map<string, WebSocket>()
  /** This node among others, while there are any. */
  cluster:
    | Pick<
        ClusterNode,
        | 'isSynced'
        | 'peers'
        | 'announceStop'
        | 'publish'
        | 'replicate'
        | 'terminate'
        | 'tick'
        | 'pace'
        | 'resync'
        | 'beginLeave'
        | 'leave'
        | 'removeAllPeers'
      >
    | undefined
  private publisher: Pick<Bun.Server<SocketData>, 'publish' | 'subscriberCount'> | undefined
  /** Calls of `apply` that are not over: Bun reports a connection that an effect closes while the others still wait. */
  private depth = 0

  readonly slow: SlowClients
  readonly queued: QueuedTotal

  constructor(
    private readonly state: State,
    private readonly watchers: readonly Watcher[],
    private readonly refused: (refused: Omit<Refused, 'type'>) => void,
    { maxQueuedBytes, maxTotalQueuedBytes }: QueueBounds,
  ) {
    this.slow = new SlowClients(this.sockets, maxQueuedBytes)
    this.queued = new QueuedTotal(this.sockets, maxTotalQueuedBytes, act => void setImmediate(act))
  }

  /** Topics belong to a listening server, which exists only after its callbacks do. */
  attach(publisher: Pick<Bun.Server<SocketData>, 'publish' | 'subscriberCount'>): void {
    this.publisher = publisher
  }

  apply(effects: readonly Effect[]): void {
    this.depth++
    try {
      for (const effect of effects) {
        if (this.watchers.length > 0) this.watch(effect)
        this.carryOut(effect)
      }
    } finally {
      this.depth--
    }
    if (this.depth === 0) this.queued.settle()
  }

  /** Every second. */
  tick(): void {
    this.slow.tick()
    this.queued.tick()
  }

  /**
   * A connection is closed.
   *
   * @param isCut without a close frame
   * @returns what the server has refused by that
   */
  ended(socket: WebSocket, isCut: boolean): Extract<Refusal, 'slow-client' | 'queued-total'> | undefined {
    this.sockets.delete(socket.data.socketId)
    const waiting = this.slow.closed(socket)
    if (this.queued.closed(socket)) return 'queued-total'
    if (isCut) return waiting === undefined ? undefined : 'slow-client'
    this.queued.left(waiting ?? 0)
    return undefined
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
        if (effect.everywhere) this.cluster?.publish(effect)
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
        this.close(effect.socketId, effect.close)
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
    if (socket === undefined) return
    const status = socket.send(frame)
    this.slow.sent(socket, status)
    this.queued.added(status > 0 ? status : Buffer.byteLength(frame) + headerBytes)
  }

  /** A client that has not taken what waits gets its close frame behind it, or none where Bun keeps too much for such clients. */
  private close(socketId: string, { code, reason }: Close): void {
    const socket = this.sockets.get(socketId)
    if (socket === undefined) return
    const waiting = socket.getBufferedAmount()
    this.slow.closed(socket)
    if (this.queued.mayLeave(waiting)) {
      this.queued.left(waiting)
      socket.close(code, reason)
    } else socket.terminate()
  }

  private broadcast({ topic, frame, exceptSocketId }: Broadcast): void {
    const except = exceptSocketId === undefined ? undefined : this.sockets.get(exceptSocketId)
    const publisher = except ?? this.publisher
    const native = nativeTopic(topic)
    publisher?.publish(native, frame)
    this.slow.published(frame)
    const bytes = Buffer.byteLength(frame) + headerBytes
    const atMost = bytes * this.sockets.size
    this.queued.added(atMost <= countFromBytes ? atMost : bytes * this.publisher!.subscriberCount(native))
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
