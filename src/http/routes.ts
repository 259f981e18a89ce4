/** The table of routes: method and path in, route and parameters out. */
import { HttpError } from './http-error.ts'
import { decodeComponent } from './query-string.ts'

export type RouteName =
  | 'health'
  | 'ready'
  | 'socket'
  | 'events'
  | 'batch-events'
  | 'connections'
  | 'channels'
  | 'channel'
  | 'channel-users'
  | 'terminate'

type RouteOf<Name> = Name extends RouteName
  ? {
      readonly name: Name
      /** The app's id, or on the socket route its key. It is empty on the routes of health. */
      readonly app: string
      /** The channel or user in the path, decoded; empty where there is none. */
      readonly subject: string
    }
  : never

export type Route = RouteOf<RouteName>

/** The route of a request that needs a signature. */
export type SignedRoute = RouteOf<Exclude<RouteName, 'health' | 'ready' | 'socket'>>

type Row = { readonly name: RouteName; readonly method: 'GET' | 'POST'; readonly path: RegExp }

const rows: readonly Row[] = [
  { name: 'events', method: 'POST', path: /^\/apps\/([^/]+)\/events$/ },
  { name: 'socket', method: 'GET', path: /^\/app\/([^/]+)$/ },
  { name: 'batch-events', method: 'POST', path: /^\/apps\/([^/]+)\/batch_events$/ },
  { name: 'connections', method: 'GET', path: /^\/apps\/([^/]+)\/connections$/ },
  { name: 'channels', method: 'GET', path: /^\/apps\/([^/]+)\/channels$/ },
  { name: 'channel', method: 'GET', path: /^\/apps\/([^/]+)\/channels\/([^/]+)$/ },
  { name: 'channel-users', method: 'GET', path: /^\/apps\/([^/]+)\/channels\/([^/]+)\/users$/ },
  { name: 'terminate', method: 'POST', path: /^\/apps\/([^/]+)\/users\/([^/]+)\/terminate_connections$/ },
  { name: 'health', method: 'GET', path: /^\/up$/ },
  { name: 'ready', method: 'GET', path: /^\/ready$/ },
]

/**
 * @param path without the server's prefix, as it was sent
 * @throws HttpError 404, or 405 with `Allow`
 */
export function findRoute(method: string, path: string): Route {
  for (const row of rows) {
    const match = row.path.exec(path)
    if (match === null) continue
    if (method !== row.method && !(method === 'HEAD' && row.method === 'GET'))
      throw new HttpError(405, 'request-method', 'Method not allowed.', { headers: { Allow: allow(row) } })
    return { name: row.name, app: decodeComponent(match[1] ?? ''), subject: decodeComponent(match[2] ?? '') }
  }
  throw notFound()
}

/** The header `Allow` for a path. @throws HttpError 404 */
export function allowedMethods(path: string): string {
  const row = rows.find(({ path: pattern }) => pattern.test(path))
  if (row === undefined) throw notFound()
  return allow(row)
}

export const slashCode = 47

/**
 * Replaces several slashes in front of a path by one, as Reverb does: a proxy that strips a prefix may leave two, and so does a client
 * whose prefix is `/`. Inner slashes stay. This runs for every publish, and two comparisons of character codes are the cheapest check.
 */
export function withOneSlash(path: string): string {
  return path.charCodeAt(1) === slashCode && path.charCodeAt(0) === slashCode ? path.replace(/^\/+/, '/') : path
}

/** The path without the server's prefix. @throws HttpError 404 where it does not begin with the prefix */
export function withoutPrefix(path: string, prefix: string): string {
  if (prefix === '') return path
  if (!path.startsWith(`${prefix}/`)) throw notFound()
  return path.slice(prefix.length)
}

function allow({ method }: Row): string {
  return method === 'GET' ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS'
}

function notFound(): HttpError {
  return new HttpError(404, 'request-path', 'Not found.')
}
