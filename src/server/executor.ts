/** Executes the core's effects on Bun's sockets. */
import type { ClusterNode } from '../cluster/node.ts'
import type { Queue } from '../cluster/queue.ts'
import type { Usage } from '../core/allowance.ts'
import type { Broadcast, Effect, Notice, Refused } from '../core/effect.ts'
import { channelOfTopic, type State } from '../core/state.ts'
import type { Close } from '../protocol/errors.ts'
import type { Refusal } from '../protocol/refusal.ts'
import type { ObservedSocket, Observer } from './observer.ts'
import { QueuedTotal } from './queued-total.ts'
import { SlowClients } from './slow-clients.ts'

export type SocketData = Usage & {
  readonly socketId: string
  /** Kept until the socket is open and the core has decided on it. */
  handshake: { readonly appKey: string; readonly origin: string | null; readonly protocol: string | null } | undefined
  /** Kept for observers only: a server without them spends no memory on this. */
  seen: Seen | undefined
  /** Messages beyond the client's allowance, which are handled later; undefined where there are none. */
  waiting: Waiting | undefined
}

/** See `Backlog`. */
type Waiting = {
  readonly texts: Queue<string>
  /** How much memory these messages take. */
  bytes: number
  /** Runs after the last of them, where the client has closed its connection meanwhile. */
  afterLast: (() => void) | undefined
}

/** What observers receive about a connection when it ends. */
type Seen = { readonly origin: string | null; readonly appId: string | undefined; readonly openedAtMs: number }

export type WebSocket = Bun.ServerWebSocket<SocketData>

/** How many bytes may wait for clients that do not take them. */
export type QueueBounds = {
  /** For one connection: Bun closes it when more wait. */
  readonly maxQueuedBytes: number
  /** For all connections together. */
  readonly maxTotalQueuedBytes: number
}

/** The longest header of a WebSocket frame that a server sends. */
const headerBytes = 10
/**
 * Up to here every connection counts as a recipient of a broadcast: counting the subscribers of its topic takes Bun 200 ns, which is
 * worth it for larger ones only.
 */
const countFromBytes = 128 * 1024

export class Executor {
  /** Every open socket by its id, including those that the core has refused or removed. */
  readonly sockets = new Map<string, WebSocket>()
  /** This server as a node of a cluster; undefined where it is in none. */
  node:
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
  /** How deep calls of `apply` are nested: Bun reports a connection that an effect closes before the remaining effects are executed. */
  private depth = 0

  readonly slow: SlowClients
  readonly queued: QueuedTotal

  constructor(
    private readonly state: State,
    private readonly observers: readonly Observer[],
    private readonly refused: (refused: Omit<Refused, 'type'>) => void,
    { maxQueuedBytes, maxTotalQueuedBytes }: QueueBounds,
  ) {
    this.slow = new SlowClients(this.sockets, maxQueuedBytes)
    this.queued = new QueuedTotal(this.sockets, maxTotalQueuedBytes, act => void setImmediate(act))
  }

  /** Bun's topics belong to the listening server, which exists only after the callbacks that it is given. */
  attach(publisher: Pick<Bun.Server<SocketData>, 'publish' | 'subscriberCount'>): void {
    this.publisher = publisher
  }

  apply(effects: readonly Effect[]): void {
    this.depth++
    try {
      for (const effect of effects) {
        if (this.observers.length > 0) this.observe(effect)
        this.execute(effect)
      }
    } finally {
      this.depth--
    }
    if (this.depth === 0) this.queued.check()
  }

  /** Called every second. */
  tick(): void {
    this.slow.tick()
    this.queued.tick()
  }

  /**
   * Removes a connection that is closed.
   *
   * @param isCut whether it was closed without a close frame
   * @returns the kind of refusal, where the server has closed it because too much waited
   */
  closed(socket: WebSocket, isCut: boolean): Extract<Refusal, 'slow-client' | 'queued-total'> | undefined {
    this.sockets.delete(socket.data.socketId)
    const waiting = this.slow.closed(socket)
    if (this.queued.closed(socket)) return 'queued-total'
    if (isCut) return waiting === undefined ? undefined : 'slow-client'
    this.queued.closedGracefully(waiting ?? 0)
    return undefined
  }

  /** Whether frames wait for a client that has not taken them yet. */
  hasBacklog(): boolean {
    for (const socket of this.sockets.values()) if (socket.getBufferedAmount() > 0) return true
    return false
  }

  /** Returns undefined for a socket that the core has refused or removed. */
  observed(socketId: string): ObservedSocket | undefined {
    const socket = this.state.sockets.get(socketId)
    if (socket === undefined) return undefined
    const { app, lastSeenMs, pingedAtMs } = socket
    return { appId: app.id, socketId, origin: this.originOf(socketId), lastSeenMs, isPinged: pingedAtMs !== undefined }
  }

  private execute(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.send(effect.socketId, effect.frame)
        break
      case 'broadcast':
        this.broadcast(effect)
        if (effect.scope === 'cluster') this.node?.publish(effect)
        break
      case 'replicate':
        this.node?.replicate(effect.entry)
        break
      case 'terminate':
        this.node?.terminate(effect.appId, effect.userId)
        break
      case 'subscribe':
        this.sockets.get(effect.socketId)?.subscribe(nativeTopic(effect.topic))
        break
      case 'unsubscribe':
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

  /** The close frame of a slow client waits behind its other frames. Where Bun keeps too many of these already, the client gets none. */
  private close(socketId: string, { code, reason }: Close): void {
    const socket = this.sockets.get(socketId)
    if (socket === undefined) return
    const waiting = socket.getBufferedAmount()
    this.slow.closed(socket)
    if (this.queued.mayCloseGracefully(waiting)) {
      this.queued.closedGracefully(waiting)
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

  private observe(effect: Effect): void {
    if (effect.type === 'notify') this.observeNotice(effect.notice)
    else if (effect.type === 'send') this.observeSent(effect.socketId, effect.frame)
    else if (effect.type === 'broadcast') {
      for (const socketId of channelOfTopic(this.state, effect.topic)?.localSubscribers ?? []) {
        if (socketId !== effect.exceptSocketId) this.observeSent(socketId, effect.frame)
      }
    }
  }

  /** A client that has disconnected is sent nothing, also while its last messages are still handled. */
  private observeSent(socketId: string, frame: string): void {
    const socket = this.sockets.has(socketId) ? this.observed(socketId) : undefined
    if (socket !== undefined) for (const observer of this.observers) observer.sent(socket, frame)
  }

  private observeNotice(notice: Notice): void {
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

/**
 * Returns the topic in the form that Bun accepts. Bun encodes topics as UTF-8, in which all lone surrogates are the same: a name that
 * holds one is quoted, so that two channels never share a topic. A quoted name is no other topic, because no app has an empty id.
 */
function nativeTopic(topic: string): string {
  return topic.isWellFormed() ? topic : `/${JSON.stringify(topic)}`
}
