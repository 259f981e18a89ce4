/** The HTTP API: a request in, a response out. It needs no port. */
import type { App } from '../core/app.ts'
import type { Refused } from '../core/effect.ts'
import type { Publication } from '../core/hub.ts'
import { type State, socketCount } from '../core/state.ts'
import { exceedsBytes } from '../protocol/bytes.ts'
import { type RequestRefusal, refusalHeader } from '../protocol/refusal.ts'
import { md5 } from '../protocol/signature.ts'
import { authenticate } from './authenticate.ts'
import { parseBody } from './body.ts'
import { channel, channels, channelUsers } from './channels.ts'
import { batchEvents, events } from './events.ts'
import { HttpError, InvalidBody } from './http-error.ts'
import { Idempotency, keyHeader, replayedHeader } from './idempotency.ts'
import { decodeComponent, parseQuery } from './query-string.ts'
import { declaredBytes, isOversize, ReceivedBodies, tooLarge } from './received-bodies.ts'
import { RequestRates } from './request-rate.ts'
import { allowedMethods, findRoute, type Route, withOneSlash, withoutPrefix } from './routes.ts'
import { type Target, targetOf } from './target.ts'
import { asksToClose, readRest } from './unread-body.ts'

export type ApiOptions = {
  readonly state: State
  /** `/prefix`, or empty. */
  readonly prefix: string
  readonly maxRequestBytes: number
  readonly timestampToleranceSeconds: number
  /** For how long the answer to a publish with an idempotency key is remembered; 0: not at all. */
  readonly idempotencySeconds: number
  /** Unix time. */
  readonly nowSeconds: () => number
  /** Of a clock that never goes back. */
  readonly nowMs: () => number
  /** Whether this server hears nothing of the others of its cluster at the moment. */
  readonly isDegraded: () => boolean
  readonly publish: (app: App, publication: Publication, nowMs: number) => void
  readonly terminate: (app: App, userId: string) => void
  /** Makes a WebSocket of the request, or says why not. `undefined`: it is one now. */
  readonly upgrade: (request: Request, appKey: string) => Response | undefined
  /** Keeps the connection of a signed request open for the next one: it is a publisher's, or a proxy's. */
  readonly keepAlive: (request: Request) => void
  /** The answer to a request whose signature was not verified, with `Connection: close` where its connection has had too many of them. */
  readonly unsigned: (request: Request, response: Response) => Response | Promise<Response>
  /** A request was not answered with 200, or something was dropped because of it. */
  readonly refused: (refused: Refused) => void
  /** Something that nobody foresaw. @param request its method and path: the query has a signature in it */
  readonly unexpected: (error: unknown, request: string) => void
}

export type Api = (request: Request) => Promise<Response | undefined>

/** What is known of earlier requests, and of those that are being received. */
type Memory = {
  readonly rates: RequestRates
  readonly idempotency: Idempotency
  readonly bodies: ReceivedBodies
}

export function createApi(options: ApiOptions): Api {
  const forgotten = (appId: string, times: number) =>
    options.refused({ type: 'refused', refusal: 'idempotency-key-dropped', appId, about: '', times })
  const memory: Memory = {
    rates: new RequestRates(),
    idempotency: new Idempotency(options.idempotencySeconds, forgotten),
    bodies: new ReceivedBodies(options.maxRequestBytes),
  }
  return async request => {
    const { method } = request
    const { sentPath, query } = targetOf(request.url)
    const fullPath = withOneSlash(sentPath)
    const unsigned = (response: Response) => options.unsigned(request, response)
    let isSigned = false
    try {
      if (request.headers.get('host')?.includes(',')) throw severalHosts()
      // Sent by `option httpchk` of HAProxy where no path is configured.
      if (method === 'OPTIONS' && fullPath === '/') return unsigned(allows('OPTIONS'))
      const path = withoutPrefix(fullPath, options.prefix)
      if (method === 'OPTIONS') return unsigned(allows(allowedMethods(path)))
      const route = findRoute(method, path)
      if (route.name === 'health') return unsigned(json('{"health":"OK"}'))
      if (route.name === 'ready') return unsigned(json(options.isDegraded() ? '{"health":"degraded"}' : '{"health":"OK"}'))
      if (route.name === 'socket') return options.upgrade(request, route.app)
      // The body of a GET is not read: that takes longer than the rest of the request.
      const hasBody = method === 'POST'
      const announced = hasBody ? declaredBytes(request, options.maxRequestBytes) : 0
      const app = options.state.apps.byId.get(route.app)
      if (app === undefined) throw unknownApp(options.state, route.app)
      const signed = { method, paths: pathsOf({ sentPath, fullPath, path }), query }
      const { isVerified, checkBody } = authenticate(app, signed, options.nowSeconds(), options.timestampToleranceSeconds)
      // Before the body is read, so that it may come slowly.
      if (isVerified) options.keepAlive(request)
      isSigned = isVerified
      let body = ''
      if (hasBody) {
        memory.bodies.begin(isVerified, announced)
        // Awaited here: in an asynchronous function of its own it would cost each publish 4 % more.
        try {
          body = await request.text()
        } catch (error) {
          throw isOversize(error)
            ? tooLarge(options.maxRequestBytes)
            : new HttpError(400, 'request-incomplete', 'The body was cut short.')
        } finally {
          memory.bodies.end(isVerified, announced)
        }
        if (exceedsBytes(body, options.maxRequestBytes)) throw tooLarge(options.maxRequestBytes)
        isSigned = false
        checkBody(body)
        isSigned = true
      }
      if (!isVerified) options.keepAlive(request)
      return answer(options, memory, request, app, { route, query, body })
    } catch (error) {
      const response = errorResponse(error, options, { method, sentPath, fullPath })
      if (isSigned) return response
      if (asksToClose(request)) await readRest(request)
      return unsigned(response)
    }
  }
}

type Paths = Pick<Target, 'sentPath'> & {
  /** With one slash in front. */
  readonly fullPath: string
  /** Without the server's prefix. */
  readonly path: string
}

type Asked = Pick<Target, 'query'> & { readonly route: Route; readonly body: string }

/** Whatever needs a signature, once it is verified. */
function answer(options: ApiOptions, memory: Memory, request: Request, app: App, asked: Asked): Response {
  const { route, body } = asked
  if (!app.enabled) throw new HttpError(403, 'request-app-disabled', `The app [${app.id}] is disabled.`)
  const nowMs = options.nowMs()
  memory.rates.count(app, nowMs)
  const act = () => dispatch(options, asked, app, nowMs)
  const key = options.idempotencySeconds > 0 && publishes(route) ? request.headers.get(keyHeader) : null
  return key === null ? json(act()) : once(memory.idempotency, app, key, `${route.name} ${md5(body)}`, nowMs, act)
}

/**
 * Every form in which the path may have been signed, the likeliest first: without the prefix, as it was sent, with one slash in front,
 * and each of these as the SDKs had it before it was encoded. There are six at most, so a request costs six HMACs at most.
 */
function pathsOf({ path, sentPath, fullPath }: Paths): string[] {
  const sent = path === sentPath ? [path] : [...new Set([path, sentPath, fullPath])]
  return sentPath.includes('%') ? [...sent, ...sent.map(decodeComponent)] : sent
}

/** Nobody is told that an app does not exist while that cannot be known. */
function unknownApp({ areAppsKnown }: State, id: string): HttpError {
  if (areAppsKnown) return new HttpError(404, 'request-unknown-app', `No matching application for ID [${id}].`)
  return new HttpError(503, 'request-apps-unreachable', 'Applications cannot be looked up at the moment.', { 'Retry-After': '5' })
}

function publishes({ name }: Route): boolean {
  return name === 'events' || name === 'batch-events'
}

/** Acts unless the same was done under that key before; then the answer is what it was. */
function once(idempotency: Idempotency, app: App, key: string, fingerprint: string, nowMs: number, act: () => string): Response {
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

/** Every route behind the signature; the result is JSON text. */
function dispatch({ state, publish, terminate }: ApiOptions, { route, query, body }: Asked, app: App, nowMs: number): string {
  switch (route.name) {
    case 'events':
      return JSON.stringify(events(parseBody(body), app, state, publish, nowMs))
    case 'batch-events':
      return JSON.stringify(batchEvents(parseBody(body), app, state, publish, nowMs))
    case 'channels':
      return JSON.stringify(channels(state, app.id, parseQuery(query), nowMs))
    case 'channel':
      return JSON.stringify(channel(state, app.id, route.subject, parseQuery(query), nowMs))
    case 'channel-users':
      return channelUsers(state, app.id, route.subject)
    case 'connections':
      return JSON.stringify({ connections: socketCount(state, app.id) })
    case 'terminate':
      terminate(app, route.subject)
      return '{}'
    default:
      throw new Error(`no answer for the route ${route.name}`)
  }
}

function allows(methods: string): Response {
  return new Response(null, { status: 204, headers: { Allow: methods } })
}

/** Bun joins headers of one name with commas, and no host name has one. A proxy may have routed the request by either header. */
function severalHosts(): HttpError {
  return new HttpError(400, 'request-host', 'More than one Host header.', { Connection: 'close' })
}

/** Made once: what a response is given is copied. */
const jsonHeaders = new Headers({ 'Content-Type': 'application/json' })

/** To a publish that asks for nothing: a copy costs less than to make another. */
const published = new Response('{}', { headers: jsonHeaders })

function json(text: string): Response {
  return text === '{}' ? (published.clone() as Response) : new Response(text, { headers: jsonHeaders })
}

/** The id of the app whose path this is; undefined where there is no such app. The path need not be one of the routes. */
function appOf(fullPath: string, { prefix, state }: ApiOptions): string | undefined {
  const path = fullPath.startsWith(prefix) ? fullPath.slice(prefix.length) : fullPath
  const id = decodeComponent(/^\/apps\/([^/]+)/.exec(path)?.[1] ?? '')
  return state.apps.byId.has(id) ? id : undefined
}

function errorResponse(
  error: unknown,
  options: ApiOptions,
  { method, sentPath, fullPath }: Omit<Paths, 'path'> & { readonly method: string },
): Response {
  // Without the query, in which the signature is.
  const name = `${method} ${sentPath}`
  const refused = (refusal: RequestRefusal, reason: string) =>
    options.refused({ type: 'refused', refusal, appId: appOf(fullPath, options), about: `${name}: ${reason}` })
  if (error instanceof HttpError) {
    refused(error.refusal, `${error.status} ${error.message}`)
    return new Response(error.message, { status: error.status, headers: { ...error.headers, [refusalHeader]: error.refusal } })
  }
  if (error instanceof InvalidBody) {
    const fields = JSON.stringify(error.fields)
    refused('request-invalid', `422 ${fields}`)
    return new Response(fields, {
      status: 422,
      headers: { 'Content-Type': 'application/json', [refusalHeader]: 'request-invalid' },
    })
  }
  options.unexpected(error, name)
  return new Response('Internal server error.', { status: 500 })
}
