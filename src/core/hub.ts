/**
 * The entry point of the core for clients and applications; that for other nodes is its `replica`. Whatever happens outside is a call, and
 * what has to be done about it is returned as effects. The core is synchronous and does no I/O: time and ids are arguments.
 */
import { exceedsBytes } from '../protocol/bytes.ts'
import { channelKind } from '../protocol/channel-name.ts'
import { type Close, closes } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import { isApplicationEvent } from '../protocol/names.ts'
import type { Refusal } from '../protocol/refusal.ts'
import { versionFault } from '../protocol/version.ts'
import type { App, Apps } from './app.ts'
import { purgeRemovedApps, replaceApps } from './apps.ts'
import { topicOf } from './channel.ts'
import { closeSocket, closeWithError, removeFromNode, terminateUser } from './closing.ts'
import { enforceQuotas } from './connection-quota.ts'
import { continueCleanup, runDeferred } from './deferred.ts'
import { dispatch } from './dispatch.ts'
import type { Effect } from './effect.ts'
import { refusalOf, refuseConnection } from './error-effects.ts'
import { cacheLastEvent, expireLastEvents } from './last-events.ts'
import { LivenessRounds, ping } from './liveness.ts'
import { exceedsRate } from './message-rate.ts'
import { isOriginAllowed } from './origin.ts'
import { Queries } from './queries.ts'
import { Replica } from './replica.ts'
import { newSocket, type Socket, touch } from './socket.ts'
import { addSocket, newState, quotaCount, removeAllSockets, type State } from './state.ts'
import { removeAllChannels } from './subscribe.ts'
import { broadcastPendingCounts } from './subscription-count.ts'

export type Publication = {
  readonly name: string
  /** The event's text, which is sent unchanged. */
  readonly data: string
  readonly channels: readonly string[]
  /** The socket that caused the event, which is not sent it. */
  readonly exceptSocketId: string | undefined
}

export class Hub {
  /** Owned by the core: other folders ask `queries`, and only tests read it. */
  readonly state: State
  /** What other nodes do, and are given. */
  readonly replica: Replica
  readonly queries: Queries
  private readonly rounds = new LivenessRounds()

  /**
   * @param maxSockets how many the file descriptors of the server allow, for all apps together
   * @param units how much is done in one turn of `continueCleanup`
   */
  constructor(
    apps: Apps,
    private readonly maxSockets = Number.POSITIVE_INFINITY,
    units?: number,
  ) {
    this.state = newState(apps, units)
    this.replica = new Replica(this.state)
    this.queries = new Queries(this.state)
  }

  /**
   * A client has connected. `origin`, and `protocol`, the version in its URL, are null when it sent none. A connection that is refused is
   * sent an error and closed, and nothing of it is kept.
   */
  open(socketId: string, appKey: string, origin: string | null, nowMs: number, protocol: string | null = null): Effect[] {
    const app = this.state.apps.byKey.get(appKey)
    const effects: Effect[] = []
    const refused = (close: Close, refusal: Refusal, about = '') => {
      refuseConnection(socketId, close, { refusal, appId: app?.id, about }, effects)
      return effects
    }
    if (app === undefined) {
      return this.state.areAppsKnown
        ? refused(closes.unknownApp, 'unknown-key', appKey)
        : refused(closes.unreachable, 'apps-unreachable', appKey)
    }
    if (!app.enabled) return refused(closes.disabled, 'app-disabled')
    const fault = app.checksProtocol ? versionFault(protocol) : undefined
    if (fault !== undefined) return refused(fault, 'protocol-version', protocol ?? '')
    if (!isOriginAllowed(app, origin)) return refused(closes.unauthorized, 'origin-not-allowed', origin ?? '')
    if (quotaCount(this.state, app.id) >= app.maxConnections) return refused(closes.overQuota, 'max-connections')
    if (this.state.sockets.size >= this.maxSockets) return refused(closes.overCapacity, 'over-capacity')
    addSocket(this.state, newSocket(socketId, app, nowMs), effects)
    effects.push({ type: 'send', socketId, frame: frames.connectionEstablished(socketId, app.activityTimeoutSeconds) })
    return effects
  }

  /** A client has sent a text message. */
  message(socketId: string, text: string, nowMs: number): Effect[] {
    const effects: Effect[] = []
    const socket = this.state.sockets.get(socketId)
    if (socket === undefined) return effects
    touch(socket, nowMs)
    if (exceedsBytes(text, socket.app.maxMessageBytes)) {
      effects.push(refusalOf(socket, 'message-too-large'))
      closeSocket(this.state, socket, closes.tooLarge, nowMs, effects)
    } else if (exceedsRate(socket, nowMs, effects)) {
      if (socket.app.rateLimit?.terminate) closeSocket(this.state, socket, closes.rateLimited, nowMs, effects)
    } else dispatch(this.state, socket, text, nowMs, effects)
    return effects
  }

  /** A client has sent more than its allowance (`allowance.ts`). */
  flooded(socketId: string, nowMs: number): Effect[] {
    return withSocket(this.state.sockets.get(socketId), (socket, effects) => {
      effects.push(refusalOf(socket, 'message-flood'))
      closeWithError(this.state, socket, closes.flooded, nowMs, effects)
    })
  }

  /** A client has sent a ping or pong control frame. */
  control(socketId: string, nowMs: number): void {
    const socket = this.state.sockets.get(socketId)
    if (socket === undefined) return
    touch(socket, nowMs)
    socket.speaksControlFrames = true
  }

  /** A client has disconnected. */
  closed(socketId: string, nowMs: number): Effect[] {
    return withSocket(this.state.sockets.get(socketId), (socket, effects) => removeFromNode(this.state, socket, nowMs, effects))
  }

  /** The application publishes an event. A channel that is named twice is sent it twice. */
  publish(app: App, { name, data, channels, exceptSocketId }: Publication, nowMs: number): Effect[] {
    return channels.map(channel => {
      const frame = frames.event(name, data, channel)
      if (channelKind(channel).cache && isApplicationEvent(name)) cacheLastEvent(this.state, app, channel, frame, nowMs)
      return { type: 'broadcast', topic: topicOf(app.id, channel), frame, exceptSocketId, scope: 'cluster' }
    })
  }

  /**
   * The application terminates the connections of a user, on all nodes: all sockets that are signed in as that user, are on a presence
   * channel as that user, or wait to join one. `userId` is the id as text.
   */
  terminate(app: App, userId: string, nowMs: number): Effect[] {
    const effects: Effect[] = []
    terminateUser(this.state, app, userId, nowMs, effects)
    if (this.state.isClustered) effects.push({ type: 'terminate', appId: app.id, userId })
    return effects
  }

  /** The application sends a frame to one of its sockets. */
  send(app: App, socketId: string, frame: string): Effect[] {
    return this.socketOf(app, socketId) === undefined ? [] : [{ type: 'send', socketId, frame }]
  }

  /** The application closes one of its sockets. Its client may reconnect. */
  disconnect(app: App, socketId: string, nowMs: number): Effect[] {
    return withSocket(this.socketOf(app, socketId), (socket, effects) =>
      closeSocket(this.state, socket, closes.disconnected, nowMs, effects),
    )
  }

  /** The server closes one socket. */
  close(socketId: string, close: Close, nowMs: number): Effect[] {
    return withSocket(this.state.sockets.get(socketId), (socket, effects) =>
      closeSocket(this.state, socket, close, nowMs, effects),
    )
  }

  /** The server stops: every socket is closed at once, and no client is sent that the others have left. */
  end(close: Close): Effect[] {
    const effects: Effect[] = []
    removeAllChannels(this.state, effects)
    for (const socketId of this.state.sockets.keys()) effects.push({ type: 'close', socketId, close })
    removeAllSockets(this.state)
    return effects
  }

  /** Replaces the apps of a running server. Sockets of apps that were removed or disabled are closed, all others stay. */
  replaceApps(apps: readonly App[], nowMs: number): Effect[] {
    const effects: Effect[] = []
    const disconnections = replaceApps(this.state, apps, nowMs)
    // An app that was removed is not purged before the last of its sockets is closed, as each of these changes the number of its sockets.
    this.state.hasRemovedApps = false
    for (const { socket, close } of disconnections) closeWithError(this.state, socket, close, nowMs, effects)
    this.state.hasRemovedApps = true
    purgeRemovedApps(this.state)
    return effects
  }

  /** The source of the apps cannot be read: from now on, an app with an unknown key may exist. */
  markAppsUnavailable(): void {
    this.state.areAppsKnown = false
  }

  /**
   * Pings idle sockets, and closes those that have not answered a ping. One call is one turn of a round over all sockets; a round that is
   * not over continues with the next call.
   */
  checkLiveness(nowMs: number): { effects: Effect[]; isRoundOver: boolean } {
    const { due, isRoundOver } = this.rounds.turn(this.state.sockets, nowMs)
    const effects: Effect[] = []
    for (const { socket, liveness } of due) {
      if (liveness === 'ping') effects.push(ping(socket, nowMs))
      else this.prune(socket, nowMs, effects)
    }
    return { effects, isRoundOver }
  }

  /**
   * Called once a second: broadcasts the subscription counts that are due, removes cached events that have expired, and closes sockets over
   * the quota of their app.
   */
  tick(nowMs: number): Effect[] {
    const effects: Effect[] = []
    broadcastPendingCounts(this.state, nowMs, effects)
    expireLastEvents(this.state, nowMs, effects)
    enforceQuotas(this.state, nowMs, effects)
    return effects
  }

  /** Called every 100 ms: sends what was deferred. */
  runDeferred(nowMs: number): Effect[] {
    return runDeferred(this.state, nowMs)
  }

  /** Does one turn of the cleanup. To be called until it is done. */
  continueCleanup(nowMs: number): { effects: Effect[]; isDone: boolean } {
    return continueCleanup(this.state, nowMs)
  }

  private prune(socket: Socket, nowMs: number, effects: Effect[]): void {
    const { id: socketId, lastSeenMs } = socket
    effects.push({ type: 'notify', notice: { event: 'connection_pruned', appId: socket.app.id, socketId, lastSeenMs } })
    closeWithError(this.state, socket, closes.noPong, nowMs, effects)
  }

  private socketOf(app: App, socketId: string): Socket | undefined {
    const socket = this.state.sockets.get(socketId)
    return socket?.app.id === app.id ? socket : undefined
  }
}

/** The effects of what is done with a socket; none where there is no such socket. */
function withSocket(socket: Socket | undefined, act: (socket: Socket, effects: Effect[]) => void): Effect[] {
  const effects: Effect[] = []
  if (socket !== undefined) act(socket, effects)
  return effects
}
