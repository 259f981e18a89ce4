/** The HTTP API without a port, and short ways to ask it. */
import type { App } from '../../src/core/app.ts'
import type { Refused } from '../../src/core/effect.ts'
import type { Publication } from '../../src/core/hub.ts'
import { type ApiOptions, createApi } from '../../src/http/api.ts'
import { testApp } from './apps.ts'
import { hubWith, put } from './core.ts'
import { type SignedRequest, signedQuery } from './sign.ts'

export const app = testApp()
/** The Unix time of the API, and of the signatures. */
export const now = 1_700_000_000

/** A request, what is signed of it, and with the secret of which app. */
export type Asking = Partial<SignedRequest> & {
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly key?: App
}

/** An API over a hub of its own, and what it was asked to do. Its app has two sockets, and a user on `presence-x`. */
export function apiWith(options: Partial<ApiOptions> = {}, served = app) {
  const hub = hubWith(served, '1.1', '2.2')
  put(hub, served, '1.1', 'presence-x', '{"user_id":"1"}')
  const published: Publication[] = []
  const terminated: string[] = []
  const unexpected: unknown[] = []
  const refused: Refused[] = []
  const api = createApi({
    queries: hub.queries,
    prefix: '',
    maxRequestBytes: 100,
    timestampToleranceSeconds: 600,
    idempotencySeconds: 120,
    nowSeconds: () => now,
    nowMs: () => 1,
    isDegraded: () => false,
    publish: (to, publication) => void published.push({ ...publication, name: `${to.id} ${publication.name}` }),
    terminate: (from, userId) => void terminated.push(`${from.id} ${userId}`),
    keepAlive: () => {},
    unsigned: (_, response) => response,
    upgrade: (_, key) => new Response(key, { status: 299 }),
    refused: refusal => void refused.push(refusal),
    unexpected: (error, request) => void unexpected.push([error, request]),
    ...options,
  })
  /** A signed request, and the status, text and headers of its answer. */
  async function ask({ method = 'GET', path = '/', body = '', key = app, url = path, headers = {}, query }: Asking) {
    const signed = signedQuery(key, { method, path, body, timestamp: now, ...(query === undefined ? {} : { query }) })
    const init = { method, headers, ...(body === '' ? {} : { body }) }
    const response = (await api(new Request(`http://host:1${url}?${signed}`, init)))!
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  const get = async (url: string, method = 'GET') => {
    const response = (await api(new Request(`http://host:1${url}`, { method })))!
    return { status: response.status, text: await response.text() }
  }
  return { hub, published, terminated, unexpected, refused, api, ask, get }
}

/** The body of a publish. */
export const event = '{"name":"e","channel":"news","data":"d"}'
export const post = (path: string, body = event): Asking => ({ method: 'POST', path, body })
