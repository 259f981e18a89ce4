/** Whether a request comes from the application: Pusher's signature of method, path, query and body. */
import type { App } from '../core/app.ts'
import { md5, verifyRequest } from '../protocol/signature.ts'
import { HttpError } from './http-error.ts'
import { canonicalQuery, type Query } from './query-string.ts'

export type Signed = {
  readonly method: string
  /** Every form of the path that may have been signed: with and without the prefix, and as the SDKs had it before it was encoded. */
  readonly paths: readonly string[]
  readonly query: Query
  readonly body: string
}

const invalid = 'Authentication signature invalid'

/**
 * Nothing else of a request may be looked at before this returns.
 *
 * @throws HttpError 401 that says which of the parts fails, once the signature itself holds
 */
export function authenticate(app: App, request: Signed, nowSeconds: number, toleranceSeconds: number): void {
  const { query, body } = request
  const bodyMd5 = body === '' ? undefined : md5(body)
  const canonical = canonicalQuery(query, bodyMd5)
  const signature = query.get('auth_signature')
  const holds =
    signature !== undefined && request.paths.some(path => verifyRequest(app.secret, request.method, path, canonical, signature))
  if (!holds) throw new HttpError(401, `${invalid}.`)
  const sentMd5 = query.get('body_md5')
  // Nobody reads the body of a GET; Bun does not even hand it over.
  if (request.method === 'POST' && sentMd5 !== undefined && sentMd5 !== (bodyMd5 ?? md5('')))
    throw new HttpError(401, `${invalid}: body_md5 is not that of the body.`)
  if (query.get('auth_key') !== app.key) throw new HttpError(401, `${invalid}: auth_key is not the key of this app.`)
  if (query.get('auth_version') !== '1.0') throw new HttpError(401, `${invalid}: auth_version must be 1.0.`)
  checkTimestamp(query.get('auth_timestamp') ?? '', nowSeconds, toleranceSeconds)
}

function checkTimestamp(text: string, nowSeconds: number, toleranceSeconds: number): void {
  if (!/^\d+$/.test(text)) throw new HttpError(401, `${invalid}: auth_timestamp must be a Unix time in seconds.`)
  const offBy = Math.round(Math.abs(nowSeconds - Number(text)))
  if (offBy <= toleranceSeconds) return
  throw new HttpError(
    401,
    `${invalid}: auth_timestamp is ${offBy} seconds off, ${toleranceSeconds} are allowed. Are both clocks right?`,
  )
}
