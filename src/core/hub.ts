/**
 * The door to the core for clients and applications (other nodes have one of their own, `replica.ts`): what happens outside
 * comes in as a call, what is to be done about it goes out as effects. Synchronous and silent; time and ids are arguments.
 */
import { exceedsBytes } from '../protocol/bytes.ts'
import { channelKind } from '../protocol/channel-name.ts'
import { type Close, closes } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import { parseMessage } from '../protocol/message.ts'
import { isApplicationEvent } from '../protocol/names.ts'
import type { Refusal } from '../protocol/refusal.ts'
import { versionFault } from '../protocol/version.ts'
import type { App, Apps } from './app.ts'
import { forgetGoneApps, replaceApps } from './apps.ts'
import { topicOf } from './channel.ts'
import { clientEvent } from './client-event.ts'
import type { Effect } from './effect.ts'
import { closeError, complaint, refuse } from './error-effects.ts'
import { expireLastEvents, keepLastEvent } from './last-events.ts'
import { LivenessRounds, ping } from './liveness.ts'
import { refuseTooFast } from './message-rate.ts'
import { isOriginAllowed } from './origin.ts'
import { signIn, signOut } from './signin.ts'
import { newSocket, type Socket, touch } from './socket.ts'
import { addSocket, forgetSockets, newState, quotaCount, removeSocket, type State } from './state.ts'
import { removeAllChannels, subscribe, unsubscribe, unsubscribeAll } from './subscribe.ts'
import { tellCounts } from './subscription-count.ts'
import { socketsOfUser } from './user-sockets.ts'

export type Publication = {
  readonly name: string
  /** The event's text, passed on as it is. */
  readonly data: string
  readonly channels: readonly string[]
  /** Whoever caused the event need not hear of it. */
  readonly exceptSocketId: string | undefined
}

export class Hub {
  readonly state: State
  private readonly rounds = new LivenessRounds()

  /**
   * @param maxSockets of the whole server: what its file descriptors allow
   * @param units what is done in one turn of `depart`
   */
  constructor(
    apps: Apps,
    private readonly maxSockets = Number.POSITIVE_INFINITY,
    units?: number,
  ) {
    this.state = newState(apps, units)
  }

  /** A client has come. `origin` and `protocol`, the version in its URL, are null when it sent none. A refused one is told why and closed; nothing is kept of it. */
  open(socketId: string, appKey: string, origin: string | null, nowMs: number, protocol: string | null = null): Effect[] {
    const app = this.state.apps.byKey.get(appKey)
    const refused = (close: Close, refusal: Refusal, about = '') => refuse(socketId, close, { refusal, appId: app?.id, about })
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
    const effects: Effect[] = []
    addSocket(this.state, newSocket(socketId, app, nowMs), effects)
    effects.push({ type: 'send', socketId, frame: frames.connectionEstablished(socketId, app.activityTimeoutSeconds) })
    return effects
  }

  /** A text has come from a client. */
  message(socketId: string, text: string, nowMs: number): Effect[] {
    const socket = this.state.sockets.get(socketId)
    if (socket === undefined) return []
    touch(socket, nowMs)
    if (exceedsBytes(text, socket.app.maxMessageBytes)) {
      const refused: Effect = { type: 'refused', refusal: 'message-too-large', appId: socket.app.id, about: '' }
      return [refused, ...this.drop(socket, closes.tooLarge, nowMs)]
    }
    const tooFast = refuseTooFast(socket, nowMs)
    if (tooFast !== undefined)
      return socket.app.rateLimit?.terminate ? [...tooFast, ...this.drop(socket, closes.rateLimited, nowMs)] : tooFast
    try {
      return this.obey(socket, text, nowMs)
    } catch (error) {
      return complaint(socket, error)
    }
  }

  /** A client has sent more than its allowance. */
  flooded(socketId: string, nowMs: number): Effect[] {
    const socket = this.state.sockets.get(socketId)
    if (socket === undefined) return []
    const refused: Effect = { type: 'refused', refusal: 'message-flood', appId: socket.app.id, about: '' }
    return [refused, ...this.expel(socket, closes.flooded, nowMs)]
  }

  /** A ping or pong control frame has come. */
  control(socketId: string, nowMs: number): void {
    const socket = this.state.sockets.get(socketId)
    if (socket === undefined) return
    touch(socket, nowMs)
    socket.speaksControlFrames = true
  }

  /** A client has gone. */
  closed(socketId: string, nowMs: number): Effect[] {
    const socket = this.state.sockets.get(socketId)
    return socket === undefined ? [] : this.forget(socket, nowMs)
  }

  /** The application publishes an event. A channel that is named twice gets it twice. */
  publish(app: App, { name, data, channels, exceptSocketId }: Publication, nowMs: number): Effect[] {
    return channels.map(channel => {
      const frame = frames.event(name, data, channel)
      if (channelKind(channel).cache && isApplicationEvent(name)) keepLastEvent(this.state, app, channel, frame, nowMs)
      return { type: 'broadcast', topic: topicOf(app.id, channel), frame, exceptSocketId, everywhere: true }
    })
  }

  /** Disconnects all sockets of a user who is signed in, on a presence channel or about to join one. `userId` is the id as text. */
  terminate(app: App, userId: string, nowMs: number): Effect[] {
    const effects: Effect[] = []
    for (const socket of socketsOfUser(this.state, app, userId)) {
      for (const effect of this.expel(socket, closes.terminated, nowMs)) effects.push(effect)
    }
    return effects
  }

  /** The application talks to one socket of its own. */
  send(app: App, socketId: string, frame: string): Effect[] {
    return this.ownSocket(app, socketId) === undefined ? [] : [{ type: 'send', socketId, frame }]
  }

  /** The application closes one socket of its own; the client may come back. */
  disconnect(app: App, socketId: string, nowMs: number): Effect[] {
    const socket = this.ownSocket(app, socketId)
    return socket === undefined ? [] : this.drop(socket, closes.disconnected, nowMs)
  }

  /** The server closes one socket. */
  close(socketId: string, close: Close, nowMs: number): Effect[] {
    const socket = this.state.sockets.get(socketId)
    return socket === undefined ? [] : this.drop(socket, close, nowMs)
  }

  /** The server stops: every socket is closed at once, and no client is sent that the others have left. */
  end(close: Close): Effect[] {
    const effects: Effect[] = []
    removeAllChannels(this.state, effects)
    for (const socketId of this.state.sockets.keys()) effects.push({ type: 'close', socketId, close })
    forgetSockets(this.state)
    return effects
  }

  /** Other apps from now on. Sockets of those that are gone or disabled are closed, the others stay. */
  replaceApps(apps: readonly App[], nowMs: number): Effect[] {
    const unwanted = replaceApps(this.state, apps, nowMs)
    const effects = unwanted.flatMap(({ socket, close }) => this.expel(socket, close, nowMs))
    // Only now: until its last socket is expelled, an app has a count of sockets.
    this.state.hasGoneApps = true
    forgetGoneApps(this.state)
    return effects
  }

  /** Whoever knows the apps cannot be asked: an unknown key is no longer one that does not exist. */
  forgetWhichAppsThereAre(): void {
    this.state.areAppsKnown = false
  }

  /**
   * Pings silent sockets, and closes those that left a ping unanswered: one turn of a round over all sockets. A round that is not
   * over goes on with the next call.
   */
  checkLiveness(nowMs: number): { effects: Effect[]; isRoundOver: boolean } {
    const { due, isRoundOver } = this.rounds.turn(this.state.sockets, nowMs)
    const effects: Effect[] = []
    for (const { socket, verdict } of due) {
      if (verdict === 'ask') effects.push(ping(socket, nowMs))
      else for (const effect of this.prune(socket, nowMs)) effects.push(effect)
    }
    return { effects, isRoundOver }
  }

  /** Time has passed: does what had to wait, and lets go of what has expired. */
  tick(nowMs: number): Effect[] {
    const effects: Effect[] = []
    tellCounts(this.state, nowMs, effects)
    expireLastEvents(this.state, nowMs, effects)
    return effects
  }

  private obey(socket: Socket, text: string, nowMs: number): Effect[] {
    const message = parseMessage(text)
    const effects: Effect[] = []
    switch (message.type) {
      case 'ping':
        effects.push({ type: 'send', socketId: socket.id, frame: frames.pong })
        break
      case 'subscribe':
        subscribe(this.state, socket, message, nowMs, effects)
        break
      case 'unsubscribe':
        unsubscribe(this.state, socket, message.channel, nowMs, effects)
        break
      case 'client-event':
        clientEvent(socket, message, nowMs, effects)
        break
      case 'signin':
        signIn(this.state, socket, message, effects)
        break
    }
    return effects
  }

  private prune(socket: Socket, nowMs: number): Effect[] {
    const { id: socketId, lastSeenMs } = socket
    const notice = { event: 'connection_pruned', appId: socket.app.id, socketId, lastSeenMs } as const
    return [{ type: 'notify', notice }, ...this.expel(socket, closes.noPong, nowMs)]
  }

  /** Closes a socket, with `pusher:error` first. */
  private expel(socket: Socket, close: Close, nowMs: number): Effect[] {
    return [closeError(socket.id, close), ...this.drop(socket, close, nowMs)]
  }

  private drop(socket: Socket, close: Close, nowMs: number): Effect[] {
    return [...this.forget(socket, nowMs), { type: 'close', socketId: socket.id, close }]
  }

  private forget(socket: Socket, nowMs: number): Effect[] {
    const effects: Effect[] = []
    removeSocket(this.state, socket, effects)
    unsubscribeAll(this.state, socket, nowMs, effects)
    signOut(this.state, socket, nowMs, effects)
    return effects
  }

  private ownSocket(app: App, socketId: string): Socket | undefined {
    const socket = this.state.sockets.get(socketId)
    return socket?.app.id === app.id ? socket : undefined
  }
}
