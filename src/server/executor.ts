/** Executes the core's effects on Bun's sockets. */
import type { Broadcast, Effect, Refused } from '../core/effect.ts'
import type { Entry } from '../core/entry.ts'
import type { Queries } from '../core/queries.ts'
import type { RelayedEvent } from '../core/replica.ts'
import type { Close } from '../protocol/errors.ts'
import type { Refusal } from '../protocol/refusal.ts'
import { Observation } from './observation.ts'
import type { ObservedSocket, Observer } from './observer.ts'
import { QueuedTotal } from './queued-total.ts'
import { SlowClients } from './slow-clients.ts'
import type { SocketData, WebSocket } from './socket-data.ts'

/** How many bytes may wait for clients that do not take them. */
export type QueueBounds = {
  /** For one connection: Bun closes it when more wait. */
  readonly maxQueuedBytes: number
  /** For all connections together. */
  readonly maxTotalQueuedBytes: number
}

/** The other nodes, where this server is in a cluster: where it is in none, nothing is done. */
export type OtherNodes = {
  readonly publish: (event: RelayedEvent) => void
  readonly replicate: (entry: Entry) => void
  /** Terminates the connections of a user. */
  readonly terminate: (appId: string, userId: string) => void
}

export type ExecutorOptions = {
  readonly queries: Pick<Queries, 'socket' | 'subscribers'>
  readonly otherNodes: OtherNodes
  readonly observers: readonly Observer[]
  readonly refused: (refused: Omit<Refused, 'type'>) => void
  readonly queueBounds: QueueBounds
}

/** The longest header of a WebSocket frame that a server sends. */
const headerBytes = 10
/**
 * Up to here every connection counts as a recipient of a broadcast: counting the subscribers of its topic takes Bun 200 ns, which is
 * worth it for larger ones only.
 */
const countFromBytes = 128 * 1024

export class Executor {
  private readonly open = new Map<string, WebSocket>()
  /** Every open socket by its id, including those that the core has refused or removed. */
  readonly sockets: ReadonlyMap<string, WebSocket> = this.open
  private publisher: Pick<Bun.Server<SocketData>, 'publish' | 'subscriberCount'> | undefined
  /** How deep calls of `apply` are nested: Bun reports a connection that an effect closes before the remaining effects are executed. */
  private depth = 0

  private readonly slow: SlowClients
  private readonly queued: QueuedTotal
  private readonly otherNodes: OtherNodes
  /** Undefined without observers, where it costs nothing. */
  private readonly observation: Observation | undefined
  private readonly refused: ExecutorOptions['refused']

  constructor({ queries, otherNodes, observers, refused, queueBounds }: ExecutorOptions) {
    const { maxQueuedBytes, maxTotalQueuedBytes } = queueBounds
    this.otherNodes = otherNodes
    this.observation = observers.length === 0 ? undefined : new Observation(observers, queries, this.sockets)
    this.refused = refused
    this.slow = new SlowClients(this.sockets, maxQueuedBytes)
    this.queued = new QueuedTotal(this.sockets, maxTotalQueuedBytes, act => void setImmediate(act))
  }

  /**
   * Bun's topics belong to the listening server. It exists only after the callbacks that it is given, which need this executor: so it
   * cannot be an argument of the constructor, here and in `Admission`.
   */
  attach(publisher: Pick<Bun.Server<SocketData>, 'publish' | 'subscriberCount'>): void {
    this.publisher = publisher
  }

  apply(effects: readonly Effect[]): void {
    this.depth++
    try {
      for (const effect of effects) {
        this.observation?.show(effect)
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

  /** Adds a connection that has opened. */
  opened(socket: WebSocket): void {
    this.open.set(socket.data.socketId, socket)
  }

  /**
   * Removes a connection that is closed.
   *
   * @param isCut whether it was closed without a close frame
   * @returns the kind of refusal, where the server has closed it because too much waited
   */
  closed(socket: WebSocket, isCut: boolean): Extract<Refusal, 'slow-client' | 'queued-total'> | undefined {
    this.open.delete(socket.data.socketId)
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

  /** What observers see of a socket: undefined where the core has refused or removed it. */
  observed(socketId: string): ObservedSocket | undefined {
    return this.observation?.socket(socketId)
  }

  private execute(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.send(effect.socketId, effect.frame)
        break
      case 'broadcast':
        this.broadcast(effect)
        if (effect.scope === 'cluster') this.otherNodes.publish(effect)
        break
      case 'replicate':
        this.otherNodes.replicate(effect.entry)
        break
      case 'terminate':
        this.otherNodes.terminate(effect.appId, effect.userId)
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
}

/**
 * Returns the topic in the form that Bun accepts. Bun encodes topics as UTF-8, in which all lone surrogates are the same: a name that
 * holds one is quoted, so that two channels never share a topic. A quoted name is no other topic, because no app has an empty id.
 */
function nativeTopic(topic: string): string {
  return topic.isWellFormed() ? topic : `/${JSON.stringify(topic)}`
}
