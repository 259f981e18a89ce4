/** Whether a request comes from the application: Pusher's signature of method, path, query and body. */
import type { App } from '../core/app.ts'
import { md5, verifyRequest } from '../protocol/signature.ts'
import { HttpError } from './http-error.ts'
import { canonicalQuery, parseQuery } from './query-string.ts'

export type Signed = {
  readonly method: string
  /** Every form of the path that may have been signed: with and without the prefix, and as the SDKs had it before it was encoded. */
  readonly paths: readonly string[]
  /** As it was sent. */
  readonly query: string
  readonly body: string
}

const invalid = 'Authentication signature invalid'
const isUnixTime = /^\d+$/
/** Of SHA-256, in hex. */
const signatureLength = 64

/**
 * Nothing else of a request may be looked at before this returns.
 *
 * @throws HttpError 401 that says which of the parts fails, once the signature itself holds
 */
export function authenticate(app: App, request: Signed, nowSeconds: number, toleranceSeconds: number): void {
  const { method, paths, query, body } = request
  const bodyMd5 = body === '' ? undefined : md5(body)
  const { canonical, sent } = usual(app, query, bodyMd5) ?? unusual(query, bodyMd5)
  const { signature } = sent
  const holds = signature !== undefined && paths.some(path => verifyRequest(app.secret, method, path, canonical, signature))
  if (!holds) throw new HttpError(401, 'request-signature', `${invalid}.`)
  // Nobody reads the body of a GET; Bun does not even hand it over.
  if (method === 'POST' && sent.bodyMd5 !== undefined && sent.bodyMd5 !== (bodyMd5 ?? md5('')))
    throw new HttpError(401, 'request-signature', `${invalid}: body_md5 is not that of the body.`)
  if (sent.key !== app.key) throw new HttpError(401, 'request-signature', `${invalid}: auth_key is not the key of this app.`)
  if (sent.version !== '1.0') throw new HttpError(401, 'request-signature', `${invalid}: auth_version must be 1.0.`)
  checkTimestamp(sent.timestamp ?? '', nowSeconds, toleranceSeconds)
}

type Query = {
  /** What is signed of it. */
  readonly canonical: string
  readonly sent: Readonly<Record<'key' | 'timestamp' | 'version' | 'bodyMd5' | 'signature', string | undefined>>
}

const pieces = {
  key: 'auth_key=',
  timestamp: '&auth_timestamp=',
  bodyMd5: '&auth_version=1.0&body_md5=',
  signature: '&auth_signature=',
}

/**
 * What Pusher's SDKs send with an event: these parameters, sorted as they are signed and with nothing encoded. What stands where is
 * known beforehand, and to look whether it does is a fraction of the work of reading whatever may come.
 */
function usual({ key }: App, query: string, bodyMd5 = ''): Query | undefined {
  const keyEnd = pieces.key.length + key.length
  const timestampStart = keyEnd + pieces.timestamp.length
  const timestampEnd = query.indexOf('&', timestampStart)
  const md5Start = timestampEnd + pieces.bodyMd5.length
  const md5End = md5Start + bodyMd5.length
  const signatureStart = md5End + pieces.signature.length
  const isUsual =
    query.length === signatureStart + signatureLength &&
    query.startsWith(pieces.key) &&
    query.startsWith(key, pieces.key.length) &&
    query.startsWith(pieces.timestamp, keyEnd) &&
    query.startsWith(pieces.bodyMd5, timestampEnd) &&
    query.startsWith(bodyMd5, md5Start) &&
    query.startsWith(pieces.signature, md5End)
  if (!isUsual) return undefined
  const timestamp = query.slice(timestampStart, timestampEnd)
  const sent = { key, timestamp, version: '1.0', bodyMd5, signature: query.slice(signatureStart) }
  return isUnixTime.test(timestamp) ? { canonical: query.slice(0, md5End), sent } : undefined
}

function unusual(text: string, bodyMd5: string | undefined): Query {
  const query = parseQuery(text)
  const sent = {
    key: query.get('auth_key'),
    timestamp: query.get('auth_timestamp'),
    version: query.get('auth_version'),
    bodyMd5: query.get('body_md5'),
    signature: query.get('auth_signature'),
  }
  return { canonical: canonicalQuery(query, bodyMd5), sent }
}

function checkTimestamp(text: string, nowSeconds: number, toleranceSeconds: number): void {
  if (!isUnixTime.test(text))
    throw new HttpError(401, 'request-timestamp', `${invalid}: auth_timestamp must be a Unix time in seconds.`)
  const offBy = Math.round(Math.abs(nowSeconds - Number(text)))
  if (offBy <= toleranceSeconds) return
  throw new HttpError(
    401,
    'request-timestamp',
    `${invalid}: auth_timestamp is ${offBy} seconds off, ${toleranceSeconds} are allowed. Are both clocks right?`,
  )
}
