/** The edge: the one place that listens, and the only one with timers and randomness. */
import type { Config } from '../config/config.ts'
import { appsOf } from '../core/app.ts'
import type { Refused } from '../core/effect.ts'
import { Hub } from '../core/hub.ts'
import { depart, settle } from '../core/settle.ts'
import { type Api, createApi } from '../http/api.ts'
import { maxReceivedBytes } from '../http/received-bodies.ts'
import { targetOf } from '../http/target.ts'
import { asLast } from '../http/unread-body.ts'
import { closes } from '../protocol/errors.ts'
import { authority } from './address.ts'
import { type Descriptors, descriptors } from './descriptors.ts'
import { Executor, type SocketData } from './effects.ts'
import { IdleConnections } from './idle-connections.ts'
import { Intervals } from './intervals.ts'
import { Membership } from './membership.ts'
import { isTakenTwice, requireFree } from './port.ts'
import { type RefusalReport, Refusals } from './refusals.ts'
import { newSocketId } from './socket-id.ts'
import { unfinished } from './unfinished.ts'
import { UnsignedRequests } from './unsigned.ts'
import { upgrade } from './upgrade.ts'
import type { Watcher } from './watch.ts'
import { webSocketCallbacks } from './websocket.ts'

export type ServerOptions = {
  readonly config: Config
  /** Null: plain HTTP. */
  readonly tls: Bun.TLSOptions | null
  readonly watchers: readonly Watcher[]
  /** Something was refused; see `Refusals` for how often that is reported. */
  readonly onRefusal: (report: RefusalReport) => void
  /** An HTTP request was answered; undefined: answers are not watched. */
  readonly onAnswer: ((request: AnsweredRequest, status: number, milliseconds: number) => void) | undefined
  /** Something that nobody foresaw, and what it happened to. */
  readonly unexpected: (error: unknown, where: string) => void
}

/** Path and query are as they were sent. */
export type AnsweredRequest = { readonly method: string; readonly path: string; readonly query: string }

export type RunningServer = {
  readonly host: string
  readonly port: number
  readonly hub: Hub
  readonly executor: Executor
  readonly membership: Membership
  readonly refusals: Pick<Refusals, 'totals'>
  readonly descriptors: Descriptors
  /** The largest message that any app can be given room for without a restart. */
  readonly maxMessageBytes: number
  /** A server that is to meet others first listens, and lets nobody in before this. */
  readonly open: () => void
  /**
   * Neither publishers nor other servers are to count on this one: from now on every answer of the API ends its connection,
   * so that the next request comes by a new one, and no other server sends its clients here.
   */
  readonly askToLeave: () => void
  /** Takes no new connections; those that are there stay. */
  readonly stopAccepting: () => void
  /** How many sockets are still open. */
  readonly openSockets: () => number
  /** Whether another server takes the clients of this one when it stops. */
  readonly hasSuccessor: () => boolean
  /** Closes some of the sockets, the oldest first, with the code that has clients come back at once. Returns how many. */
  readonly closeSome: (count: number) => number
  /** Requests that are not answered yet, or frames that a slow client has still to take. */
  readonly isBusy: () => boolean
  /** Closes every socket that is still there with the code that has clients come back after a second, and ends. */
  readonly stop: () => Promise<void>
}

const tickMs = 1000
/** How often the open descriptors are counted. Where a flood takes all of them in between, Bun busy-loops until the next count. */
const countMs = 100
/** How long a connection may send nothing, or less than a request. */
const requestSeconds = 10
/** How long it may wait for the next request after a signed one: longer than proxies keep a connection, which is 60 seconds with nginx. */
const keepAliveSeconds = 65
/** How often a round over all sockets begins that looks for silent ones. It takes 0.5 ms with 50,000 when none is due: 0.2 % of a core. */
const livenessMs = 250
/** How often it is looked whether sockets that have ended are still on channels. A look takes less than 1 µs where none is. */
const departuresMs = 20
/** How often deferred announcements are checked, and by how much they can be late. A check takes less than 1 µs where none is deferred. */
const settleMs = 100

/**
 * @param options with a host that is an address
 * @throws what `Bun.serve` throws when it cannot listen
 */
export function startServer({ config, tls, watchers, onRefusal, onAnswer, unexpected }: ServerOptions): RunningServer {
  const fits = descriptors()
  const hub = new Hub(appsOf(config.apps), fits.sockets)
  const nowMs = () => performance.now()
  const refusals = new Refusals(onRefusal)
  const refused = ({ refusal, appId, about, times }: Omit<Refused, 'type'>) =>
    refusals.count(refusal, appId, about, nowMs(), times)
  const executor = new Executor(hub.state, watchers, refused, config)
  const membership = new Membership({ hub, executor, nowMs, unexpected })
  const unsigned = new UnsignedRequests()
  const api = createApi({
    state: hub.state,
    prefix: config.path,
    maxRequestBytes: config.maxRequestBytes,
    timestampToleranceSeconds: config.timestampToleranceSeconds,
    idempotencySeconds: config.idempotencySeconds,
    nowSeconds: () => Date.now() / 1000,
    nowMs,
    isDegraded: () => membership.isDegraded,
    publish: (app, publication, now) => executor.apply(hub.publish(app, publication, now)),
    terminate(app, userId) {
      executor.apply(hub.terminate(app, userId, nowMs()))
      executor.cluster?.terminate(app.id, userId)
    },
    upgrade(request, appKey) {
      const response = upgrade(server, request, appKey, newSocketId(hub.state.sockets))
      const appId = hub.state.apps.byKey.get(appKey)?.id
      if (response !== undefined) refused({ refusal: 'bad-handshake', appId, about: request.headers.get('user-agent') ?? '' })
      return response
    },
    keepAlive: request => server.timeout(request, keepAliveSeconds),
    unsigned(request, response) {
      const isLast = unsigned.count(server.requestIP(request), nowMs()) || idle.endsWithAnswer()
      return isLast ? asLast(request, response) : response
    },
    refused,
    unexpected,
  })
  const maxMessageBytes = Math.max(...config.apps.map(app => app.maxMessageBytes))
  let isLeaving = false
  const gate = Promise.withResolvers<void>()
  let held = config.handOver === null && config.scaling === null ? undefined : gate.promise
  const watched = onAnswer === undefined ? api : watchedApi(api, onAnswer, nowMs)
  const answer = (request: Request) => (isLeaving ? ending(request, watched(request)) : watched(request))
  const isAlone = config.handOver?.address !== authority(config.host, config.port)
  if (isAlone) requireFree(config.host, config.port)
  const server = Bun.serve<SocketData>({
    hostname: config.host,
    port: config.port,
    development: false,
    // The next server listens before this one leaves.
    reusePort: true,
    idleTimeout: requestSeconds,
    // Above our own limit, so that an oversize body gets an answer that says why.
    maxRequestBodySize: maxReceivedBytes(config.maxRequestBytes),
    ...(tls === null ? {} : { tls }),
    fetch: request => (held === undefined ? answer(request) : held.then(() => answer(request))) as Promise<Response>,
    websocket: webSocketCallbacks({
      hub,
      executor,
      watchers,
      nowMs,
      maxMessageBytes,
      queueBounds: config,
      allowance: { messagesPerSecond: config.maxMessagesPerSecond, bytesPerSecond: config.maxBytesPerSecond },
      refused,
      unexpected: (error, socketId) => unexpected(error, `socket ${socketId}`),
    }),
  })
  if (isAlone && isTakenTwice(server.port ?? config.port)) {
    void server.stop(true)
    throw Object.assign(new Error('The port is in use.'), { code: 'EADDRINUSE' })
  }
  executor.attach(server)
  const idle = new IdleConnections(server, unfinished(), {
    limit: fits.limit,
    nowMs,
    onClosed: count => refusals.count('idle-connection', undefined, '', nowMs(), count),
  })
  const intervals = new Intervals(unexpected)
  intervals.every(tickMs, 'tick', () => {
    executor.apply(hub.tick(nowMs()))
    membership.tick()
    executor.tick()
    refusals.tick(nowMs())
  })
  intervals.turns(livenessMs, 'liveness', () => {
    const { effects, isRoundOver } = hub.checkLiveness(nowMs())
    executor.apply(effects)
    return isRoundOver
  })
  intervals.turns(departuresMs, 'departures', () => {
    const { effects, isOver } = depart(hub.state, nowMs())
    executor.apply(effects)
    return isOver
  })
  intervals.every(settleMs, 'settle', () => executor.apply(settle(hub.state, nowMs())))
  intervals.every(countMs, 'descriptors', () => idle.look())

  return {
    host: config.host,
    port: server.port ?? config.port,
    hub,
    executor,
    membership,
    refusals,
    descriptors: fits,
    maxMessageBytes,
    open() {
      held = undefined
      gate.resolve()
    },
    askToLeave() {
      isLeaving = true
      membership.announceStop()
    },
    stopAccepting: () => void server.stop(),
    openSockets: () => executor.sockets.size,
    hasSuccessor: () => membership.hasSuccessor,
    closeSome(count) {
      const socketIds = [...hub.state.sockets.keys()].slice(0, count)
      for (const socketId of socketIds) executor.apply(hub.close(socketId, closes.restart, nowMs()))
      return socketIds.length
    },
    isBusy: () => server.pendingRequests > 0 || executor.hasBacklog(),
    async stop() {
      intervals.end()
      await membership.leave(Bun.sleep)
      executor.apply(hub.end(closes.stopped))
      await server.stop(true)
      refusals.end(nowMs())
    },
  }
}

/** The API, with a listener for its answers. A WebSocket is one with status 101. */
function watchedApi(api: Api, onAnswer: NonNullable<ServerOptions['onAnswer']>, nowMs: () => number): Api {
  return async request => {
    const startedAtMs = nowMs()
    const response = await api(request)
    const { sentPath: path, query } = targetOf(request.url)
    onAnswer({ method: request.method, path, query }, response?.status ?? 101, nowMs() - startedAtMs)
    return response
  }
}

/** The answer, as the last one of its connection. */
async function ending(request: Request, answer: Promise<Response | undefined>): Promise<Response | undefined> {
  const response = await answer
  return response === undefined ? undefined : asLast(request, response)
}
