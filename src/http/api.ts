/** The HTTP API: a request in, a response out, without a port. This file is the order in which a request is checked. */
import type { App } from '../core/app.ts'
import type { Publication } from '../core/hub.ts'
import type { Queries } from '../core/queries.ts'
import { exceedsBytes } from '../protocol/bytes.ts'
import { md5 } from '../protocol/signature.ts'
import { authenticate } from './authenticate.ts'
import { parseBody } from './body.ts'
import { channel, channels, channelUsers } from './channels.ts'
import { batchEvents, events } from './events.ts'
import { type ErrorOptions, errorResponse, HttpError } from './http-error.ts'
import { Idempotency, keyHeader, replayedHeader } from './idempotency.ts'
import { decodeComponent, parseQuery } from './query-string.ts'
import { declaredBytes, isOversize, ReceivedBodies, tooLarge } from './received-bodies.ts'
import { RequestRates } from './request-rate.ts'
import { allowedMethods, findRoute, type Route, type SignedRoute, withOneSlash, withoutPrefix } from './routes.ts'
import { type Target, targetOf } from './target.ts'
import { asksToClose, readRest } from './unread-body.ts'

export type ApiOptions = ErrorOptions & {
  readonly maxRequestBytes: number
  readonly timestampToleranceSeconds: number
  /** How long the answer to a publish with an idempotency key is remembered; 0 ignores the keys. */
  readonly idempotencySeconds: number
  /** The Unix time. */
  readonly nowSeconds: () => number
  /** The time of a clock that never goes back. */
  readonly nowMs: () => number
  /** Whether this server is disconnected from the others of its cluster at the moment. */
  readonly isDegraded: () => boolean
  readonly publish: (app: App, publication: Publication, nowMs: number) => void
  readonly terminate: (app: App, userId: string) => void
  /** Upgrades the request to a WebSocket, and returns undefined; or the answer where it cannot. */
  readonly upgrade: (request: Request, appKey: string) => Response | undefined
  /** Keeps the connection of a signed request open for the next one: it is a publisher's, or a proxy's. */
  readonly keepAlive: (request: Request) => void
  /** The answer to a request whose signature is not verified, with `Connection: close` where its connection has had too many of them. */
  readonly unsigned: (request: Request, response: Response) => Response | Promise<Response>
}

export type Api = (request: Request) => Promise<Response | undefined>

/** What is remembered of earlier requests, and of those that are being received. */
type RequestState = {
  readonly rates: RequestRates
  readonly idempotency: Idempotency
  readonly bodies: ReceivedBodies
}

export function createApi(options: ApiOptions): Api {
  const { maxRequestBytes, timestampToleranceSeconds: tolerance } = options
  const requests = newRequestState(options)
  return async request => {
    const { method } = request
    const { sentPath, query } = targetOf(request.url)
    const fullPath = withOneSlash(sentPath)
    let isSigned = false
    try {
      const route = openRoute(options, request, fullPath)
      if (route instanceof Response) return options.unsigned(request, route)
      if (route.name === 'socket') return options.upgrade(request, route.app)
      // The body of a GET is not read: that takes longer than the rest of the request.
      const hasBody = method === 'POST'
      const declared = hasBody ? declaredBytes(request, maxRequestBytes) : 0
      const app = findApp(options.queries, route.app)
      const signed = { method, paths: signedPaths(sentPath, fullPath, options.prefix), query }
      const { isVerified, checkBody } = authenticate(app, signed, options.nowSeconds(), tolerance)
      // Before the body is read, as it may arrive slowly.
      if (isVerified) options.keepAlive(request)
      isSigned = isVerified
      let body = ''
      if (hasBody) {
        requests.bodies.begin(isVerified, declared)
        // Awaited here: in an asynchronous function of its own it would cost each publish 4 % more.
        try {
          body = await request.text()
        } catch (error) {
          throw bodyError(error, maxRequestBytes)
        } finally {
          requests.bodies.end(isVerified, declared)
        }
        if (exceedsBytes(body, maxRequestBytes)) throw tooLarge(maxRequestBytes)
        isSigned = false
        checkBody(body)
        isSigned = true
      }
      if (!isVerified) options.keepAlive(request)
      return answer(options, requests, request, app, { route, query, body })
    } catch (error) {
      const response = errorResponse(error, { method, sentPath, fullPath }, options)
      if (asksToClose(request)) await readRest(request)
      return isSigned ? response : options.unsigned(request, response)
    }
  }
}

function newRequestState({ idempotencySeconds, maxRequestBytes, refused }: ApiOptions): RequestState {
  const onDropped = (appId: string, times: number) =>
    refused({ type: 'refused', refusal: 'idempotency-key-dropped', appId, about: '', times })
  return {
    rates: new RequestRates(),
    idempotency: new Idempotency(idempotencySeconds, onDropped),
    bodies: new ReceivedBodies(maxRequestBytes),
  }
}

/** The route of a request, or the answer to one that needs neither an app nor a signature. @throws HttpError 400, 404 or 405 */
function openRoute(
  options: ApiOptions,
  { method, headers }: Request,
  fullPath: string,
): Exclude<Route, { name: 'health' | 'ready' }> | Response {
  if (headers.get('host')?.includes(',')) throw severalHosts()
  // Sent by `option httpchk` of HAProxy where no path is configured.
  if (method === 'OPTIONS' && fullPath === '/') return allows('OPTIONS')
  const path = withoutPrefix(fullPath, options.prefix)
  if (method === 'OPTIONS') return allows(allowedMethods(path))
  const route = findRoute(method, path)
  if (route.name === 'health') return json('{"health":"OK"}')
  if (route.name === 'ready') return json(options.isDegraded() ? '{"health":"degraded"}' : '{"health":"OK"}')
  return route
}

type RequestContext = Pick<Target, 'query'> & { readonly route: SignedRoute; readonly body: string }

/** Answers a request whose signature is verified. */
function answer(options: ApiOptions, requests: RequestState, request: Request, app: App, context: RequestContext): Response {
  const { route, body } = context
  if (!app.enabled) throw new HttpError(403, 'request-app-disabled', `The app [${app.id}] is disabled.`)
  const nowMs = options.nowMs()
  requests.rates.count(app, nowMs)
  const act = () => dispatch(options, context, app, nowMs)
  const key = options.idempotencySeconds > 0 && publishes(route) ? request.headers.get(keyHeader) : null
  if (key === null) return json(act())
  return withIdempotencyKey(requests.idempotency, app, key, `${route.name} ${md5(body)}`, nowMs, act)
}

/**
 * Every form in which the path may have been signed, the likeliest first: without the prefix, as it was sent, with one slash in front,
 * and each of these as the SDKs had it before it was encoded. There are six at most, so that a request costs six HMACs at most.
 */
function signedPaths(sentPath: string, fullPath: string, prefix: string): string[] {
  const path = fullPath.slice(prefix.length)
  const sent = path === sentPath ? [path] : [...new Set([path, sentPath, fullPath])]
  return sentPath.includes('%') ? [...sent, ...sent.map(decodeComponent)] : sent
}

/** @throws HttpError 404; or 503 while the apps cannot be looked up, as the app may exist */
function findApp(queries: Queries, id: string): App {
  const app = queries.app(id)
  if (app !== undefined) return app
  if (queries.areAppsKnown) throw new HttpError(404, 'request-unknown-app', `No matching application for ID [${id}].`)
  throw new HttpError(503, 'request-apps-unreachable', 'Applications cannot be looked up at the moment.', {
    headers: { 'Retry-After': '5' },
  })
}

/** The answer where a body cannot be read. */
function bodyError(error: unknown, maxRequestBytes: number): HttpError {
  return isOversize(error) ? tooLarge(maxRequestBytes) : new HttpError(400, 'request-incomplete', 'The body was cut short.')
}

function publishes({ name }: SignedRoute): boolean {
  return name === 'events' || name === 'batch-events'
}

/** Carries a request out, unless one with the same key was: then its answer is repeated. */
function withIdempotencyKey(
  idempotency: Idempotency,
  app: App,
  key: string,
  fingerprint: string,
  nowMs: number,
  act: () => string,
): Response {
  const before = idempotency.find(app.id, key, fingerprint, nowMs)
  if (before !== undefined) return replayed(before)
  const answer = act()
  idempotency.remember(app.id, key, fingerprint, answer, nowMs)
  return json(answer)
}

function replayed(before: string): Response {
  const response = json(before)
  response.headers.set(replayedHeader, 'true')
  return response
}

/** Carries out a signed request, and returns its answer as JSON text. */
function dispatch(
  { queries, publish, terminate }: ApiOptions,
  { route, query, body }: RequestContext,
  app: App,
  nowMs: number,
): string {
  switch (route.name) {
    case 'events':
      return JSON.stringify(events(parseBody(body), app, queries, publish, nowMs))
    case 'batch-events':
      return JSON.stringify(batchEvents(parseBody(body), app, queries, publish, nowMs))
    case 'channels':
      return JSON.stringify(channels(queries, app.id, parseQuery(query), nowMs))
    case 'channel':
      return JSON.stringify(channel(queries, app.id, route.subject, parseQuery(query), nowMs))
    case 'channel-users':
      return channelUsers(queries, app.id, route.subject)
    case 'connections':
      return JSON.stringify({ connections: queries.socketCount(app.id) })
    case 'terminate':
      terminate(app, route.subject)
      return '{}'
  }
}

function allows(methods: string): Response {
  return new Response(null, { status: 204, headers: { Allow: methods } })
}

/** Bun joins headers of one name with commas, and no host name has one. A proxy may have routed the request by either header. */
function severalHosts(): HttpError {
  return new HttpError(400, 'request-host', 'More than one Host header.', { headers: { Connection: 'close' } })
}

/** Made once: each response copies its headers. */
const jsonHeaders = new Headers({ 'Content-Type': 'application/json' })

/** The answer to a publish without `info`: a copy costs less than a new response. */
const emptyObject = new Response('{}', { headers: jsonHeaders })

function json(text: string): Response {
  return text === '{}' ? (emptyObject.clone() as Response) : new Response(text, { headers: jsonHeaders })
}
