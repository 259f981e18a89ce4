/** Composes a server: the core, what executes its effects, the API, the listener, the timers, and the handles for those who run it. */
import type { Config } from '../config/config.ts'
import { appsOf } from '../core/app.ts'
import type { Refused } from '../core/effect.ts'
import { Hub } from '../core/hub.ts'
import { type Api, createApi } from '../http/api.ts'
import { targetOf } from '../http/target.ts'
import { Admin } from './admin.ts'
import { Admission } from './admission.ts'
import { clockMs } from './clock.ts'
import { type Descriptors, descriptors } from './descriptors.ts'
import { Executor } from './executor.ts'
import { IdleConnections } from './idle-connections.ts'
import { listen } from './listen.ts'
import { Membership } from './membership.ts'
import type { Observer } from './observer.ts'
import { type RefusalReport, Refusals } from './refusals.ts'
import { startTicker } from './ticker.ts'
import { type Traffic, trafficOf } from './traffic.ts'
import { unfinished } from './unfinished.ts'
import { webSocketCallbacks } from './websocket.ts'

export type ServerOptions = {
  /** Its host is an address. */
  readonly config: Config
  /** Null: plain HTTP. */
  readonly tls: Bun.TLSOptions | null
  readonly observers: readonly Observer[]
  /** Called where something was refused, as often as `Refusals` reports it. */
  readonly onRefusal: (report: RefusalReport) => void
  /** Called when an HTTP request was answered; undefined where answers are not observed. */
  readonly onAnswer: ((request: AnsweredRequest, status: number, milliseconds: number) => void) | undefined
  /** An unexpected error, and the part of the server in which it occurred. */
  readonly unexpected: (error: unknown, where: string) => void
}

/** Path and query are as they were sent. */
export type AnsweredRequest = { readonly method: string; readonly path: string; readonly query: string }

export type RunningServer = {
  readonly host: string
  readonly port: number
  readonly descriptors: Descriptors
  readonly traffic: Traffic
  readonly membership: Membership
  readonly admin: Admin
  /** What the handles act on, for tests and for measurements. */
  readonly parts: Pick<Shared, 'hub' | 'executor' | 'refusals' | 'nowMs'>
}

/** What the parts of a server share. */
type Shared = {
  readonly hub: Hub
  readonly executor: Executor
  readonly membership: Membership
  readonly refusals: Refusals
  readonly refused: (refused: Omit<Refused, 'type'>) => void
  /** The time by `clock.ts`. */
  readonly nowMs: () => number
  readonly unexpected: ServerOptions['unexpected']
}

/** @throws what `Bun.serve` throws when it cannot listen */
export function startServer(options: ServerOptions): RunningServer {
  const { config, tls, observers, onAnswer } = options
  const limits = descriptors()
  const shared = share(options, limits)
  const { hub, executor, membership, refusals, refused, nowMs } = shared
  const isOpen = config.handOver === null && config.scaling === null
  const admission = new Admission({ queries: hub.queries, nowMs, refused, isOpen })
  const api = createApi(apiOptions(config, shared, admission))
  const maxMessageBytes = Math.max(...config.apps.map(app => app.maxMessageBytes))
  const server = listen({
    config,
    tls,
    fetch: admission.guard(onAnswer === undefined ? api : observedApi(api, onAnswer, nowMs)),
    websocket: webSocketCallbacks({
      ...shared,
      observers,
      maxMessageBytes,
      queueBounds: config,
      allowance: {
        messagesPerSecond: config.maxMessagesPerSecond,
        bytesPerSecond: config.maxBytesPerSecond,
        burstSeconds: config.burstSeconds,
      },
      unexpected: (error, socketId) => options.unexpected(error, `socket ${socketId}`),
    }),
  })
  executor.attach(server)
  const onClosed = (count: number) => refusals.count('idle-connection', undefined, '', nowMs(), count)
  const idle = new IdleConnections(server, unfinished(), { limit: limits.limit, nowMs, onClosed })
  admission.attach(server, idle)
  const intervals = startTicker({ ...shared, idle })
  return {
    host: config.host,
    port: server.port ?? config.port,
    descriptors: limits,
    traffic: trafficOf({ ...shared, server, admission, intervals }),
    membership,
    admin: new Admin({ ...shared, maxMessageBytes }),
    parts: shared,
  }
}

function share({ config, observers, onRefusal, unexpected }: ServerOptions, limits: Descriptors): Shared {
  const nowMs = clockMs
  const hub = new Hub(appsOf(config.apps), limits.sockets)
  const refusals = new Refusals(onRefusal)
  const refused = ({ refusal, appId, about, times }: Omit<Refused, 'type'>) =>
    refusals.count(refusal, appId, about, nowMs(), times)
  const membership = new Membership({ replica: hub.replica, apply: effects => executor.apply(effects), nowMs, unexpected })
  const executor = new Executor({ queries: hub.queries, otherNodes: membership, observers, refused, queueBounds: config })
  return { hub, executor, membership, refusals, refused, nowMs, unexpected }
}

function apiOptions(config: Config, shared: Shared, admission: Admission): Parameters<typeof createApi>[0] {
  const { hub, executor, membership, refused, nowMs, unexpected } = shared
  return {
    queries: hub.queries,
    prefix: config.path,
    maxRequestBytes: config.maxRequestBytes,
    timestampToleranceSeconds: config.timestampToleranceSeconds,
    idempotencySeconds: config.idempotencySeconds,
    nowSeconds: () => Date.now() / 1000,
    nowMs,
    isDegraded: () => membership.isDegraded,
    publish: (app, publication, now) => executor.apply(hub.publish(app, publication, now)),
    terminate: (app, userId) => executor.apply(hub.terminate(app, userId, nowMs())),
    upgrade: (request, appKey) => admission.upgrade(request, appKey),
    keepAlive: request => admission.keepAlive(request),
    unsigned: (request, response) => admission.answerUnsigned(request, response),
    refused,
    unexpected,
  }
}

/** The API, with a listener for its answers. A WebSocket is one with status 101. */
function observedApi(api: Api, onAnswer: NonNullable<ServerOptions['onAnswer']>, nowMs: () => number): Api {
  return async request => {
    const startedAtMs = nowMs()
    const response = await api(request)
    const { sentPath: path, query } = targetOf(request.url)
    onAnswer({ method: request.method, path, query }, response?.status ?? 101, nowMs() - startedAtMs)
    return response
  }
}
